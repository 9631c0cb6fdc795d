// The items of one store of a keyring become findings: keys, and a word on what is left. For the readers of the stores.
#pragma once

#include "peers/finding.h"
#include "secret/bytes.h"

#include <functional>
#include <string>

namespace peers {

class KeyringListing {
 public:
  /// `store` names it for people.
  KeyringListing(Source source, std::string store, Findings& out)
      : source_(source), store_(std::move(store)), out_(out) {}
  /// Says what is left, once for the whole store.
  ~KeyringListing();
  KeyringListing(const KeyringListing&) = delete;
  KeyringListing& operator=(const KeyringListing&) = delete;

  /// One item. `open` gives its text when the key is wanted.
  void add(const std::string& name, const std::string& where, std::function<base::Result<secret::Bytes>()> open);

 private:
  Source source_;
  std::string store_;
  Findings& out_;
  std::size_t sessions_ = 0;
  std::size_t tokens_ = 0;
};

}  // namespace peers
