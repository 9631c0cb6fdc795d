// The simulator's reader of web identity tokens: whatever comes, it refuses or gives parts that are the token's own,
// and no key verifies what it did not sign.
#include "crypto.h"
#include "jwt.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const sim::SigningKey key = sim::SigningKey::create(sim::SigningKey::Kind::ec);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // As it is, and with the bytes as the claims of a token of the right form.
  const std::string wrapped = "e30." + sim::base64url_encode(text) + ".AA";
  for (const std::string_view token : {text, std::string_view(wrapped)}) {
    const std::optional<sim::Jwt> read = sim::read_jwt(token);
    if (!read) continue;
    if (!read->header.is_object() || !read->claims.is_object()) std::abort();
    if (read->signed_text + "." + sim::base64url_encode(read->signature) != token) std::abort();
    for (const char* name : {"aud", "sub", "exp", "iat", "nbf", "amr"}) {
      (void)read->text(name);
      (void)read->texts(name);
      if (const auto seconds = read->seconds(name); seconds && *seconds < 0) std::abort();
    }
    for (const std::string_view algorithm : {"ES256", "RS256", "none"})
      if (key.verify(algorithm, read->signed_text, read->signature)) std::abort();
  }
  return 0;
}
