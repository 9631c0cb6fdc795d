// A broker in surroundings of its own: keys, prompt, keyring and AWS are played, files are real. Only tests include it.
#pragma once

#include "aws/service_for_test.h"
#include "base/own_directory_for_test.h"
#include "credentials/broker.h"
#include "secret/doubles_for_test.h"

#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace credentials {

inline constexpr const char* kConfig =
    "[profile base]\nregion = eu-west-1\nmfa_serial = arn:aws:iam::111122223333:mfa/alice\n"
    "[profile dev]\nrole_arn = arn:aws:iam::444455556666:role/dev\nsource_profile = base\n"
    "mfa_serial = arn:aws:iam::111122223333:mfa/alice\n"
    "[profile plain]\nrole_arn = arn:aws:iam::444455556666:role/plain\nsource_profile = base\n";

class FakeKeys final : public KeyStore {
 public:
  base::Result<std::optional<std::string>> store_id() override { return "0123456789abcdef"; }
  base::Result<std::optional<SealedKey>> find(std::string_view profile) override {
    if (profile != "base") return std::nullopt;
    return SealedKey{"AKIABASE"};
  }
  base::Result<aws::Credentials> open(std::string_view) override {
    ++opened;
    return aws::Credentials{"AKIABASE", secret::Bytes::copy_of("secret"), {}, std::nullopt, ""};
  }
  base::Result<secret::Bytes> session_key() override {
    return base::fail(base::ErrorKind::store_locked, "no session key here");
  }
  base::Result<std::string> remembered_mfa_serial(std::string_view profile) override {
    return devices[std::string(profile)];
  }
  base::Result<void> remember_mfa_serial(std::string_view profile, std::string_view serial) override {
    devices[std::string(profile)] = serial;
    return {};
  }
  std::map<std::string, std::string> devices;
  int opened = 0;
};

class FakePrompt final : public secret::Prompt {
 public:
  base::Result<void> ready() override {
    if (there_is_a_terminal) return {};
    return base::fail(base::ErrorKind::sign_in_needed, "no terminal");
  }
  base::Result<secret::Bytes> ask_secret(std::string_view question) override {
    asked.emplace_back(question);
    if (typed.empty()) return base::fail(base::ErrorKind::failure, "the test has nothing more to type");
    std::string next = typed.front();
    typed.pop_front();
    return secret::Bytes::copy_of(next);
  }
  base::Result<std::string> ask_text(std::string_view) override { return choice; }
  base::Result<void> tell(std::string_view line) override {
    told.emplace_back(line);
    return {};
  }
  bool there_is_a_terminal = true;
  std::string choice;
  std::deque<std::string> typed;
  std::vector<std::string> asked, told;
};

/// Hands out the one scripted service for as long as it lives.
class Borrowed final : public http::Client {
 public:
  explicit Borrowed(http::Client& real) : real_(real) {}
  base::Result<http::Response> send(const http::Request& request, const http::Limits& limits) override {
    return real_.send(request, limits);
  }

 private:
  http::Client& real_;
};

inline std::string session_reply(const std::string& action, const std::string& key_id, base::Instant expires) {
  return "<" + action + "Response><" + action + "Result><Credentials><AccessKeyId>" + key_id +
         "</AccessKeyId><SecretAccessKey>s-" + key_id + "</SecretAccessKey><SessionToken>t-" + key_id +
         "</SessionToken><Expiration>" + base::iso8601(expires) + "</Expiration></Credentials>" +
         (action != "GetSessionToken" ? "<AssumedRoleUser><AssumedRoleId>AROA:alice</AssumedRoleId><Arn>arn:aws:sts::"
                                        "444455556666:assumed-role/dev/alice</Arn></AssumedRoleUser>"
                                      : "") +
         "</" + action + "Result></" + action + "Response>";
}

class BrokerTest : public testing::Test {
 protected:
  BrokerTest() {
    std::filesystem::create_directory(directory_ + "/kabuto");
    std::filesystem::permissions(directory_ + "/kabuto", std::filesystem::perms::owner_all);
    config_variable_ = "AWS_CONFIG_FILE=" + directory_ + "/config";
    credentials_variable_ = "AWS_SHARED_CREDENTIALS_FILE=" + directory_ + "/credentials";
    environment_ = base::Environment{config_variable_, credentials_variable_, "USER=alice", "PATH=/usr/bin:/bin"};
    write_config(kConfig);
  }

  void write_config(const std::string& text) {
    std::ofstream(directory_ + "/config") << text;
    std::filesystem::permissions(directory_ + "/config",
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  void then_session(const std::string& action, const std::string& key_id, base::Duration lasts) {
    http_.then(200, session_reply(action, key_id, clock_.now() + lasts));
  }
  Surroundings around() {
    return {environment_,
            clock_,
            {directory_ + "/kabuto"},
            keyring_,
            prompt_,
            keys_,
            jitter_,
            [this](http::ClientSettings) { return std::make_unique<Borrowed>(http_); },
            [this](std::string_view line) { notes_.emplace_back(line); },
            [this]() -> base::Result<SignIns*> { return sign_ins_; },
            {}};
  }
  /// A new broker each time, as a new process would have.
  base::Result<Answer> get(Request request) { return Broker(around()).get(std::move(request)); }
  base::Result<Answer> get(const std::string& profile) {
    Request request;
    request.profile = profile;
    return get(std::move(request));
  }
  std::string only_session_file() const {
    for (const auto& entry : std::filesystem::directory_iterator(directory_ + "/kabuto/sessions"))
      if (entry.path().extension() != ".lock") return entry.path();
    return "";
  }

  const base::OwnDirectory own_;
  const std::string directory_ = own_.path();
  std::string config_variable_, credentials_variable_;
  base::Environment environment_;
  aws::FakeClock clock_;
  aws::FullJitter jitter_;
  aws::ScriptedHttp http_{clock_};
  secret::FakeKeyring keyring_;
  FakePrompt prompt_;
  FakeKeys keys_;
  std::vector<std::string> notes_;
  SignIns* sign_ins_ = nullptr;
};

}  // namespace credentials
