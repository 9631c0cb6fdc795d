// AssumeRoleWithWebIdentity: a role by the token of an identity provider. No key signs; the token is the secret.
#include "base/text.h"
#include "credentials/assertion_text.h"
#include "credentials/providers.h"

namespace credentials {
namespace {

using base::ErrorKind;

base::Result<secret::Bytes> token_of(const Errand& errand, const Hop& hop) {
  auto text = TRY(assertion_text(errand, hop));
  return aws::bare_token(std::move(text), assertion_source(hop));
}

base::Error told_of(const Hop& hop, base::Error error) {
  const std::string token = assertion_source(hop);
  if (error.kind == ErrorKind::expired) {
    error.kind = ErrorKind::denied;
    error.hint = "AWS no longer takes " + token + ": whoever makes it must renew it";
  } else if (error.kind == ErrorKind::denied && error.hint.empty()) {
    error.hint = "the role's trust policy must allow the token's issuer, audience and subject: see " + token;
  }
  return base::with_context(std::move(error), "assume " + base::printable(hop.role_arn) + " by " + token);
}

}  // namespace

base::Result<Given> web_identity_credentials(const Errand& errand, const Hop& hop) {
  auto token = TRY(token_of(errand, hop));
  aws::WebIdentityRequest request{.role_arn = hop.role_arn,
                                  .role_session_name = hop.session_name.value,
                                  .token = std::move(token),
                                  .duration = hop.duration,
                                  .policy_arns = hop.policy_arns,
                                  .policy = hop.policy};
  aws::Sts sts(errand.client(), hop.endpoint);
  auto session = sts.assume_role_with_web_identity(request);
  if (!session && session.error().kind == ErrorKind::expired) {
    // It may have been renewed while the call was on its way.
    request.token = TRY(token_of(errand, hop));
    session = sts.assume_role_with_web_identity(request);
  }
  if (!session) return std::unexpected(told_of(hop, std::move(session).error()));
  return Given{std::move(session->credentials), session->clock_offset};
}

}  // namespace credentials
