// The signatures inside a body of S3's streaming forms: each covers the one before it, so that no chunk can be changed,
// left out or moved.
#pragma once

#include "aws/sigv4.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aws {

/// Of no bytes.
inline constexpr char kEmptyBodyHash[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

class ChunkSignatures {
 public:
  /// `seed`: the signature of the request itself.
  ChunkSignatures(SigningKey key, std::string seed) : key_(std::move(key)), previous_(std::move(seed)) {}

  /// The signature of the next chunk, by the hash of its data; kEmptyBodyHash for the last.
  std::string sign_chunk(std::string_view hash);
  bool is_chunk(std::string_view hash, std::string_view signature);
  /// The same of what follows the last chunk: `hash` of its canonical_trailer.
  std::string sign_trailer(std::string_view hash);
  bool is_trailer(std::string_view hash, std::string_view signature);

 private:
  std::string chunk_text(std::string_view hash) const;
  std::string trailer_text(std::string_view hash) const;

  SigningKey key_;
  std::string previous_;
};

/// "name:value\n" of each line, by name.
std::string canonical_trailer(const std::vector<std::string>& lines);

}  // namespace aws
