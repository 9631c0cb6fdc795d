// The simulator's reader of SAML responses: whatever comes, it refuses it or reads it, and what the key did not sign is
// never signed.
#include "saml_assertion.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

sim::SamlWishes wishes_for(std::string_view name) {
  sim::SamlWishes wishes;
  wishes.assertion.issuer = "https://idp.example.com/saml";
  wishes.assertion.subject = name;
  wishes.assertion.recipient = sim::kSamlAudience;
  return wishes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const sim::SigningKey key = sim::SigningKey::create(sim::SigningKey::Kind::rsa);
  static const std::string genuine = sim::write_saml_response(wishes_for("erin"), key);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto read = sim::read_saml_response(text, key); read && read->is_signed) std::abort();
  // The bytes somewhere inside what was signed, or beside it.
  const std::size_t place = size == 0 ? 0 : static_cast<std::size_t>(data[0]) * genuine.size() / 256;
  std::string mixed = genuine;
  mixed.insert(place, text.substr(size == 0 ? 0 : 1));
  const auto read = sim::read_saml_response(mixed, key);
  if (read && read->is_signed && read->assertion.subject != "erin") std::abort();
  return 0;
}
