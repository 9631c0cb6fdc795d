// A record's clear side: no crash, and one text for one map. The bytes as a sealed body never open under another key.
#include "secret/cipher.h"
#include "secret/fields.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto fields = secret::decode_fields(text); fields && secret::encode_fields(*fields) != text) std::abort();
  const secret::Fields hostile{{std::string(text), std::string(text)}};
  if (secret::decode_fields(secret::encode_fields(hostile)) != hostile) std::abort();
  static const secret::Bytes key = secret::random_key();
  if (secret::open_sealed(key, std::as_bytes(std::span(data, size)), "bound")) std::abort();
  return 0;
}
