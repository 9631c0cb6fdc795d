// A rotation's calls of AWS: STS says whose key it is, IAM makes, lists and deletes the user's keys. It decides
// nothing.
#pragma once

#include "aws/client.h"
#include "aws/iam.h"
#include "aws/sts.h"
#include "credentials/rotation.h"

#include <functional>
#include <optional>
#include <string>

namespace credentials {

/// The user's own session with MFA, for users whose policy demands it; nullopt where the key itself signs.
using UserSession = std::function<base::Result<std::optional<aws::Credentials>>(const aws::Credentials& key)>;

class IamKeyService final : public KeyService {
 public:
  /// The client must outlive the service.
  IamKeyService(aws::Client& client, aws::Endpoint sts, aws::Endpoint iam, UserSession session)
      : client_(client), sts_(client, std::move(sts)), iam_(client, std::move(iam)), session_(std::move(session)) {}

  base::Result<aws::CallerIdentity> identify(const aws::Credentials& key) override;
  base::Result<void> sign_in(const aws::Credentials& key, const std::string& user_name) override;
  base::Result<std::vector<aws::AccessKey>> list() override;
  base::Result<aws::Credentials> create() override;
  base::Result<void> remove(const std::string& access_key_id) override;
  base::Instant now() override { return client_.server_now(); }

 private:
  template <class T>
  base::Result<T> explained(base::Result<T> result) const;

  aws::Client& client_;
  aws::Sts sts_;
  aws::Iam iam_;
  UserSession session_;
  aws::Credentials signer_;
  std::string user_name_;
};

}  // namespace credentials
