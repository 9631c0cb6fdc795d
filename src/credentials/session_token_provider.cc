// GetSessionToken: primes an MFA session from a long-term key where the chain says that saves prompts.
#include "credentials/providers.h"

namespace credentials {

aws::GetSessionTokenRequest session_token_request(const Hop& hop) {
  aws::GetSessionTokenRequest request;
  request.duration = hop.duration;
  return request;
}

base::Result<aws::Session> get_session_token(aws::Client& client, const aws::Credentials& signer, const Hop& hop,
                                             std::optional<aws::Mfa> mfa) {
  aws::GetSessionTokenRequest request = session_token_request(hop);
  request.mfa = std::move(mfa);
  return aws::Sts(client, hop.endpoint).get_session_token(signer, request);
}

}  // namespace credentials
