// The long-lived keys of a store, used through the agent where one holds the data key, else opened here as without one.
// A secret access key never comes out of the agent: what needs the key itself unlocks the store.
#pragma once

#include "agent/client.h"
#include "credentials/broker.h"
#include "credentials/stored_keys.h"
#include "credentials/stored_sign_ins.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace agent {

class AgentKeys final : public credentials::KeyStore {
 public:
  /// `client` is called when a key is first needed. `keys_or_agent` opens as `keys` does, but gives up where the agent
  /// was unlocked while it waited for the terminal (Unlocker::is_served_meanwhile).
  AgentKeys(credentials::StoredKeys keys, credentials::StoredKeys keys_or_agent,
            std::function<base::Result<Client*>()> client);
  ~AgentKeys() override;

  base::Result<std::optional<std::string>> store_id() override { return keys_.store_id(); }
  base::Result<std::optional<credentials::SealedKey>> find(std::string_view profile) override {
    return keys_.find(profile);
  }
  base::Result<aws::Credentials> open(std::string_view profile) override { return keys_.open(profile); }
  base::Result<aws::Credentials> open_to_sign(std::string_view profile) override;
  base::Result<secret::Bytes> session_key() override;
  base::Result<std::string> remembered_mfa_serial(std::string_view profile) override {
    return keys_.remembered_mfa_serial(profile);
  }
  base::Result<void> remember_mfa_serial(std::string_view profile, std::string_view serial) override {
    return keys_.remember_mfa_serial(profile, serial);
  }

 private:
  class KeySigner;
  credentials::StoredKeys keys_;
  credentials::StoredKeys keys_or_agent_;
  std::function<base::Result<Client*>()> client_;
  std::map<std::string, std::unique_ptr<KeySigner>, std::less<>> signers_;  // by profile
};

/// The sign-ins' records through the agent.
class AgentRecords final : public credentials::SignInRecords {
 public:
  explicit AgentRecords(std::function<base::Result<Client*>()> client) : client_(std::move(client)) {}
  bool is_unlocked() override;
  base::Result<secret::Bytes> open(const std::string& id) override;
  base::Result<void> put(const secret::Record& record, const secret::Bytes& body) override;

 private:
  std::function<base::Result<Client*>()> client_;
};

}  // namespace agent
