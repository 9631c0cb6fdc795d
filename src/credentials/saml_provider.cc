// AssumeRoleWithSAML: a role by the assertion of an identity provider, which AWS takes for five minutes only.
#include "base/text.h"
#include "credentials/assertion_text.h"
#include "credentials/providers.h"

namespace credentials {
namespace {

using base::ErrorKind;

base::Error told_of(const Hop& hop, base::Error error) {
  const std::string assertion = assertion_source(hop);
  if (error.kind == ErrorKind::expired) {
    error.kind = ErrorKind::denied;
    error.hint = "AWS takes an assertion for five minutes: get another one, then run the command again";
  } else if (error.kind == ErrorKind::denied && error.hint.empty()) {
    error.hint = "the role must trust " + base::printable(hop.provider_arn) + ", and the assertion name the role";
  }
  return base::with_context(std::move(error), "assume " + base::printable(hop.role_arn) + " by " + assertion);
}

}  // namespace

base::Result<Given> saml_credentials(const Errand& errand, const Hop& hop) {
  auto text = TRY(assertion_text(errand, hop));
  auto assertion = TRY(aws::bare_assertion(std::move(text), assertion_source(hop)));
  const aws::SamlRequest request{.role_arn = hop.role_arn,
                                 .principal_arn = hop.provider_arn,
                                 .assertion = std::move(assertion),
                                 .duration = hop.duration,
                                 .policy_arns = hop.policy_arns,
                                 .policy = hop.policy};
  auto session = aws::Sts(errand.client(), hop.endpoint).assume_role_with_saml(request);
  if (!session) return std::unexpected(told_of(hop, std::move(session).error()));
  return Given{std::move(session->credentials), session->clock_offset};
}

}  // namespace credentials
