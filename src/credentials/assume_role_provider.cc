// AssumeRole: a role session from the credentials of the hop before. Asks for nothing the plan does not name.
#include "aws/arn.h"
#include "credentials/providers.h"

namespace credentials {

aws::AssumeRoleRequest assume_role_request(const Hop& hop) {
  aws::AssumeRoleRequest request;
  request.role_arn = hop.role_arn;
  request.role_session_name = hop.session_name.value;
  request.external_id = hop.external_id;
  request.duration = hop.duration;
  request.source_identity = hop.source_identity.value;
  request.tags = hop.tags;
  request.transitive_tag_keys = hop.transitive_tag_keys;
  request.policy_arns = hop.policy_arns;
  request.policy = hop.policy;
  return request;
}

base::Result<aws::Session> assume_role(aws::Client& client, const aws::Credentials& signer, const Hop& hop,
                                       std::optional<aws::Mfa> mfa) {
  aws::AssumeRoleRequest request = assume_role_request(hop);
  request.mfa = std::move(mfa);
  aws::Session session = TRY(aws::Sts(client, hop.endpoint).assume_role(signer, request));
  if (session.credentials.account_id.empty())
    if (const auto arn = aws::parse_arn(session.assumed_role_arn)) session.credentials.account_id = arn->account;
  return session;
}

}  // namespace credentials
