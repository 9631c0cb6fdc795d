#include "credentials/broker.h"

#include "aws/settings.h"
#include "base/file.h"
#include "credentials/cache.h"
#include "credentials/hop_runner.h"

#include <utility>

namespace credentials {
namespace {

// STS takes 2048 characters; white space of a readable file comes on top.
constexpr std::size_t kMostPolicyBytes = 64 * 1024;

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

}  // namespace

struct Broker::State {
  explicit State(Surroundings surroundings) : around(std::move(surroundings)), cache(around) {}

  base::Result<const aws::Profiles*> read_profiles() {
    if (!profiles) profiles = TRY(aws::Profiles::load(around.environment));
    return &*profiles;
  }

  aws::Client& client_of(const std::string& profile_name) {
    if (client) return *client;
    std::optional<aws::Profile> profile;
    if (auto found = profiles->find(profile_name)) profile = std::move(*found);
    http::ClientSettings settings;
    if (const auto bundle = aws::ca_bundle({around.environment, &*profiles, profile ? &*profile : nullptr, {}, {}}))
      settings.ca_bundle = bundle->value;
    http = around.make_http(std::move(settings));
    client.emplace(*http, around.clock, around.jitter);
    return *client;
  }

  Surroundings around;
  SessionCache cache;
  std::optional<aws::Profiles> profiles;
  std::unique_ptr<http::Client> http;
  std::optional<aws::Client> client;
};

Broker::Broker(Surroundings surroundings) : state_(std::make_unique<State>(std::move(surroundings))) {}
Broker::~Broker() = default;

base::Result<Chain> Broker::explain(const Request& request) {
  const aws::Profiles* profiles = TRY(state_->read_profiles());
  const Facts facts{*profiles, state_->around.environment,
                    [this](std::string_view profile) { return state_->around.keys.find(profile); },
                    [this](const std::string& path) { return read_policy(state_->around.environment, path); }};
  return plan(facts, request);
}

base::Result<Answer> Broker::get(Request request) {
  const Chain chain = TRY(explain(request));
  Answer answer;
  answer.profile = chain.profile;
  answer.region = chain.region.value;
  answer.warnings = chain.warnings;
  HopRunner runner(
      state_->around, *state_->profiles, state_->cache,
      [&]() -> aws::Client& { return state_->client_of(chain.profile); }, chain, request, answer.warnings);
  answer.credentials = TRY(runner.run());
  return answer;
}

}  // namespace credentials
