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
#include "secret/keyring.h"
#include "secret/places.h"
#include "secret/prompt.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace credentials {

class SignIns;
struct NextAsking;
enum class KeyOpening;

/// The long-lived keys; stored_keys.h is the one over the store, tests bring their own.
class KeyStore {
 public:
  virtual ~KeyStore() = default;
  /// The id that names the session key in the keyring; nullopt where there is no store. Never unlocks.
  virtual base::Result<std::optional<std::string>> store_id() = 0;
  /// nullopt: no such key, or no store. Never unlocks, never opens SQLite.
  virtual base::Result<std::optional<SealedKey>> find(std::string_view profile) = 0;
  /// Unlocks for the moment of use, which may ask for a passphrase.
  virtual base::Result<aws::Credentials> open(std::string_view profile) = 0;
  /// As open(), for one who only signs: the secret may stay with another process (Credentials::signer).
  virtual base::Result<aws::Credentials> open_to_sign(std::string_view profile) { return open(profile); }
  /// The session key for a kernel that refuses keyrings; unlocks.
  virtual base::Result<secret::Bytes> session_key() = 0;
  /// The MFA device a person chose for this profile, which may have no key of its own; empty: none. Neither unlocks.
  virtual base::Result<std::string> remembered_mfa_serial(std::string_view profile) = 0;
  virtual base::Result<void> remember_mfa_serial(std::string_view profile, std::string_view serial) = 0;
};

/// Everything the broker needs from outside; all must outlive it.
struct Surroundings {
  const base::Environment& environment;
  base::Clock& clock;
  secret::Places places;
  secret::Keyring& keyring;
  secret::Prompt& prompt;
  KeyStore& keys;
  aws::Jitter& jitter;
  /// Called once, at the first call of AWS, so that a cached answer loads nothing.
  std::function<std::unique_ptr<http::Client>(http::ClientSettings)> make_http;
  /// One line for people: "waiting for pid 4711, which is fetching the same session". Only cli/ prints.
  std::function<void(std::string_view)> note;
  /// Called where an Identity Center sign-in is needed.
  std::function<base::Result<SignIns*>()> sign_ins;
  /// Where AWS's files have been read already; without it the broker reads them.
  std::function<base::Result<const aws::Profiles*>()> profiles;
};

class Broker final : public Source {
 public:
  explicit Broker(Surroundings surroundings);
  ~Broker() override;

  base::Result<Answer> get(Request request) override;
  /// What get() would do, without doing any of it.
  base::Result<Chain> explain(const Request& request);
  /// After get(): when renewing the same will ask a person; nullopt: not as far as one can tell.
  base::Result<std::optional<NextAsking>> next_asking(const Request& request, KeyOpening opening);

 private:
  struct State;
  base::Result<Answer> attempt(Request& request);
  std::unique_ptr<State> state_;
};

}  // namespace credentials
