// Three parts, two of them JSON.
#include "jwt.h"

#include "base/text.h"
#include "crypto.h"

#include <cmath>

namespace sim {
namespace {

using nlohmann::json;

std::optional<json> object_of(std::string_view part) {
  const std::optional<std::string> text = base64url_decode(part);
  if (!text) return std::nullopt;
  json object = json::parse(*text, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  return object;
}

std::optional<std::string> text_of(const json& object, const std::string& name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

}  // namespace

std::optional<std::string> Jwt::header_text(const std::string& name) const { return text_of(header, name); }
std::optional<std::string> Jwt::text(const std::string& name) const { return text_of(claims, name); }

std::vector<std::string> Jwt::texts(const std::string& name) const {
  const auto found = claims.find(name);
  if (found == claims.end()) return {};
  std::vector<std::string> texts;
  for (const json& item : found->is_array() ? *found : json::array({*found})) {
    if (!item.is_string()) return {};
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

std::optional<std::int64_t> Jwt::seconds(const std::string& name) const {
  constexpr double latest = 253'402'300'799;  // the last second of the year 9999
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number()) return std::nullopt;
  const double value = found->get<double>();
  if (!(value >= 0 && value <= latest)) return std::nullopt;
  return static_cast<std::int64_t>(std::floor(value));
}

std::optional<Jwt> read_jwt(std::string_view token) {
  const std::vector<std::string_view> parts = base::split(token, '.');
  if (parts.size() != 3) return std::nullopt;
  std::optional<json> header = object_of(parts[0]);
  std::optional<json> claims = object_of(parts[1]);
  std::optional<std::string> signature = base64url_decode(parts[2]);
  if (!header || !claims || !signature) return std::nullopt;
  return Jwt{.header = std::move(*header),
             .claims = std::move(*claims),
             .signed_text = std::string(token.substr(0, token.rfind('.'))),
             .signature = std::move(*signature)};
}

std::string write_jwt(const json& header, const json& claims, const SigningKey& key) {
  const std::string text = base64url_encode(header.dump()) + "." + base64url_encode(claims.dump());
  return text + "." + base64url_encode(key.sign(text_of(header, "alg").value_or(""), text));
}

}  // namespace sim
