// Policy documents from JSON: every element is either understood or an error.
#include "condition.h"
#include "policy.h"

#include <nlohmann/json.hpp>

namespace sim {
namespace {

using base::ErrorKind;
using nlohmann::json;

base::Result<std::vector<std::string>> strings_of(const json& value, const std::string& where) {
  std::vector<std::string> out;
  const auto add = [&](const json& one) {
    if (one.is_string()) out.push_back(one.get<std::string>());
    if (one.is_boolean()) out.emplace_back(one.get<bool>() ? "true" : "false");
    if (one.is_number_integer()) out.push_back(std::to_string(one.get<std::int64_t>()));
    return one.is_string() || one.is_boolean() || one.is_number_integer();
  };
  const json list = value.is_array() ? value : json::array({value});
  for (const json& one : list)
    if (!add(one)) return base::fail(ErrorKind::usage, where + " must be text or a list of texts");
  return out;
}

base::Result<std::vector<std::pair<std::string, std::string>>> principals_of(const json& value) {
  std::vector<std::pair<std::string, std::string>> out;
  if (value.is_string()) {
    if (value != "*") return base::fail(ErrorKind::usage, "Principal must be \"*\" or an object");
    out.emplace_back("*", "*");
    return out;
  }
  if (!value.is_object()) return base::fail(ErrorKind::usage, "Principal must be \"*\" or an object");
  for (const auto& [kind, names] : value.items()) {
    for (std::string& name : TRY(strings_of(names, "Principal"))) out.emplace_back(kind, std::move(name));
  }
  return out;
}

base::Result<std::vector<Condition>> conditions_of(const json& value) {
  std::vector<Condition> out;
  if (!value.is_object()) return base::fail(ErrorKind::usage, "Condition must be an object");
  for (const auto& [op, keys] : value.items()) {
    Condition condition;
    std::string_view name = op;
    const auto strip = [&](std::string_view prefix) {
      const bool there = name.starts_with(prefix);
      if (there) name.remove_prefix(prefix.size());
      return there;
    };
    if (strip("ForAllValues:")) condition.quantifier = Condition::Quantifier::for_all;
    if (strip("ForAnyValue:")) condition.quantifier = Condition::Quantifier::for_any;
    if (name.ends_with("IfExists")) {
      condition.absent = Condition::Absent::if_exists;
      name.remove_suffix(std::string_view("IfExists").size());
    }
    condition.base_operator = name;
    if (!is_operator(name)) return base::fail(ErrorKind::usage, "unknown condition operator " + op);
    if (!keys.is_object()) return base::fail(ErrorKind::usage, "the value of " + op + " must be an object");
    for (const auto& [key, values] : keys.items()) {
      condition.key = key;
      condition.values = TRY(strings_of(values, op));
      out.push_back(condition);
    }
  }
  return out;
}

base::Result<Statement> statement_of(const json& value) {
  if (!value.is_object()) return base::fail(ErrorKind::usage, "a Statement must be an object");
  Statement statement;
  bool has_effect = false;
  for (const auto& [key, part] : value.items()) {
    if (key == "Sid") continue;
    if (key == "Effect") {
      if (part != "Allow" && part != "Deny") return base::fail(ErrorKind::usage, "Effect must be Allow or Deny");
      statement.effect = part == "Allow" ? Effect::allow : Effect::deny;
      has_effect = true;
    } else if (key == "Action") {
      statement.actions = TRY(strings_of(part, key));
    } else if (key == "NotAction") {
      statement.not_actions = TRY(strings_of(part, key));
    } else if (key == "Resource") {
      statement.resources = TRY(strings_of(part, key));
    } else if (key == "NotResource") {
      statement.not_resources = TRY(strings_of(part, key));
    } else if (key == "Principal") {
      statement.principals = TRY(principals_of(part));
    } else if (key == "NotPrincipal") {
      statement.not_principals = TRY(principals_of(part));
    } else if (key == "Condition") {
      statement.conditions = TRY(conditions_of(part));
    } else {
      return base::fail(ErrorKind::usage, "unknown element " + key + " in a Statement");
    }
  }
  if (!has_effect) return base::fail(ErrorKind::usage, "a Statement needs an Effect");
  if (statement.actions.empty() && statement.not_actions.empty())
    return base::fail(ErrorKind::usage, "a Statement needs an Action");
  return statement;
}

}  // namespace

base::Result<Policy> parse_policy(const json& document) {
  if (!document.is_object() || !document.contains("Statement"))
    return base::fail(ErrorKind::usage, "a policy must be an object with a Statement");
  Policy policy;
  const json& found = document.at("Statement");
  const json list = found.is_array() ? found : json::array({found});
  for (const json& one : list) policy.statements.push_back(TRY(statement_of(one)));
  return policy;
}

base::Result<Policy> parse_policy_text(std::string_view text) {
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) return base::fail(ErrorKind::usage, "not JSON");
  return parse_policy(document);
}

}  // namespace sim
