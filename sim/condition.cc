// The operators one by one, and what an absent key means to each.
#include "condition.h"

#include "base/clock.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

namespace sim {
namespace {

using Test = bool (*)(std::string_view wanted, std::string_view actual);

bool string_equals(std::string_view wanted, std::string_view actual) { return wanted == actual; }
bool bool_equals(std::string_view wanted, std::string_view actual) {
  return base::equals_ignoring_case(wanted, actual);
}
bool is_null(std::string_view, std::string_view) { return false; }  // decided before a value is looked at

template <class Compare>
bool numeric(std::string_view wanted, std::string_view actual) {
  char* end = nullptr;
  const double right = std::strtod(std::string(wanted).c_str(), &end);
  const double left = std::strtod(std::string(actual).c_str(), &end);
  return Compare()(left, right);
}

std::optional<base::Instant> instant_of(std::string_view text) {
  if (const auto seconds = base::parse_integer(text)) return base::Instant(std::chrono::seconds(*seconds));
  return base::parse_iso8601(text);
}

template <class Compare>
bool dates(std::string_view wanted, std::string_view actual) {
  const auto left = instant_of(actual);
  const auto right = instant_of(wanted);
  return left && right && Compare()(*left, *right);
}

struct Operator {
  std::string_view name;
  Test test;
  enum class Sense { positive, negated } sense = Sense::positive;
};

using enum Operator::Sense;
constexpr std::array kOperators{
    Operator{"StringEquals", string_equals},
    Operator{"StringNotEquals", string_equals, negated},
    Operator{"StringEqualsIgnoreCase", base::equals_ignoring_case},
    Operator{"StringNotEqualsIgnoreCase", base::equals_ignoring_case, negated},
    Operator{"StringLike", base::matches_wildcard},
    Operator{"StringNotLike", base::matches_wildcard, negated},
    Operator{"ArnEquals", arn_like},
    Operator{"ArnLike", arn_like},
    Operator{"ArnNotEquals", arn_like, negated},
    Operator{"ArnNotLike", arn_like, negated},
    Operator{"Bool", bool_equals},
    Operator{"Null", is_null},
    Operator{"NumericEquals", numeric<std::equal_to<>>},
    Operator{"NumericNotEquals", numeric<std::equal_to<>>, negated},
    Operator{"NumericLessThan", numeric<std::less<>>},
    Operator{"NumericLessThanEquals", numeric<std::less_equal<>>},
    Operator{"NumericGreaterThan", numeric<std::greater<>>},
    Operator{"NumericGreaterThanEquals", numeric<std::greater_equal<>>},
    Operator{"DateEquals", dates<std::equal_to<>>},
    Operator{"DateNotEquals", dates<std::equal_to<>>, negated},
    Operator{"DateLessThan", dates<std::less<>>},
    Operator{"DateLessThanEquals", dates<std::less_equal<>>},
    Operator{"DateGreaterThan", dates<std::greater<>>},
    Operator{"DateGreaterThanEquals", dates<std::greater_equal<>>},
};

const Operator* find_operator(std::string_view name) {
  const auto* found = std::ranges::find(kOperators, name, &Operator::name);
  return found == kOperators.end() ? nullptr : found;
}

bool holds(const Condition& condition, const Context& context) {
  const Operator* op = find_operator(condition.base_operator);
  if (op == nullptr) std::abort();  // parse_policy lets no other in
  const std::vector<std::string>* actual = context.find(condition.key);
  if (op->name == "Null") {
    const std::string_view wanted = actual == nullptr ? "true" : "false";
    return std::ranges::any_of(condition.values,
                               [&](const auto& value) { return base::equals_ignoring_case(value, wanted); });
  }
  if (actual == nullptr) {
    if (condition.absent == Condition::Absent::if_exists) return true;
    if (condition.quantifier != Condition::Quantifier::single)
      return condition.quantifier == Condition::Quantifier::for_all;
    return op->sense == negated;
  }
  const auto value_holds = [&](const std::string& value) {
    const bool any = std::ranges::any_of(
        condition.values, [&](const std::string& wanted) { return op->test(with_variables(wanted, context), value); });
    return any == (op->sense == positive);
  };
  switch (condition.quantifier) {
    case Condition::Quantifier::for_any:
      return std::ranges::any_of(*actual, value_holds);
    case Condition::Quantifier::for_all:
      return std::ranges::all_of(*actual, value_holds);
    case Condition::Quantifier::single:
      return op->sense == positive ? std::ranges::any_of(*actual, value_holds)
                                   : std::ranges::all_of(*actual, value_holds);
  }
  std::abort();
}

}  // namespace

bool is_operator(std::string_view name) { return find_operator(name) != nullptr; }

bool all_hold(const std::vector<Condition>& conditions, const Context& context) {
  return std::ranges::all_of(conditions, [&](const Condition& condition) { return holds(condition, context); });
}

std::string with_variables(std::string_view text, const Context& context) {
  std::string out;
  while (true) {
    const std::size_t start = text.find("${");
    const std::size_t end = start == std::string_view::npos ? start : text.find('}', start);
    if (end == std::string_view::npos) return out.append(text);
    const std::string_view name = text.substr(start + 2, end - start - 2);
    out.append(text.substr(0, start));
    if (name.size() == 1) {
      out.append(name);  // ${*}, ${?} and ${$} are the characters themselves
    } else if (const auto* value = context.find(name); value != nullptr && value->size() == 1) {
      out.append(value->front());
    } else {
      out.append("\x01");
    }
    text.remove_prefix(end + 1);
  }
}

void Context::set(std::string_view key, std::string value) { values_[base::lower_ascii(key)] = {std::move(value)}; }

void Context::set(std::string_view key, std::vector<std::string> values) {
  values_[base::lower_ascii(key)] = std::move(values);
}

const std::vector<std::string>* Context::find(std::string_view key) const {
  const auto found = values_.find(base::lower_ascii(key));
  return found == values_.end() ? nullptr : &found->second;
}

}  // namespace sim
