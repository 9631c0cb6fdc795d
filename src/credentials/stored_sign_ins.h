// The sign-ins of the sealed store: what may be seen without a passphrase in clear fields, the tokens and the client's
// secret in the sealed body. It keeps and gives back; when a token is renewed is sign_in.h's.
#pragma once

#include "credentials/sign_in.h"
#include "secret/places.h"
#include "secret/slot.h"
#include "secret/store.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace credentials {

/// Who opens and seals the records of sign-ins where the data key is with another process.
class SignInRecords {
 public:
  virtual ~SignInRecords() = default;
  /// Whether that process has the key now. Where it has not, and where it fails, the store is unlocked here.
  virtual bool is_unlocked() = 0;
  virtual base::Result<secret::Bytes> open(const std::string& id) = 0;
  virtual base::Result<void> put(const secret::Record& record, const secret::Bytes& body) = 0;
};

class StoredSignIns final : public SignInStore {
 public:
  /// `unlocker` is called when the store must be unlocked, `make_store` where there is none and one is needed; neither
  /// before. The data key is kept until this object dies, so that one command asks for the passphrase once.
  /// `elsewhere`, where there is one, is asked first, and again where the unlocking failed.
  StoredSignIns(secret::Places places, std::function<base::Result<secret::Unlocker*>()> unlocker,
                std::function<base::Result<void>()> make_store, SignInRecords* elsewhere = nullptr)
      : places_(std::move(places)),
        unlocker_(std::move(unlocker)),
        make_store_(std::move(make_store)),
        elsewhere_(elsewhere) {}

  base::Result<void> prepare() override;
  base::Result<std::vector<SignInStatus>> list() override;
  base::Result<std::optional<Secrets>> open(const std::string& id) override;
  base::Result<void> put(const SignInStatus& status, const Secrets& secrets) override;
  base::Result<void> remove(const std::string& id) override;

 private:
  /// nullopt where there is no store.
  base::Result<std::optional<secret::Store>> open_store() const;
  base::Result<const secret::DataKey*> data_key(const secret::Store& store);
  bool is_elsewhere() const { return !data_key_ && elsewhere_ != nullptr && elsewhere_->is_unlocked(); }
  base::Result<secret::Bytes> body_of(const secret::Store& store, const std::string& id);

  secret::Places places_;
  std::function<base::Result<secret::Unlocker*>()> unlocker_;
  std::function<base::Result<void>()> make_store_;
  SignInRecords* elsewhere_;
  std::optional<secret::DataKey> data_key_;
};

/// The clear side of a record of kind "sign-in"; nullopt for one that this version does not write.
std::optional<SignInStatus> sign_in_status_of(const secret::Record& record);

}  // namespace credentials
