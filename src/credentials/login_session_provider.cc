// A sign-in of `aws login`: what its file holds, and its renewal, once over all processes. What AWS has given is kept
// before it is used, because the refresh token rotates. It never signs anybody in: that is the AWS CLI's.
#include "aws/login.h"
#include "base/file.h"
#include "base/text.h"
#include "credentials/providers.h"
#include "secret/digest.h"

#include <algorithm>
#include <variant>

namespace credentials {
namespace {

using aws::LoginRefusal;
using aws::LoginToken;
using base::Duration;
using base::ErrorKind;
using base::fail;

// With more left somebody else has just renewed it, or nobody needs to.
constexpr Duration kRenewBelow = std::chrono::minutes(5);
constexpr Duration kLeastUseful = std::chrono::seconds(30);
// AWS gives a quarter of an hour: a wish for all of it would renew at each use and be fulfilled by none.
constexpr Duration kMostWanted = std::chrono::minutes(14);
// A renewal ends within 30 s, whatever AWS does.
constexpr Duration kLongestWait = std::chrono::seconds(40);

class Renewal {
 public:
  Renewal(const Errand& errand, const Hop& hop) : errand_(errand), hop_(hop) {}

  base::Result<Given> run() {
    auto token = TRY(read());
    if (left(token) > wanted()) return given(token);
    const base::Clock& clock = errand_.around.clock;
    const std::string flights = errand_.around.places.directory + "/flights";
    const auto made = base::ensure_private_directory(flights);
    if (!made) return use_old(token, made.error());
    const auto name = base::hex(secret::sha256(secret::Bytes::copy_of(hop_.login->file)));
    const auto lock = base::FileLock::acquire(flights + "/login-" + name + ".lock", errand_.around.clock,
                                              clock.monotonic() + kLongestWait);
    if (!lock) return use_old(token, lock.error());
    token = TRY(read());
    if (left(token) > wanted()) return given(token);
    return renew(token);
  }

 private:
  const std::string& file() const { return hop_.login->file; }
  Duration left(const LoginToken& token) const { return *token.access.expiration - errand_.around.clock.now(); }
  Duration wanted() const {
    const Request& request = errand_.request;
    return request.min_ttl_is_demand ? std::clamp(request.min_ttl, kRenewBelow, kMostWanted) : kRenewBelow;
  }
  Given given(const LoginToken& token) const {
    return {token.access.clone(), renewed_ ? errand_.client().clock_offset() : Duration::zero()};
  }
  std::string again() const { return "run aws login --profile " + base::printable(hop_.profile, 100); }
  std::string sign_in() const { return "the sign-in of aws login as " + base::printable(hop_.login->session, 200); }

  base::Result<LoginToken> read() const {
    auto token = aws::read_login_cache(file());
    if (!token) {
      if (token.error().hint.empty()) token.error().hint = again();
      return std::unexpected(std::move(token).error());
    }
    if (!*token)
      return fail(ErrorKind::sign_in_needed,
                  "there is no sign-in of aws login as " + base::printable(hop_.login->session, 200) + " (" +
                      hop_.where + "): " + file() + " does not exist",
                  again());
    return std::move(**token);
  }

  base::Result<Given> renew(const LoginToken& old) {
    if (hop_.endpoint.needs_notice)
      return fail(ErrorKind::refused,
                  sign_in() + " is not renewed at " + base::printable(hop_.endpoint.url, 100) + " (" +
                      hop_.endpoint.origin + "), which is not AWS's",
                  "take the setting out");
    // What cannot be kept must not be asked for: the token that it would replace is gone then.
    if (const auto kept = aws::write_login_cache(file(), old); !kept)
      return use_old(old, base::with_context(kept.error(), sign_in() + " cannot be renewed, because its file cannot be "
                                                                       "written"));
    auto reply = aws::refresh_login(errand_.client(), hop_.endpoint, old);
    if (!reply) return use_old(old, base::with_context(std::move(reply).error(), "renew " + sign_in()));
    renewed_ = true;
    if (const auto* refusal = std::get_if<LoginRefusal>(&*reply)) return refused(old, *refusal);
    const auto& token = std::get<LoginToken>(*reply);
    if (const auto kept = aws::write_login_cache(file(), token); !kept)
      errand_.around.note(sign_in() + " was renewed, but could not be kept, so it ends in " +
                          base::human_duration(left(token)) + ": " + kept.error().what);
    return given(token);
  }

  /// The AWS CLI takes no lock of ours: what it has renewed meanwhile is good.
  base::Result<Given> refused(const LoginToken& old, LoginRefusal refusal) {
    const auto now = read();
    if (now && !now->refresh_token.equals(old.refresh_token) && left(*now) > kRenewBelow) return given(*now);
    switch (refusal) {
      case LoginRefusal::token_expired:
        return use_old(old, {ErrorKind::sign_in_needed, sign_in() + " has ended", again()});
      case LoginRefusal::code_expired:
        return use_old(old, {ErrorKind::sign_in_needed, sign_in() + " was not finished in time", again()});
      case LoginRefusal::credentials_changed:
        return use_old(old, {ErrorKind::sign_in_needed, sign_in() + " is no longer good: its password has changed",
                             again() + ", with the new password"});
      case LoginRefusal::insufficient_permissions:
        break;
    }
    return use_old(
        old, {ErrorKind::denied, sign_in() + " cannot be renewed: the permission signin:CreateOAuth2Token is missing",
              "have the policy SignInLocalDevelopmentAccess attached, then " + again()});
  }

  /// What is still good for a while is better than nothing, and is said to be old.
  base::Result<Given> use_old(const LoginToken& old, base::Error error) {
    if (errand_.request.min_ttl_is_demand || left(old) < kLeastUseful) return std::unexpected(std::move(error));
    errand_.around.note("the sign-in could not be renewed, it ends in " + base::human_duration(left(old)) + ": " +
                        error.what);
    return given(old);
  }

  const Errand& errand_;
  const Hop& hop_;
  bool renewed_ = false;
};

}  // namespace

base::Result<Given> login_session_credentials(const Errand& errand, const Hop& hop) {
  return Renewal(errand, hop).run();
}

}  // namespace credentials
