#include "credentials/rotation_service.h"

namespace credentials {

/// A denied call of a user who signs without MFA is most often a policy that demands it.
template <class T>
base::Result<T> IamKeyService::explained(base::Result<T> result) const {
  if (!result && result.error().kind == base::ErrorKind::denied && signer_.session_token.empty() &&
      result.error().hint.empty())
    result.error().hint = "where the policy demands MFA, run kabuto profile set PROFILE mfa_serial=ARN-OF-THE-DEVICE";
  return result;
}

base::Result<aws::CallerIdentity> IamKeyService::identify(const aws::Credentials& key) {
  return sts_.get_caller_identity(key);
}

base::Result<void> IamKeyService::sign_in(const aws::Credentials& key, const std::string& user_name) {
  auto session = TRY(session_(key));
  signer_ = session ? std::move(*session) : key.clone();
  user_name_ = user_name;
  return {};
}

base::Result<std::vector<aws::AccessKey>> IamKeyService::list() {
  return explained(iam_.list_access_keys(signer_, user_name_));
}

base::Result<aws::Credentials> IamKeyService::create() {
  return explained(iam_.create_access_key(signer_, user_name_));
}

base::Result<void> IamKeyService::remove(const std::string& access_key_id) {
  return explained(iam_.delete_access_key(signer_, user_name_, access_key_id));
}

}  // namespace credentials
