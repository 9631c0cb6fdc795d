// JSON Web Tokens in their compact form (RFC 7519, RFC 7515). Reads the form only: what a token says, and whether its
// signature is right, is for others to judge.
#pragma once

#include "signing_key.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

struct Jwt {
  nlohmann::json header, claims;  // objects
  std::string signed_text;        // header and claims as they came
  std::string signature;

  /// A text of the header or of the claims; nullopt where it is absent or no text.
  std::optional<std::string> header_text(const std::string& name) const;
  std::optional<std::string> text(const std::string& name) const;
  /// A claim that is a text or a list of texts; empty where it is anything else.
  std::vector<std::string> texts(const std::string& name) const;
  /// A NumericDate, rounded down; nullopt where it is absent or no number in AWS's range.
  std::optional<std::int64_t> seconds(const std::string& name) const;
};

/// nullopt where it is not three parts of base64url, two of them JSON objects.
std::optional<Jwt> read_jwt(std::string_view token);
/// Signed with the header's `alg`; where the key cannot do that, the signature is empty.
std::string write_jwt(const nlohmann::json& header, const nlohmann::json& claims, const SigningKey& key);

}  // namespace sim
