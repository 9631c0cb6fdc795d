#include "cli/context.h"

#include "agent/agent_keys.h"
#include "agent/client.h"
#include "aws/client.h"
#include "aws/profile.h"
#include "aws/settings.h"
#include "base/text.h"
#include "cli/make_store.h"
#include "cli/screen.h"
#include "cli/sign_in_guide.h"
#include "credentials/broker.h"
#include "credentials/sign_in.h"
#include "credentials/stored_keys.h"
#include "credentials/stored_sign_ins.h"
#include "deliver/environment.h"
#include "http/client.h"
#include "http/deadline_client.h"
#include "secret/asker.h"
#include "secret/keyring.h"
#include "secret/places.h"
#include "secret/secret_service.h"
#include "secret/slot.h"
#include "secret/store.h"
#include "secret/terminal_prompt.h"
#include "secret/tpm.h"
#include "version.h"

#include <algorithm>
#include <utility>

namespace cli {
namespace {

constexpr int kLastDescriptor = 1023;

bool asks_a_person(const secret::Store& store) {
  return std::ranges::any_of(store.slots(), [&](const secret::SlotHeader& slot) {
    return slot.id == store.chosen_slot() && secret::needs_person(slot);
  });
}

/// The terminal, until it is shut.
class ShutablePrompt final : public secret::Prompt {
 public:
  /// `other`: who is asked in the terminal's place; null: nobody but the terminal.
  explicit ShutablePrompt(std::unique_ptr<secret::Prompt> other) : other_(std::move(other)) {}
  void shut() { is_open_ = false; }
  base::Result<void> ready() override { return is_open_ ? open().ready() : nobody(); }
  base::Result<secret::Bytes> ask_secret(std::string_view question) override {
    if (!is_open_) return nobody();
    return open().ask_secret(question);
  }
  base::Result<secret::Bytes> ask_mfa_code(std::string_view device) override {
    if (!is_open_) return nobody();
    return open().ask_mfa_code(device);
  }
  base::Result<std::string> ask_text(std::string_view question) override {
    if (!is_open_) return nobody();
    return open().ask_text(question);
  }
  base::Result<void> tell(std::string_view line) override { return is_open_ ? open().tell(line) : nobody(); }

 private:
  secret::Prompt& open() { return other_ != nullptr ? *other_ : terminal_; }
  static std::unexpected<base::Error> nobody() {
    return base::fail(base::ErrorKind::sign_in_needed, "nobody can be asked in the background");
  }

  secret::TerminalPrompt terminal_;
  std::unique_ptr<secret::Prompt> other_;
  bool is_open_ = true;
};

}  // namespace

/// Later members use earlier ones, and go first.
struct Context::Made {
  explicit Made(std::unique_ptr<secret::Prompt> other) : prompt(std::move(other)) {}

  std::optional<base::Result<aws::Profiles>> profiles;
  std::optional<base::Result<secret::Places>> places;
  std::optional<secret::Store> store;
  aws::RandomJitter jitter;
  std::optional<base::Duration> deadline;  // of calls to AWS
  std::unique_ptr<http::Client> http;
  std::unique_ptr<aws::Client> client;

  ShutablePrompt prompt;
  secret::KernelKeyring keyring;
  std::unique_ptr<secret::Asker> asker;
  std::unique_ptr<secret::DesktopSecretService> secret_service;
  std::unique_ptr<secret::MachineTpm> tpm;
  std::unique_ptr<secret::Unlocker> unlocker;
  std::unique_ptr<secret::Unlocker> unlocker_or_agent;

  std::unique_ptr<agent::Client> agent;
  std::unique_ptr<agent::AgentKeys> keys;
  std::optional<base::Environment> named_environment;
  std::unique_ptr<credentials::Broker> broker;

