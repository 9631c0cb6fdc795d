// A fingerprint of fields, for names of files and for telling whether two values are the same. It is not a cipher and
// hides nothing that can be guessed; with a key it hides from those who lack the key.
#pragma once

#include "secret/bytes.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace secret {

class Digest {
 public:
  Digest();
  explicit Digest(const Bytes& key);  // at most 64 bytes are used
  ~Digest();

  /// Each field goes in with its length, so that no two lists of fields give the same fingerprint.
  Digest& add(std::string_view field);
  Digest& add(std::uint64_t number);
  Digest& add_secret(const Bytes& field);
  /// 64 hex digits.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace secret
