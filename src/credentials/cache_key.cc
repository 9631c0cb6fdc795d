#include "credentials/cache_key.h"

#include "base/text.h"

#include <sodium.h>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace credentials {
namespace {

// Part of every hash: a change of what is hashed changes the version, so that old files are never misread.
constexpr std::string_view kVersion = "kabuto session 1";

/// Each field goes in with its length, so that no two lists of fields give the same bytes.
class Hash {
 public:
  Hash() { crypto_generichash_init(&state_, nullptr, 0, 32); }
  Hash& add(std::string_view field) {
    number(field.size());
    crypto_generichash_update(&state_, reinterpret_cast<const unsigned char*>(field.data()), field.size());
    return *this;
  }
  Hash& number(std::uint64_t value) {
    std::array<unsigned char, 8> bytes{};
    for (auto& byte : bytes) {
      byte = static_cast<unsigned char>(value & 0xff);
      value >>= 8;
    }
    crypto_generichash_update(&state_, bytes.data(), bytes.size());
    return *this;
  }
  std::string hex() {
    std::array<std::byte, 32> out{};
    crypto_generichash_final(&state_, reinterpret_cast<unsigned char*>(out.data()), out.size());
    return base::hex(out);
  }

 private:
  crypto_generichash_state state_{};
};

}  // namespace

std::string cache_key(const Hop& hop, const std::string& before) {
  Hash hash;
  hash.add(kVersion).add(before).add(name_of(hop.kind)).add(hop.access_key_id);
  if (hop.kind == HopKind::process) hash.add(hop.profile).add(hop.command).add(hop.command_path);
  hash.add(hop.role_arn).add(hop.session_name.value).add(hop.external_id).add(hop.source_identity.value);
  hash.number(hop.tags.size());
  for (const auto& tag : hop.tags) hash.add(tag.key).add(tag.value);
  hash.number(hop.transitive_tag_keys.size());
  for (const auto& key : hop.transitive_tag_keys) hash.add(key);
  hash.number(hop.policy_arns.size());
  for (const auto& arn : hop.policy_arns) hash.add(arn);
  hash.add(hop.policy).add(hop.mfa_serial.value).number(static_cast<std::uint64_t>(hop.duration.count()));
  hash.add(hop.endpoint.signing_region).add(hop.endpoint.url);
  return hash.hex();
}

}  // namespace credentials
