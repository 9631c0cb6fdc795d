// The client that a sign-in is made as: one registration serves many sign-ins.
#include "credentials/sign_in_flow.h"

namespace credentials {
namespace {

constexpr base::Duration kLeastLeft = std::chrono::minutes{15};  // as the AWS CLI
constexpr const char* kClientName = "kabuto";
// Without a port: AWS ignores that of a loopback address (RFC 8252).
constexpr const char* kRedirectUri = "http://127.0.0.1/oauth/callback";

}  // namespace

std::vector<std::string> scopes_of(const SsoSession& session) {
  return session.scopes.empty() ? std::vector<std::string>{"sso:account:access"} : session.scopes;
}

base::Result<Registered> registration_for(SignInWork& work, aws::SsoFlow flow, Reuse reuse) {
  const auto* kept = work.kept;
  if (reuse == Reuse::where_possible && kept != nullptr && kept->flow == flow &&
      kept->scopes == scopes_of(work.session) && kept->registration_expires - work.client.server_now() >= kLeastLeft &&
      !kept->client_secret.empty())
    return Registered{{kept->client_id, kept->client_secret.clone(), kept->registration_expires}, true};
  aws::RegisterClientRequest request;
  request.client_name = kClientName;
  request.flow = flow;
  request.scopes = scopes_of(work.session);
  if (flow == aws::SsoFlow::authorization_code) request.redirect_uri = kRedirectUri;
  request.issuer_url = work.start_url.url;
  aws::SsoOidc oidc(work.client, work.endpoint);
  return Registered{TRY(oidc.register_client(request)), false};
}

}  // namespace credentials
