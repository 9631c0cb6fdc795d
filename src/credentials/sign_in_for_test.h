// Fakes for tests of sign-ins: a store in memory, a guide that plays the person, an OIDC service that answers as
// scripted. Only tests include it.
#pragma once

#include "aws/service_for_test.h"
#include "base/own_directory_for_test.h"
#include "credentials/sign_in.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace credentials {

class FakeSignInStore final : public SignInStore {
 public:
  base::Result<void> prepare() override { return locked ? refusal() : base::Result<void>{}; }
  base::Result<std::vector<SignInStatus>> list() override {
    std::vector<SignInStatus> all;
    for (const auto& [id, held] : held_) all.push_back(held.first);
    return all;
  }
  base::Result<std::optional<Secrets>> open(const std::string& id) override {
    if (!held_.contains(id)) return std::nullopt;
    if (locked) return std::unexpected(refusal().error());
    ++opened;
    return held_.at(id).second.clone();
  }
  base::Result<void> put(const SignInStatus& status, const Secrets& secrets) override {
    if (full) return base::fail(base::ErrorKind::failure, "no space left on device");
    held_.insert_or_assign(status.id, std::pair(status, secrets.clone()));
    return {};
  }
  base::Result<void> remove(const std::string& id) override {
    held_.erase(id);
    return {};
  }
  const SignInStatus& status(const std::string& id) const { return held_.at(id).first; }
  const Secrets& secrets(const std::string& id) const { return held_.at(id).second; }

  bool full = false;
  bool locked = false;
  int opened = 0;
  std::map<std::string, std::pair<SignInStatus, Secrets>> held_;

 private:
  static base::Result<void> refusal() { return base::fail(base::ErrorKind::store_locked, "the store is locked"); }
};

class FakeGuide final : public SignInGuide {
 public:
  bool has_browser() override { return browser; }
  bool has_person() override { return person; }
  base::Result<void> open(const std::string& url, const SsoSession&) override {
    opened.push_back(url);
    if (no_program) return base::fail(base::ErrorKind::not_found, "no browser");
    if (at_open) at_open(url);
    return {};
  }
  base::Result<void> show_device_code(const aws::DeviceAuthorization& device, const SsoSession&) override {
    shown.push_back(device.user_code);
    return {};
  }
  void waiting_begins() override { ++waiting; }
  void waiting_ends() override { --waiting; }

  bool browser = true;
  bool person = true;
  bool no_program = false;
  int waiting = 0;
  std::function<void(const std::string& url)> at_open;
  std::vector<std::string> opened, shown;
};

/// Sign-ins with everything around them; each process() is a new one over the same store and directory.
struct SignInBench {
  SignInBench() {
    home_variable = "HOME=" + directory.path();
    environment = base::Environment{home_variable};
    session.name = "corp";
    session.start_url = "https://d-corp.awsapps.com/start";
    session.region = "eu-west-1";
  }

  SignIns process() {
    return SignIns({.environment = environment,
                    .clock = clock,
                    .places = {directory.path() + "/kabuto"},
                    .profile = {},
                    .jitter = jitter,
                    .store = store,
                    .guide = guide,
                    .http = [this]() -> http::Client& { return http; },
                    .note = [this](std::string_view line) { notes.emplace_back(line); }},
                   profiles);
  }

  /// A sign-in whose access token lasts for `left`.
  void hold(base::Duration left, const std::string& refresh_token = "refresh-1") {
    SignInStatus status;
    status.id = session.id();
    status.name = session.name;
    status.start_url = session.start_url;
    status.region = session.region;
    status.obtained = status.renewed = clock.now() + left - std::chrono::hours(1);
    status.expires = clock.now() + left;
    status.renewable = !refresh_token.empty();
    status.registration_expires = clock.now() + std::chrono::hours(24 * 30);
    status.boot = clock.now() - clock.monotonic();
    SignInStore::Secrets secrets;
    secrets.access_token = secret::Bytes::copy_of("access-1");
    secrets.refresh_token = secret::Bytes::copy_of(refresh_token);
    secrets.client_id = "client";
    secrets.client_secret = secret::Bytes::copy_of("client-secret");
    secrets.registration_expires = status.registration_expires;
    secrets.scopes = {"sso:account:access"};
    ASSERT_TRUE(store.put(status, secrets));
  }

  void then_tokens(const std::string& access, const std::string& refresh) {
    http.then(200, R"({"accessToken":")" + access + R"(","tokenType":"Bearer","expiresIn":3600,"refreshToken":")" +
                       refresh + "\"}");
  }
  void then_refusal(const std::string& error) {
    http.then(400, R"({"error":")" + error + R"(","error_description":"as scripted"})",
              {{"x-amzn-ErrorType", names.at(error)}});
  }
  void then_registration() {
    http.then(200, R"({"clientId":"new-client","clientSecret":"new-secret","clientSecretExpiresAt":)" +
                       std::to_string((clock.now() + std::chrono::hours(24 * 90)).time_since_epoch().count() / 1000) +
                       "}");
  }

  const std::map<std::string, std::string> names{{"invalid_grant", "InvalidGrantException"},
                                                 {"authorization_pending", "AuthorizationPendingException"},
                                                 {"slow_down", "SlowDownException"},
                                                 {"expired_token", "ExpiredTokenException"},
                                                 {"access_denied", "AccessDeniedException"}};
  const base::OwnDirectory directory;
  std::string home_variable;
  base::Environment environment;
  aws::FakeClock clock;
  aws::FullJitter jitter;
  aws::ScriptedHttp http{clock};
  FakeSignInStore store;
  FakeGuide guide;
  std::vector<std::string> notes;
  aws::Profiles profiles = *aws::Profiles::of_texts("", "");
  SsoSession session;
};

}  // namespace credentials
