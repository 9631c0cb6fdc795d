#include "secret/compare.h"

#include <sodium.h>

namespace secret {

bool is_equal(const Bytes& secret, std::string_view given) {
  return secret.reveal_text([&](std::string_view own) {
    return own.size() == given.size() && (own.empty() || sodium_memcmp(own.data(), given.data(), own.size()) == 0);
  });
}

}  // namespace secret
