#include "agent/agent_keys.h"

#include "aws/sigv4.h"

#include <utility>

namespace agent {

/// Asks the agent; where it has locked or gone meanwhile, opens the key here, once.
class AgentKeys::KeySigner final : public aws::Signer {
 public:
  KeySigner(std::string profile, std::string access_key_id, Client& client, credentials::StoredKeys& keys)
      : profile_(std::move(profile)), access_key_id_(std::move(access_key_id)), client_(client), keys_(keys) {}

  base::Result<std::string> sign(std::string_view string_to_sign) override {
    if (!opened_) {
      auto signature = client_.sign(access_key_id_, string_to_sign);
      if (signature) return signature;
      opened_ = TRY(keys_.open(profile_));
    }
    const auto scope = aws::scope_of_string_to_sign(string_to_sign);
    if (!scope || opened_->access_key_id != access_key_id_)
      return base::fail(base::ErrorKind::failure, "the key in the store was replaced meanwhile", "try again");
    return aws::signature_of(opened_->secret_access_key, *scope, string_to_sign);
  }

 private:
  std::string profile_;
  std::string access_key_id_;
  Client& client_;
  credentials::StoredKeys& keys_;
  std::optional<aws::Credentials> opened_;
};

AgentKeys::AgentKeys(credentials::StoredKeys keys, credentials::StoredKeys keys_or_agent,
                     std::function<base::Result<Client*>()> client)
    : keys_(std::move(keys)), keys_or_agent_(std::move(keys_or_agent)), client_(std::move(client)) {}
AgentKeys::~AgentKeys() = default;

base::Result<aws::Credentials> AgentKeys::open_to_sign(std::string_view profile) {
  Client* const client = TRY(client_());
  if (!client->is_unlocked()) {
    auto opened = keys_or_agent_.open(profile);
    if (opened || !client->is_unlocked()) return opened;
  }
  const auto key = TRY(keys_.clear_side(profile));
  auto& signer = signers_[std::string(profile)];
  signer = std::make_unique<KeySigner>(std::string(profile), key.access_key_id, *client, keys_);
  aws::Credentials credentials;
  credentials.access_key_id = key.access_key_id;
  credentials.account_id = key.account_id;
  credentials.signer = signer.get();
  return credentials;
}

base::Result<secret::Bytes> AgentKeys::session_key() {
  Client* const client = TRY(client_());
  if (client->is_unlocked())
    if (auto key = client->session_key()) return key;
  auto key = keys_or_agent_.session_key();
  if (key || !client->is_unlocked()) return key;
  return client->session_key();
}

bool AgentRecords::is_unlocked() {
  const auto client = client_();
  return client && (*client)->is_unlocked();
}

base::Result<secret::Bytes> AgentRecords::open(const std::string& id) {
  Client* const client = TRY(client_());
  return client->open_sign_in(id);
}

base::Result<void> AgentRecords::put(const secret::Record& record, const secret::Bytes& body) {
  Client* const client = TRY(client_());
  return client->seal_sign_in(record, body);
}

}  // namespace agent