  std::string asked_profile;  // whose settings count for sign-ins; empty: AWS's default order
  StandardScreen screen;
  std::unique_ptr<TerminalSignInGuide> guide;
  std::unique_ptr<agent::AgentRecords> agent_records;
  std::unique_ptr<credentials::StoredSignIns> stored_sign_ins;
  std::unique_ptr<credentials::SignIns> sign_ins;
};

Context::Context(base::Clock& clock, const base::Environment& environment, Output& output, Manner manner)
    : clock_(clock),
      environment_(environment),
      output_(output),
      manner_(std::move(manner)),
      made_(std::make_unique<Made>(manner_.make_prompt ? manner_.make_prompt() : nullptr)) {}

Context::~Context() = default;

void Context::debug(std::string_view text) {
  if (options_.verbose) output_.note(text);
}

const base::Environment& Context::environment_for(std::string_view profile) {
  if (profile.empty()) return environment_;
  if (!made_->named_environment) made_->named_environment = deliver::without_outer_role(environment_);
  return *made_->named_environment;
}

base::Result<const aws::Profiles*> Context::profiles() {
  if (!made_->profiles)
    made_->profiles = manner_.load_profiles ? manner_.load_profiles(environment_) : aws::Profiles::load(environment_);
  if (!*made_->profiles) return std::unexpected(made_->profiles->error());
  return &**made_->profiles;
}

std::unique_ptr<http::Client> Context::make_http(http::ClientSettings settings) {
  auto client = http::make_client(environment_, std::move(settings));
  if (!made_->deadline) return client;
  return http::make_deadline_client(std::move(client), clock_, *made_->deadline);
}

http::Client& Context::http_client(const aws::SettingSources& from) {
  if (made_->http == nullptr) {
    const auto bundle = aws::ca_bundle(from);
    made_->http = make_http({bundle ? bundle->value : ""});
  }
  return *made_->http;
}

aws::Client& Context::aws_client(const aws::SettingSources& from) {
  if (made_->client == nullptr)
    made_->client = std::make_unique<aws::Client>(http_client(from), clock_, made_->jitter, environment_);
  return *made_->client;
}

base::Result<credentials::Broker*> Context::broker(std::string_view profile) {
  if (made_->broker != nullptr) return made_->broker.get();
  const secret::Places* const places = TRY(this->places());
  made_->asked_profile = profile;
  made_->keys = std::make_unique<agent::AgentKeys>(
      credentials::StoredKeys(*places, [this] { return unlocker(); }),
      credentials::StoredKeys(*places, [this] { return unlocker_or_agent(); }), [this] { return agent(); });
  made_->broker = std::make_unique<credentials::Broker>(credentials::Surroundings{
      .environment = environment_for(profile),
      .clock = clock_,
      .places = *places,
      .keyring = made_->keyring,
      .prompt = made_->prompt,
      .keys = *made_->keys,
      .jitter = made_->jitter,
      .make_http = [this](http::ClientSettings settings) { return make_http(std::move(settings)); },
      .note = [this](std::string_view line) { output_.note(line); },
      .sign_ins = [this] { return sign_ins(); },
      .profiles = [this] { return profiles(); }});
  return made_->broker.get();
}

base::Result<credentials::SignIns*> Context::sign_ins(const std::string& browser) {
  if (made_->sign_ins != nullptr) return made_->sign_ins.get();
  const secret::Places* const places = TRY(this->places());
  const aws::Profiles* const profiles = TRY(this->profiles());
  const std::string profile = aws::selected_profile(environment_, made_->asked_profile).value;
  made_->guide = std::make_unique<TerminalSignInGuide>(environment_, made_->screen, browser);
  made_->agent_records = std::make_unique<agent::AgentRecords>([this] { return agent(); });
  made_->stored_sign_ins = std::make_unique<credentials::StoredSignIns>(
      *places, [this] { return unlocker_or_agent(); }, [this] { return make_store(*this, {}); },
      made_->agent_records.get());
  const auto http = [this, profiles, profile]() -> http::Client& {
    const auto section = profiles->find(profile);
    return http_client({environment_, profiles, section && *section ? &**section : nullptr, {}, {}});
  };
  made_->sign_ins = std::make_unique<credentials::SignIns>(
      credentials::SignInSurroundings{.environment = environment_,
                                      .clock = clock_,
                                      .places = *places,
                                      .profile = profile,
                                      .jitter = made_->jitter,
                                      .store = *made_->stored_sign_ins,
                                      .guide = *made_->guide,
                                      .http = http,
                                      .note = [this](std::string_view line) { output_.note(line); }},
      *profiles);
  return made_->sign_ins.get();
}

base::Result<agent::Client*> Context::agent() {
  if (made_->agent != nullptr) return made_->agent.get();
  const secret::Places* const places = TRY(this->places());
  const agent::Use use = TRY(agent::use_of(environment_));
  made_->agent = std::make_unique<agent::Client>(
      agent::Client::Outside{.environment = environment_,
                             .clock = clock_,
                             .places = *places,
                             .version = kVersion,
                             .use = options_.no_agent ? agent::Use::no : use,
                             .note = [this](std::string_view line) { output_.note(line); }});
  return made_->agent.get();
}

secret::Prompt& Context::prompt() { return made_->prompt; }

void Context::ask_nobody() { made_->prompt.shut(); }

void Context::hurry(base::Duration at_most) { made_->deadline = clock_.monotonic() + at_most; }

base::Result<const secret::Places*> Context::places() {
  if (!made_->places) made_->places = secret::find_places(environment_);
  if (!*made_->places) return std::unexpected(made_->places->error());
  return &**made_->places;
}

base::Result<secret::Store*> Context::store() {
  if (!made_->store) {
    const secret::Places* const places = TRY(this->places());
    made_->store = TRY(secret::Store::open(*places));
  }
  return &*made_->store;
}

bool Context::has_given_passphrase() const {
  const auto is_set = [&](std::string_view name) { return environment_.get_nonempty(name).has_value(); };
  return is_set("KABUTO_PASSPHRASE_FILE") ||
         (!manner_.passphrase_variable.empty() && is_set(manner_.passphrase_variable));
}

base::Result<secret::Unlocker*> Context::unlocker() {
  if (made_->unlocker != nullptr) return made_->unlocker.get();
  if (!options_.passphrase_fd.empty()) {
    const auto fd = base::parse_integer(options_.passphrase_fd);
    if (!fd || *fd < 0 || *fd > kLastDescriptor)
      return base::fail(base::ErrorKind::usage, "--passphrase-fd needs the number of an open descriptor",
                        "try --passphrase-fd 3 with 3<FILE");
    made_->asker = std::make_unique<secret::LineAsker>(static_cast<int>(*fd));
  } else if (const auto file = environment_.get_nonempty("KABUTO_PASSPHRASE_FILE")) {
    made_->asker = std::make_unique<secret::LineAsker>(std::string(*file));
  } else if (has_given_passphrase()) {
    made_->asker = std::make_unique<secret::GivenAsker>(
        secret::Bytes::copy_of(*environment_.get_nonempty(manner_.passphrase_variable)));
  } else {
    made_->asker = std::make_unique<secret::TerminalAsker>(prompt());
  }
  const bool is_person = options_.passphrase_fd.empty() && !has_given_passphrase();
  const auto start = is_person ? agent::Start::where_missing : agent::Start::never;
  made_->secret_service = std::make_unique<secret::DesktopSecretService>(clock_);
  made_->tpm = std::make_unique<secret::MachineTpm>(clock_);
  made_->unlocker = std::make_unique<secret::Unlocker>(
      secret::Unlocker{.clock = clock_,
                       .asker = *made_->asker,
                       .secret_service = *made_->secret_service,
                       .tpm = *made_->tpm,
                       .limits = {},
                       .unlocked = [this, start](const secret::Store& store, const secret::DataKey& key) {
                         // A key file opens the store as often as it is needed: there is nobody to spare the asking.
                         if (asks_a_person(store))
                           if (const auto keeper = agent()) (*keeper)->hand_over(store, key, start);
                       }});
  return made_->unlocker.get();
}

base::Result<secret::Unlocker*> Context::unlocker_or_agent() {
  if (made_->unlocker_or_agent == nullptr) {
    made_->unlocker_or_agent = std::make_unique<secret::Unlocker>(*TRY(unlocker()));
    made_->unlocker_or_agent->is_served_meanwhile = [this] {
      const auto keeper = agent();
      return keeper && (*keeper)->is_unlocked();
    };
  }
  return made_->unlocker_or_agent.get();
}

base::Result<secret::DataKey> Context::data_key() {
  secret::Store* const store = TRY(this->store());
  secret::Unlocker* const unlocker = TRY(this->unlocker());
  return store->unlock(*unlocker);
}

}  // namespace cli
