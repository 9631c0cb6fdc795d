// Small readers that name the place of a mistake.
#include "seed_json.h"

#include "crypto.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sim {
namespace {

constexpr std::size_t kPasswordLength = 20;
constexpr std::string_view kPasswordAlphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

}  // namespace

using base::ErrorKind;
using nlohmann::json;

base::Result<void> only_keys(const json& object, const std::string& where,
                             std::initializer_list<std::string_view> allowed) {
  if (!object.is_object()) return base::fail(ErrorKind::usage, where + " must be an object");
  for (const auto& [key, value] : object.items())
    if (std::ranges::find(allowed, key) == allowed.end())
      return base::fail(ErrorKind::usage, "unknown key \"" + key + "\" in " + where);
  return {};
}

base::Result<std::vector<Policy>> policies_of(const json& object, const std::string& where) {
  std::vector<Policy> policies;
  if (!object.contains("policies")) return policies;
  for (const json& document : object.at("policies")) {
    base::Result<Policy> policy = parse_policy(document);
    if (!policy) return std::unexpected(base::with_context(policy.error(), "policy of " + where));
    policies.push_back(std::move(*policy));
  }
  return policies;
}

base::Result<std::vector<std::string>> texts_of(const json& object, const std::string& key, const std::string& where) {
  std::vector<std::string> texts;
  if (!object.contains(key)) return texts;
  const json& value = object.at(key);
  for (const json& item : value.is_array() ? value : json::array({value})) {
    if (!item.is_string()) return base::fail(ErrorKind::usage, key + " of " + where + " must be text");
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

base::Result<std::string> password_of(const json& object, const std::string& where) {
  if (!object.contains("password")) return std::string();
  const json& value = object.at("password");
  if (value.is_string() && !value.get<std::string>().empty()) return value.get<std::string>();
  if (value == true) return make_password();
  return base::fail(ErrorKind::usage, "password of " + where + " must be text, or true");
}

std::string make_password() { return random_text(kPasswordLength, kPasswordAlphabet); }

}  // namespace sim
