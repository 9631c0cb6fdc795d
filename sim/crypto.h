// The simulator's own hashing, base32 and random text, on libcrypto. Must not use anything of src/ but base, so that
// one mistake cannot pass on both sides. Its keys are throw-away: plain strings are fine here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sim {

/// 64 lower-case hex digits.
std::string sha256_hex(std::string_view text);
std::string hex_text(std::string_view bytes);
/// Raw 32 bytes.
std::string sha256(std::string_view text);
/// Raw 20 bytes, where a protocol wants them.
std::string sha1(std::string_view text);
/// RFC 4648 with padding.
std::string base64_encode(std::string_view bytes);
/// Padded, without line breaks; nullopt on anything else.
std::optional<std::string> base64_decode(std::string_view text);
/// RFC 4648's alphabet for URLs, without padding.
std::string base64url_encode(std::string_view bytes);
std::optional<std::string> base64url_decode(std::string_view text);
/// Raw 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view text);

enum class TotpHash { sha1, sha256, sha512 };
/// Raw digest bytes of HMAC with the given hash.
std::string hmac(TotpHash hash, std::string_view key, std::string_view text);

/// RFC 4648; case, spaces and padding do not matter. nullopt on any other character.
std::optional<std::string> base32_decode(std::string_view text);
/// Without padding.
std::string base32_encode(std::string_view bytes);

/// Raw bytes of the system's generator.
std::string random_bytes(std::size_t count);
/// `count` characters of `alphabet`, each equally likely enough for throw-away names.
std::string random_text(std::size_t count, std::string_view alphabet);
std::string random_uuid();
/// 32 hex digits with a UUID's dashes.
std::string with_uuid_dashes(std::string_view hex);

/// Same length and bytes, in constant time.
bool equal_constant_time(std::string_view a, std::string_view b);

/// An access key id as AWS makes them today: prefix (AKIA, ASIA) and 16 base32 characters that hold the account number.
std::string make_access_key_id(std::string_view prefix, std::string_view account);
/// The account number inside an access key id; nullopt where the id is not of that form.
std::optional<std::string> account_of_key_id(std::string_view key_id);

}  // namespace sim
