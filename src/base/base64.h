// Base64 of bytes that are no secret.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace base {

/// With padding, on one line.
std::string base64(std::span<const std::byte> bytes);
/// Of URLs and web tokens: '-' and '_', no padding.
std::string base64url(std::span<const std::byte> bytes);

}  // namespace base
