// The tokens that are held: which one is good, and its silent renewal, once over all processes. A token that AWS has
// given is never lost: it is kept before anything else may happen. It signs nobody in.
#pragma once

#include "aws/sso_oidc.h"
#include "base/result.h"
#include "credentials/flight.h"
#include "credentials/sign_in.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace credentials {

struct HeldSignIn {
  SignInStatus status;
  SignInStore::Secrets secrets;
};

struct TokenWish {
  base::Duration min_ttl{0};
  const secret::Bytes* refused = nullptr;  // the token that AWS no longer takes
};

/// A token, or why a person must sign in.
struct TokenState {
  std::optional<secret::Bytes> token;
  std::string why;
};

/// The command for people, quoted where a shell would need it.
std::string login_command(const SsoSession& session);

class TokenKeeper {
 public:
  /// `oidc`: where that session's tokens are renewed.
  TokenKeeper(const SignInSurroundings& around, std::function<aws::Client&()> client,
              std::function<base::Result<aws::Endpoint>(const SsoSession&)> oidc)
      : around_(around), client_(std::move(client)), oidc_(std::move(oidc)) {}

  /// Renews where the wish or five minutes ask for it. Errors: of the store and of AWS, where no good token is left.
  base::Result<TokenState> token(const SsoSession& session, const TokenWish& wish);
  /// The clear side of what is held for this session and portal. Never unlocks.
  base::Result<std::optional<SignInStatus>> status(const SsoSession& session);
  /// nullopt: nothing is held for this session and portal.
  base::Result<std::optional<HeldSignIn>> open(const SsoSession& session);
  /// A new sign-in in the place of what was held. Where it cannot be stored it serves this process all the same.
  base::Result<void> keep(const SsoSession& session, HeldSignIn held);
  /// A live token for revoking, nullopt where none can be had. Keeps nothing.
  base::Result<std::optional<secret::Bytes>> token_to_revoke(const SsoSession& session, HeldSignIn& held);
  /// Forgets, here and in the AWS CLI's cache where it was shared.
  base::Result<void> forget(const SsoSession& session);
  /// The region of the portal, as far as it is known without a sign-in.
  std::string region(const SsoSession& session, const std::optional<SignInStatus>& status) const;

  enum class Attempt { renewal, window };
  /// Whether one failed, in any process, less than `pause` ago.
  bool failed_lately(const SsoSession& session, Attempt what, base::Duration pause) const;
  void remember_failure(const SsoSession& session, Attempt what);

 private:
  /// Only its owner writes the session's record.
  std::unique_ptr<Flight> record_turn(const SsoSession& session);
  std::optional<secret::Bytes> good_token(const HeldSignIn& held, const TokenWish& wish) const;
  std::optional<secret::Bytes> old_token(const HeldSignIn& held, const TokenWish& wish) const;
  base::Result<TokenState> renew(const SsoSession& session, const TokenWish& wish);
  base::Result<TokenState> keep_using(const SsoSession& session, const HeldSignIn& held, secret::Bytes old);
  base::Result<TokenState> renew_alone(const SsoSession& session, HeldSignIn held, const TokenWish& wish);
  base::Result<TokenState> refused(const SsoSession& session, HeldSignIn held, const TokenWish& wish);
  base::Result<TokenState> without_renewal(const SsoSession& session, const HeldSignIn& held, const TokenWish& wish);
  base::Result<TokenState> of_aws_cli(const SsoSession& session, const TokenWish& wish, std::string why);
  void say_if_short(const SsoSession& session, const HeldSignIn& held, const TokenWish& wish) const;
  bool can_renew(const SignInStatus& status) const;
  void renewed(HeldSignIn& held, aws::SsoTokens tokens);
  base::Result<void> write(const HeldSignIn& held);
  void share(const HeldSignIn& held);
  base::Instant aws_now(const SignInStatus& status) const;

  const SignInSurroundings& around_;
  std::function<aws::Client&()> client_;
  std::function<base::Result<aws::Endpoint>(const SsoSession&)> oidc_;
  std::map<std::string, HeldSignIn> unwritten_;           // by id: what could not be stored
  std::map<std::string, std::string> region_of_aws_cli_;  // by id
};

}  // namespace credentials
