// Identity Center sign-ins: the tokens of each session, sealed in the store, renewed silently while that is possible,
// and the sign-in itself when it is not. One process renews or signs in; the others wait for it. What a person sees and
// which browser opens is the guide's (cli/).
#pragma once

#include "aws/client.h"
#include "aws/profile.h"
#include "aws/sso_oidc.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"
#include "credentials/source.h"
#include "credentials/sso_session.h"
#include "http/client.h"
#include "secret/bytes.h"
#include "secret/places.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace credentials {

/// What a sign-in shows to a person.
class SignInGuide {
 public:
  virtual ~SignInGuide() = default;
  /// Whether this machine can show a browser window (a display, not over SSH, not in a container).
  virtual bool has_browser() = 0;
  /// Whether a person reads what show_* prints.
  virtual bool has_person() = 0;
  /// Starts the browser. refused where the URL is not one a sign-in may lead to. Says the link too.
  virtual base::Result<void> open(const std::string& url, const SsoSession& session) = 0;
  /// Host, user code, link as AWS gave it, QR code, and the warning: only where you have started this yourself.
  virtual base::Result<void> show_device_code(const aws::DeviceAuthorization& device, const SsoSession& session) = 0;
  /// Around the time in which a person signs in, and may think better of it.
  virtual void waiting_begins() {}
  virtual void waiting_ends() {}
};

/// The clear side of a sign-in; nothing of it needs an unlock.
struct SignInStatus {
  std::string id;    // SsoSession::id()
  std::string name;  // of the section; empty for a legacy portal
  std::string start_url;
  std::string region;
  base::Instant obtained;              // the sign-in itself, not its renewals
  base::Instant expires;               // of the access token, in AWS's time
  bool renewable = false;              // a refresh token is held
  base::Instant registration_expires;  // from then on nothing is renewed
  std::optional<base::Instant> ended;  // AWS refused it since
  base::Instant renewed;               // when AWS gave the access token, in AWS's time
  base::Duration clock_offset{0};      // AWS's clock minus ours, then
  base::Instant boot;                  // this machine's clock minus its monotonic one, then
  bool shared = false;                 // the AWS CLI's cache file is written too
  std::string trusted_endpoints;       // configured URLs, not AWS's own, that may get the tokens; space between
};

/// How long the access token is still good, in AWS's time; negative or zero: it has expired.
base::Duration time_left(const SignInStatus& status, const base::Clock& clock);

struct SignInOptions {
  enum class Way { best, browser, device } way = Way::best;
  bool share = false;            // also write the AWS CLI's cache file, in clear
  bool trust_endpoints = false;  // the tokens may go to the configured endpoints, which are not AWS's own
};

/// Where sign-ins are kept; stored_sign_ins.h is the one over the store, tests bring their own.
class SignInStore {
 public:
  struct Secrets {
    secret::Bytes access_token;
    secret::Bytes refresh_token;  // empty: none
    std::string client_id;
    secret::Bytes client_secret;
    base::Instant registration_expires;
    aws::SsoFlow flow = aws::SsoFlow::authorization_code;
    std::vector<std::string> scopes;

    Secrets clone() const {
      return {access_token.clone(),
              refresh_token.clone(),
              client_id,
              client_secret.clone(),
              registration_expires,
              flow,
              scopes};
    }
  };
  virtual ~SignInStore() = default;
  /// Unlocks, and makes a store where there is none and a person can be asked: so that nobody signs in for nothing.
  virtual base::Result<void> prepare() = 0;
  /// Never unlocks; empty where there is no store.
  virtual base::Result<std::vector<SignInStatus>> list() = 0;
  /// Unlocks, and sees what other processes have written. nullopt: none of that id.
  virtual base::Result<std::optional<Secrets>> open(const std::string& id) = 0;
  /// Unlocks, in one transaction, as prepare().
  virtual base::Result<void> put(const SignInStatus& status, const Secrets& secrets) = 0;
  virtual base::Result<void> remove(const std::string& id) = 0;
};

/// Everything needed from outside; all must outlive the SignIns.
struct SignInSurroundings {
  const base::Environment& environment;
  base::Clock& clock;
  secret::Places places;
  std::string profile;  // whose endpoint settings count; empty: only the environment's
  aws::Jitter& jitter;
  SignInStore& store;
  SignInGuide& guide;
  /// Called at the first call of AWS.
  std::function<http::Client&()> http;
  std::function<void(std::string_view)> note;
};

class SignIns {
 public:
  SignIns(SignInSurroundings around, const aws::Profiles& profiles);
  ~SignIns();

  /// An access token with at least `min_ttl` left where the session lasts so long; renewed silently, and signed in
  /// anew where `use` (or auto_login) allows it. Errors: sign_in_needed with the command to run; of the store and AWS.
  base::Result<secret::Bytes> access_token(const SsoSession& session, base::Duration min_ttl, SignInUse use);
  /// As above, after AWS has refused `refused` (401): another token or an error, never the same again.
  base::Result<secret::Bytes> another_token(const SsoSession& session, const secret::Bytes& refused, SignInUse use);
  /// A sign-in now, whatever is held. The sign-in that was held stays usable where this one fails.
  base::Result<SignInStatus> sign_in(const SsoSession& session, const SignInOptions& options);
  /// Revokes at the server and forgets, this session only. An unreachable server is an error after forgetting.
  base::Result<void> sign_out(const SsoSession& session);
  base::Result<std::vector<SignInStatus>> list();
  /// The client and endpoint for calls with that session's tokens.
  aws::Client& client();
  /// Refused: a configured URL that is not AWS's own, and that the sign-in did not allow.
  base::Result<aws::Endpoint> portal(const SsoSession& session);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace credentials
