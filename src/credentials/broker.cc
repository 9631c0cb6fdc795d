#include "credentials/broker.h"

#include "aws/settings.h"
#include "base/file.h"
#include "base/text.h"
#include "credentials/cache.h"
#include "credentials/hop_runner.h"
#include "credentials/mfa_device.h"
#include "credentials/next_asking.h"
#include "secret/digest.h"
#include "secret/read_secret.h"

#include <map>
#include <string>
#include <utility>

namespace credentials {
namespace {

// STS takes 2048 characters; white space of a readable file comes on top.
constexpr std::size_t kMostPolicyBytes = std::size_t{64} * 1024;

constexpr std::size_t kMostTokenBytes = std::size_t{128} * 1024;

base::Result<std::string> read_policy(const base::Environment& environment, const std::string& path) {
  std::string full = path;
  if (path.starts_with("~/"))
    if (const auto home = base::home_directory(environment)) full = *home + path.substr(1);
  if (!full.starts_with('/'))
    return base::fail(base::ErrorKind::refused, "a session policy file wants an absolute path");
  auto text = TRY(base::read_file(full, kMostPolicyBytes));
  if (!text) return base::fail(base::ErrorKind::not_found, full + ": no such file");
  return std::move(*text);
}

std::string fingerprint(const std::string& path) {
  const auto token = secret::read_token_file(path, kMostTokenBytes, "token file");
  return token ? secret::Digest().add_secret(*token).hex() : std::string();
}

}  // namespace

struct Broker::State {
  explicit State(Surroundings surroundings) : around(std::move(surroundings)), cache(around) {}

  base::Result<const aws::Profiles*> read_profiles(const Request& request) {
    if (request.made && (profiles == nullptr || !profiles->contains(request.profile))) {
      // The others' profiles are not ours to add to.
      own_profiles = TRY(aws::Profiles::load(around.environment));
      own_profiles->add_made(request.profile, request.made->keys, request.made->origin);
      profiles = &*own_profiles;
    }
    if (profiles != nullptr) return profiles;
    if (around.profiles) return profiles = TRY(around.profiles());
    own_profiles = TRY(aws::Profiles::load(around.environment));
    return profiles = &*own_profiles;
  }

  aws::Client& client_of(const std::string& profile_name) {
    std::optional<aws::Profile> profile;
    if (auto found = profiles->find(profile_name)) profile = std::move(*found);
    http::ClientSettings settings;
    if (const auto bundle = aws::ca_bundle({around.environment, profiles, profile ? &*profile : nullptr, {}, {}}))
      settings.ca_bundle = bundle->value;
    // Each profile may trust other authorities.
    if (client && client_bundle == settings.ca_bundle) return *client;
    client.reset();
    client_bundle = settings.ca_bundle;
    http = around.make_http(std::move(settings));
    client.emplace(*http, around.clock, around.jitter, around.environment);
    return *client;
  }

  Surroundings around;
  std::map<std::string, std::string, std::less<>> tried_devices;  // by profile, not yet remembered
  SessionCache cache;
  std::optional<aws::Profiles> own_profiles;
  const aws::Profiles* profiles = nullptr;
  std::unique_ptr<http::Client> http;
  std::optional<aws::Client> client;
  std::string client_bundle;
};

Broker::Broker(Surroundings surroundings) : state_(std::make_unique<State>(std::move(surroundings))) {}
Broker::~Broker() = default;

base::Result<Chain> Broker::explain(const Request& request) {
  const aws::Profiles* profiles = TRY(state_->read_profiles(request));
  const Facts facts{*profiles,
                    state_->around.environment,
                    [this](std::string_view profile) { return state_->around.keys.find(profile); },
                    [this](std::string_view profile) -> base::Result<std::string> {
                      const auto tried = state_->tried_devices.find(profile);
                      if (tried != state_->tried_devices.end()) return tried->second;
                      return state_->around.keys.remembered_mfa_serial(profile);
                    },
                    [this](const std::string& path) { return read_policy(state_->around.environment, path); },
                    fingerprint};
  return plan(facts, request);
}

base::Result<std::optional<NextAsking>> Broker::next_asking(const Request& request, KeyOpening opening) {
  const Chain chain = TRY(explain(request));
  return credentials::next_asking(chain, opening, [this](const Hop& hop) {
    const auto kept = state_->cache.read(hop.cache_key);
    return kept && *kept ? time_left(**kept, state_->around.clock) : base::Duration(0);
  });
}

base::Result<Answer> Broker::attempt(Request& request) {
  const base::Instant begin = state_->around.clock.now();
  const Chain chain = TRY(explain(request));
  Answer answer;
  answer.profile = chain.profile;
  answer.region = chain.region.value;
  answer.warnings = chain.warnings;
  HopRunner runner(
      state_->around, *state_->profiles, state_->cache,
      [&]() -> aws::Client& { return state_->client_of(chain.profile); }, chain, request, answer.warnings);
  Kept kept = TRY(runner.run());
  if (kept.credentials.expiration) answer.left = time_left(kept, state_->around.clock);
  answer.credentials = std::move(kept.credentials);
  answer.is_new = kept.obtained >= begin;
  return answer;
}

base::Result<Answer> Broker::get(Request request) {
  auto answer = attempt(request);
  if (answer || answer.error().kind != base::ErrorKind::denied) return answer;
  // Perhaps only a code is missing, and only the device's name in the files.
  const Chain chain = TRY(explain(request));
  const std::string* profile = profile_without_device(chain);
  if (profile == nullptr) return answer;
  const std::function<aws::Client&()> client = [&]() -> aws::Client& { return state_->client_of(chain.profile); };
  const auto device = choose_device({state_->around, *state_->profiles, client, request, KeyUse::to_sign}, chain);
  if (!device) return answer;
  state_->tried_devices[*profile] = *device;
  auto second = attempt(request);
  if (!second) return second;
  if (const auto kept = state_->around.keys.remember_mfa_serial(*profile, *device); !kept)
    second->warnings.push_back("the MFA device of " + base::printable(*profile, 100) +
                               " could not be remembered: " + kept.error().what);
  return second;
}

}  // namespace credentials
