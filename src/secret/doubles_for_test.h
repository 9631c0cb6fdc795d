// Fakes of this room for tests: an asker with given answers, keyrings in memory, a directory of its own.
#pragma once

#include "base/fake_clock_for_test.h"
#include "base/file.h"
#include "base/own_directory_for_test.h"
#include "secret/asker.h"
#include "secret/keyring.h"
#include "secret/places.h"
#include "secret/secret_service.h"
#include "secret/slot.h"
#include "secret/text_for_test.h"
#include "secret/tpm.h"

#include <stdlib.h>

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace secret {

using base::FakeClock;

class FakeAsker final : public Asker {
 public:
  explicit FakeAsker(std::deque<std::string> answers) : answers_(std::move(answers)) {}
  base::Result<void> ready() override { return {}; }
  base::Result<Bytes> pin(Wanted wanted) override { return passphrase(wanted); }
  base::Result<Bytes> passphrase(Wanted) override {
    asked_();
    if (answers_.empty()) return base::fail(base::ErrorKind::sign_in_needed, "nobody can be asked");
    Bytes out = Bytes::copy_of(answers_.front());
    answers_.pop_front();
    return out;
  }
  AfterWrong after_wrong(std::string_view) const override { return AfterWrong::ask_again; }
  std::deque<std::string> answers_;
  std::function<void()> asked_ = [] {};
};

class FakeSecretService final : public SecretService {
 public:
  base::Result<std::optional<Bytes>> find(const std::string& store_id) override {
    if (!items_.contains(store_id)) return std::nullopt;
    return items_.at(store_id).clone();
  }
  base::Result<void> put(const std::string& store_id, const Bytes& key) override {
    items_.insert_or_assign(store_id, key.clone());
    return {};
  }
  base::Result<void> remove(const std::string& store_id) override {
    items_.erase(store_id);
    return {};
  }
  std::map<std::string, Bytes> items_;
};

/// A TPM that keeps the keys itself; its blobs name them by number. Another id is another TPM.
class FakeTpm final : public Tpm {
 public:
  bool present() override { return true; }
  base::Result<TpmBlob> seal(const Bytes& key, const Bytes& pin) override {
    sealed_.emplace_back(key.clone(), text_of(pin));
    const std::string number = std::to_string(10 + sealed_.size() - 1);
    return TpmBlob{pin.empty() ? Pin::none : Pin::asked, id_, number, number};
  }
  base::Result<void> check(const TpmBlob& blob) override {
    ++checks_;
    if (blob.primary != id_) return base::fail(base::ErrorKind::store_damaged, "another TPM");
    if (tries_ == 0) return base::fail(base::ErrorKind::refused, "the TPM is locked out");
    return {};
  }
  base::Result<Bytes> unseal(const TpmBlob& blob, const Bytes& pin) override {
    if (blob.primary != id_) return base::fail(base::ErrorKind::store_damaged, "another TPM");
    const auto& [key, right] = sealed_.at(std::stoul(blob.private_part) - 10);
    if (text_of(pin) == right) return key.clone();
    --tries_;
    return base::fail(base::ErrorKind::store_locked, "wrong PIN");
  }
  std::string id_ = std::string(68, '0');
  int tries_ = 5;
  int checks_ = 0;
  std::vector<std::pair<Bytes, std::string>> sealed_;
};

class FakeKeyring final : public Keyring {
 public:
  base::Result<std::optional<Bytes>> find(const std::string& name) override {
    if (refuses) return base::fail(base::ErrorKind::failure, "the kernel refuses its keyring");
    if (!keys_.contains(name)) return std::nullopt;
    return keys_.at(name).clone();
  }
  base::Result<void> put(const std::string& name, const Bytes& key, base::Duration timeout) override {
    if (refuses) return base::fail(base::ErrorKind::failure, "the kernel refuses its keyring");
    keys_.insert_or_assign(name, key.clone());
    last_timeout = timeout;
    return {};
  }
  base::Result<void> drop(const std::string& name) override {
    keys_.erase(name);
    return {};
  }
  bool refuses = false;
  base::Duration last_timeout{0};
  std::map<std::string, Bytes> keys_;
};

/// A directory of the test's own, and the places of a store in it.
class OwnDirectory : public base::OwnDirectory {
 public:
  Places places() const { return {path() + "/kabuto"}; }
};

/// Argon2 at a cost that a test can pay thousands of times.
inline KdfLimits quick_limits() {
  return {.least = {.memory = 64 << 10, .passes = 1},
          .most = {.memory = 1 << 20, .passes = 3},
          .target = base::Duration{0}};
}

}  // namespace secret
