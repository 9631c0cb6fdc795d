// PEM: what lies between BEGIN and END, decoded from one locked memory into another. It knows no key and no
// certificate.
#pragma once

#include "base/result.h"
#include "secret/bytes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace secret {

enum class Base64 : std::uint8_t { standard, url };  // url: '-' and '_', no padding

/// The bytes; white space is skipped. nullopt for anything else.
std::optional<Bytes> decode_base64(std::string_view text, Base64 form = Base64::standard);

enum class PemHeaders : std::uint8_t { none, some };  // some: the old form of encryption

struct PemBlock {
  std::string label;  // "RSA PRIVATE KEY"
  PemHeaders headers = PemHeaders::none;
  Bytes der;  // empty where there are headers
};

/// Whether the text holds a BEGIN at all; what does not may be DER.
bool is_pem(const Bytes& text);

/// Every block in order; text around them is skipped. Error: failure, where a block has no end or is no base64.
base::Result<std::vector<PemBlock>> read_pem(const Bytes& text);

}  // namespace secret
