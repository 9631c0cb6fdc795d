// A secret's text for a test to compare. Only tests include it: elsewhere no secret becomes a string.
#pragma once

#include "secret/bytes.h"

#include <string>
#include <string_view>

namespace secret {

inline std::string text_of(const Bytes& bytes) {
  return bytes.reveal_text([](std::string_view text) { return std::string(text); });
}

}  // namespace secret
