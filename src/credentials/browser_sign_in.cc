// Signing in through a browser on this machine: the code comes back over loopback, and only who began can use it.
#include "credentials/sign_in_flow.h"
#include "http/callback_listener.h"
#include "secret/cipher.h"

namespace credentials {
namespace {

using base::ErrorKind;
using base::fail;

constexpr base::Duration kPatience = std::chrono::minutes{10};  // as the AWS CLI
constexpr const char* kPath = "/oauth/callback";
constexpr std::size_t kStateBytes = 16;

}  // namespace

base::Result<SignedIn> sign_in_by_browser(SignInWork& work, std::optional<base::HeldSignals>& held) {
  auto listener = TRY(http::CallbackListener::open());
  auto registered = TRY(registration_for(work, aws::SsoFlow::authorization_code, Reuse::where_possible));
  const secret::Bytes verifier = aws::make_verifier();
  const std::string state = secret::random_hex(kStateBytes);
  const std::string redirect_uri = "http://127.0.0.1:" + std::to_string(listener.port()) + kPath;
  const std::string url = aws::authorize_url(work.endpoint, {registered.client.client_id, redirect_uri, state,
                                                             aws::code_challenge(verifier), scopes_of(work.session)});
  TRY(work.guide.open(url, work.session));
  const secret::Bytes code = TRY(listener.wait({kPath, state}, work.clock, kPatience));
  held.emplace();
  aws::SsoOidc oidc(work.client, work.endpoint);
  auto reply = TRY(oidc.token_for_code(registered.client, code, verifier, redirect_uri));
  if (auto* tokens = std::get_if<aws::SsoTokens>(&reply))
    return SignedIn{std::move(registered.client), aws::SsoFlow::authorization_code, std::move(*tokens)};
  switch (std::get<aws::TokenRefusal>(reply)) {
    case aws::TokenRefusal::denied:
      return fail(ErrorKind::denied, "the sign-in was refused");
    case aws::TokenRefusal::expired:
      return fail(ErrorKind::sign_in_needed, "the sign-in took too long");
    default:
      return fail(ErrorKind::failure, "AWS does not accept the code that the browser brought back");
  }
}

}  // namespace credentials
