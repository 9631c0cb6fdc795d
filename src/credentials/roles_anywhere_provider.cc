// IAM Roles Anywhere: a session for the holder of a certificate.
#include "aws/roles_anywhere.h"
#include "base/text.h"
#include "credentials/roles_anywhere.h"

namespace credentials {

base::Result<Given> roles_anywhere_credentials(const Errand& errand, const Hop& hop) {
  const RolesAnywhereSource& source = *hop.anywhere;
  const std::string doing = "the role " + base::printable(hop.role_arn, 200) + " by certificate (" + hop.where + ")";
  const auto opened = open_identity(errand, hop);
  if (!opened) return std::unexpected(base::with_context(opened.error(), doing));
  aws::Client& client = errand.client();
  auto credentials = aws::create_session(
      client, hop.endpoint, opened->identity,
      {source.trust_anchor_arn, source.profile_arn, hop.role_arn, hop.duration, hop.session_name.value});
  if (!credentials)
    return std::unexpected(base::with_context(
        aws::naming(std::move(credentials).error(), {hop.profile, hop.profile, hop.profile}), doing));
  return Given{std::move(*credentials), client.clock_offset()};
}

}  // namespace credentials
