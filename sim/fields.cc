// Lengths, patterns and ranges of parameters.
#include "fields.h"

#include "base/text.h"

#include <algorithm>

namespace sim {
namespace {

std::string member_name(std::string_view parameter) {
  std::string name(parameter);
  if (!name.empty() && name[0] >= 'A' && name[0] <= 'Z') name[0] = static_cast<char>(name[0] - 'A' + 'a');
  return name;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool has_pattern(std::string_view value, const TextRule& rule) {
  const bool digits_only = rule.pattern == kTokenCodeRule.pattern;
  return rule.pattern.empty() || std::ranges::all_of(value, [&](char c) {
           return digits_only ? is_digit(c) : is_word(c) || rule.extra.find(c) != std::string_view::npos;
         });
}

}  // namespace

bool fits(std::string_view value, const TextRule& rule) {
  return value.size() >= rule.shortest && value.size() <= rule.longest && has_pattern(value, rule);
}

void Fields::fail(std::string_view name, std::string_view value, const std::string& constraint) {
  if (!checks_.on("fields")) return;
  broken_.push_back("Value '" + std::string(value) + "' at '" + member_name(name) +
                    "' failed to satisfy constraint: " + constraint);
}

void Fields::check_length(std::string_view name, const std::string& value, std::string_view shown,
                          const TextRule& rule) {
  if (value.size() < rule.shortest)
    fail(name, shown, "Member must have length greater than or equal to " + std::to_string(rule.shortest));
  if (value.size() > rule.longest)
    fail(name, shown, "Member must have length less than or equal to " + std::to_string(rule.longest));
}

void Fields::check(std::string_view name, const std::string& value, const TextRule& rule) {
  check_length(name, value, value, rule);
  if (!has_pattern(value, rule))
    fail(name, value, "Member must satisfy regular expression pattern: " + std::string(rule.pattern));
}

std::string Fields::required(std::string_view name, const TextRule& rule) {
  const std::optional<std::string> value = parameters_.get(name);
  if (value)
    check(name, *value, rule);
  else
    fail_absent(name);
  return value.value_or("");
}

std::string Fields::secret(std::string_view name, const TextRule& rule) {
  const std::optional<std::string> value = parameters_.get(name);
  if (value)
    check_length(name, *value, "***", rule);
  else
    fail_absent(name);
  return value.value_or("");
}

void Fields::fail_absent(std::string_view name) {
  if (!checks_.on("fields")) return;
  broken_.push_back("Value null at '" + member_name(name) + "' failed to satisfy constraint: Member must not be null");
}

std::optional<std::string> Fields::optional(std::string_view name, const TextRule& rule) {
  std::optional<std::string> value = parameters_.get(name);
  if (value) check(name, *value, rule);
  return value;
}

std::int64_t Fields::integer(std::string_view name, std::int64_t least, std::int64_t most, std::int64_t fallback) {
  const std::optional<std::string> text = parameters_.get(name);
  if (!text) return fallback;
  const std::optional<std::int64_t> value = base::parse_integer(*text);
  if (!value) fail(name, *text, "Member must be a number");
  if (value && *value < least)
    fail(name, *text, "Member must have value greater than or equal to " + std::to_string(least));
  if (value && *value > most) fail(name, *text, "Member must have value less than or equal to " + std::to_string(most));
  return value.value_or(fallback);
}

Checked<void> Fields::verdict() const {
  if (broken_.empty()) return {};
  const std::string plural = broken_.size() == 1 ? " validation error" : " validation errors";
  return refuse(400, "ValidationError",
                std::to_string(broken_.size()) + plural + " detected: " + base::join(broken_, "; "));
}

}  // namespace sim
