// The Source of this process: it plans, looks into the cache, and performs exactly the hops that explain prints. It
// prints nothing and exits nowhere; what a person should read goes to `note`.
#pragma once

#include "aws/client.h"
#include "base/clock.h"
#include "base/environment.h"
#include "credentials/chain.h"
#include "credentials/source.h"
#include "http/client.h"
#include "secret/bytes.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace credentials {

/// Long-lived keys by profile, as the store holds them.
class KeyStore {
 public:
  virtual ~KeyStore() = default;
  /// Never unlocks. nullopt: no such key, or no store.
  virtual base::Result<std::optional<SealedKey>> find(std::string_view profile) = 0;
  /// Unlocks for the moment of use, which may ask for a passphrase.
  virtual base::Result<aws::Credentials> open(std::string_view profile) = 0;
  /// Remembers which MFA device a person chose for this profile's user.
  virtual base::Result<void> remember_mfa_serial(std::string_view profile, std::string_view serial) = 0;
};

/// What stands in clear beside a cached session, for `list` and `clear`.
struct SessionFacts {
  std::string profile;  // whose hop it is
  std::string what;     // the role's ARN, "GetSessionToken" or "credential_process"
  base::Instant expires;
};

/// The sealed session files: opaque bytes by cache key. A cached answer opens no store.
class SessionStore {
 public:
  virtual ~SessionStore() = default;
  /// nullopt: nothing there, or the session key is gone. store_damaged: something is there that cannot be opened.
  virtual base::Result<std::optional<secret::Bytes>> read(const std::string& key) = 0;
  virtual base::Result<void> write(const std::string& key, const SessionFacts& facts, const secret::Bytes& content) = 0;
};

/// Asks a person for an MFA code, on the terminal.
class CodePrompt {
 public:
  virtual ~CodePrompt() = default;
  /// Whether there is a terminal to ask on.
  virtual bool available() = 0;
  /// What was typed, without its line end. Error: sign_in_needed where there is no terminal.
  virtual base::Result<secret::Bytes> ask(std::string_view question) = 0;
};

/// Everything the broker needs from outside; all must outlive it.
struct Surroundings {
  const base::Environment& environment;
  base::Clock& clock;
  KeyStore& keys;
  SessionStore& sessions;
  CodePrompt& prompt;
  aws::Jitter& jitter;
  /// Made on first use, so that a cached answer loads nothing.
  std::function<std::unique_ptr<http::Client>(http::ClientSettings)> make_http;
  /// One line for people, without a line end: "waiting for pid 4711, which is signing in".
  std::function<void(std::string_view)> note;
  /// A private directory (0700) for the locks of the single flight.
  std::string lock_directory;
};

class Broker final : public Source {
 public:
  explicit Broker(Surroundings surroundings);
  ~Broker() override;

  base::Result<Answer> get(Request request) override;
  /// What get() would do, without doing any of it.
  base::Result<Chain> explain(const Request& request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace credentials
