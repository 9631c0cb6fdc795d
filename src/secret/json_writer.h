// Writes one flat JSON object into locked memory, for texts that hold secrets. What is written is what JsonReader
// reads; it nests lists of texts, and what another writer has made.
#pragma once

#include "secret/bytes.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace secret {

class JsonWriter {
 public:
  /// The values must be valid UTF-8. More than `limit` bytes is a bug of the caller, who bounds what it adds.
  explicit JsonWriter(std::size_t limit) : out_(limit) {}
  JsonWriter& text(std::string_view name, std::string_view value);
  JsonWriter& secret(std::string_view name, const Bytes& value);
  JsonWriter& texts(std::string_view name, std::span<const std::string> values);
  /// What another writer has made.
  JsonWriter& object(std::string_view name, const Bytes& json);
  Bytes take() &&;

 private:
  void append(std::string_view text);
  void append_quoted(std::string_view text);
  void begin_member(std::string_view name);

  Buffer out_;
  bool has_member_ = false;
};

}  // namespace secret
