#include "names/argparse.h"

#include "base/text.h"

#include <algorithm>
#include <utility>

namespace names {
namespace {

constexpr std::size_t kShown = 100;

std::unexpected<base::Error> wrong(std::string what) { return base::fail(base::ErrorKind::usage, std::move(what)); }

std::string quoted(std::string_view text) { return "'" + base::printable(text, kShown) + "'"; }

}  // namespace

std::string PythonArguments::Option::called() const { return "argument " + base::join(names, "/"); }

PythonArguments::Option& PythonArguments::declare(std::string_view names) {
  Option option;
  for (const auto name : base::split(names, ',')) option.names.emplace_back(name);
  return options_.emplace_back(std::move(option));
}

void PythonArguments::flag(std::string_view names, bool& into) { declare(names).flag = &into; }

void PythonArguments::text(std::string_view names, std::string_view metavar, std::optional<std::string>& into) {
  Option& option = declare(names);
  option.metavar = metavar;
  option.text = &into;
}

void PythonArguments::choice(std::string_view names, std::vector<std::string_view> choices,
                             std::optional<std::string>& into) {
  Option& option = declare(names);
  option.text = &into;
  std::vector<std::string> all(choices.begin(), choices.end());
  option.metavar = "{" + base::join(all, ",") + "}";
  option.choices = std::move(choices);
}

void PythonArguments::number(std::string_view names, std::string_view metavar, std::optional<std::int64_t>& into) {
  Option& option = declare(names);
  option.metavar = metavar;
  option.number = &into;
}

void PythonArguments::rest(std::string_view name, std::vector<std::string>& into) {
  rest_name_ = name;
  rest_ = &into;
}

base::Result<PythonArguments::Option*> PythonArguments::named(const std::string& name) {
  std::vector<std::pair<Option*, std::string>> found;
  for (Option& option : options_)
    for (const auto& known : option.names) {
      if (known == name) return &option;
      if (beginnings_ == Beginnings::taken && name.size() > 2 && name.starts_with("--") && known.starts_with(name))
        found.emplace_back(&option, known);
    }
  if (found.empty()) return nullptr;
  if (found.size() == 1) return found[0].first;
  std::vector<std::string> names;
  names.reserve(found.size());
  for (const auto& [option, known] : found) names.push_back(known);
  return wrong("ambiguous option: " + base::printable(name, kShown) + " could match " + base::join(names, ", "));
}

base::Result<void> PythonArguments::set(Option& option, std::string_view value) const {
  if (!option.choices.empty() && std::ranges::find(option.choices, value) == option.choices.end()) {
    std::vector<std::string> choices;
    choices.reserve(option.choices.size());
    for (const auto choice : option.choices) choices.push_back(quoted(choice));
    return wrong(option.called() + ": invalid choice: " + quoted(value) + " (choose from " + base::join(choices, ", ") +
                 ")");
  }
  if (option.number != nullptr) {
    const auto number = base::parse_integer(base::trim(value));
    if (!number) return wrong(option.called() + ": invalid int value: " + quoted(value));
    *option.number = number;
    return {};
  }
  *option.text = std::string(value);
  return {};
}

base::Result<void> PythonArguments::check_exclusive(Option& option) {
  option.given = true;
  const auto is_one = [&](const Option& one) {
    return std::ranges::find(exclusive_, one.names[0]) != exclusive_.end();
  };
  if (!is_one(option)) return {};
  for (const Option& other : options_)
    if (&other != &option && other.given && is_one(other))
      return wrong(option.called() + ": not allowed with " + other.called());
  return {};
}

base::Result<void> PythonArguments::parse(std::span<const char* const> words) {
  std::vector<std::string> unknown;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string_view word = words[at];
    const bool is_option = word.size() > 1 && word[0] == '-' && word != "--";
    if (!is_option && rest_ != nullptr) {
      // Two dashes in front of the command are nobody's.
      if (word == "--") ++at;
      for (; at < words.size(); ++at) rest_->emplace_back(words[at]);
      break;
    }
    const auto equals = word.starts_with("--") ? word.find('=') : std::string_view::npos;
    Option* const option = is_option ? TRY(named(std::string(word.substr(0, equals)))) : nullptr;
    if (option == nullptr) {
      unknown.push_back(base::printable(word, kShown));
      continue;
    }
    TRY(check_exclusive(*option));
    if (option->flag != nullptr) {
      if (equals != std::string_view::npos)
        return wrong(option->called() + ": ignored explicit argument " + quoted(word.substr(equals + 1)));
      *option->flag = true;
      continue;
    }
    if (equals != std::string_view::npos) {
      TRY(set(*option, word.substr(equals + 1)));
      continue;
    }
    const std::string_view next = at + 1 < words.size() ? words[at + 1] : "-";
    // A negative number is a value; all else with a dash is an option.
    const bool is_value = next.empty() || next[0] != '-' || base::parse_integer(next);
    if (!is_value) return wrong(option->called() + ": expected one argument");
    TRY(set(*option, next));
    ++at;
  }
  if (!unknown.empty()) return wrong("unrecognized arguments: " + base::join(unknown, " "));
  return {};
}

std::string PythonArguments::usage() const {
  std::string out = "usage: " + program_;
  for (const Option& option : options_)
    out += " [" + option.names[0] + (option.flag != nullptr ? "" : " " + option.metavar) + "]";
  return out + (rest_ == nullptr ? "" : " ...");
}

std::string PythonArguments::help() const {
  return usage() + "\n\nThis is kabuto under " + program_ + "'s name: see doc/names/" + program_ + ".md.\n";
}

std::string PythonArguments::complaint(const base::Error& error) const {
  return usage() + "\n" + program_ + ": error: " + error.what;
}

}  // namespace names
