#include "cli/arguments.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cli {
namespace {

constexpr std::size_t kShownWord = 60;
constexpr std::string_view kOurselves = "kabuto";

bool is_option(std::string_view word) { return word.size() > 1 && word[0] == '-'; }

}  // namespace

Arguments::Arguments(std::string_view command, std::string_view synopsis, std::string_view summary,
                     std::string_view program)
    : program_(program), command_(command), synopsis_(synopsis), summary_(summary) {
  flag("-h,--help", help_asked_, "show this help");
}

void Arguments::declare(const std::string& names, const std::string& value, const std::string& help, Target target) {
  for (const auto name : base::split(names, ',')) target.names.emplace_back(name);
  target.shown = target.names.back();
  options_.push_back(std::move(target));
  declared_.push_back({names, value, help});
}

void Arguments::declare_positional(const std::string& name, const std::string& help, Target target) {
  target.shown = name;
  positionals_.push_back(std::move(target));
  declared_.push_back({name, "", help});
}

void Arguments::flag(const std::string& names, bool& into, const std::string& help) {
  Target target;
  target.flag = &into;
  declare(names, "", help, std::move(target));
}

void Arguments::option(const std::string& names, const std::string& value, std::string& into, const std::string& help) {
  Target target;
  target.text = &into;
  declare(names, value, help, std::move(target));
}

void Arguments::option(const std::string& names, const std::string& value, std::optional<std::string>& into,
                       const std::string& help) {
  Target target;
  target.maybe = &into;
  declare(names, value, help, std::move(target));
}

void Arguments::option(const std::string& names, const std::string& value, std::vector<std::string>& into,
                       const std::string& help) {
  Target target;
  target.many = &into;
  declare(names, value, help, std::move(target));
}

void Arguments::positional(const std::string& name, std::string& into, Presence presence, const std::string& help) {
  Target target;
  target.text = &into;
  target.presence = presence;
  declare_positional(name, help, std::move(target));
}

void Arguments::positionals(const std::string& name, std::vector<std::string>& into, Presence presence,
                            const std::string& help) {
  Target target;
  target.many = &into;
  target.presence = presence;
  declare_positional(name, help, std::move(target));
  declared_.back().names += "…";
}

void Arguments::command_after_dashes(const std::string& name, std::vector<std::string>& into, const std::string& help) {
  tail_ = &into;
  declared_.push_back({"-- " + name, "", help});
}

/// A tool of one command has no word for it.
std::string Arguments::called() const { return command_.empty() ? program_ : program_ + " " + command_; }

std::unexpected<base::Error> Arguments::usage(const std::string& what) const {
  const std::string help = program_ == kOurselves ? "kabuto help " + command_ : called() + " --help";
  return base::fail(base::ErrorKind::usage, what, "run " + help);
}

Arguments::Target* Arguments::named(std::string_view name) {
  for (auto& target : options_)
    if (std::ranges::find(target.names, name) != target.names.end()) return &target;
  return nullptr;
}

base::Result<void> Arguments::set(Target& target, std::string value) {
  if (target.given && target.many == nullptr && target.flag == nullptr) return usage(target.shown + " is given twice");
  target.given = true;
  if (target.flag != nullptr)
    *target.flag = true;
  else if (target.text != nullptr)
    *target.text = std::move(value);
  else if (target.maybe != nullptr)
    *target.maybe = std::move(value);
  else
    target.many->push_back(std::move(value));
  return {};
}

/// "--name", "--name value", "--name=value".
base::Result<void> Arguments::take_long(const std::vector<std::string>& words, std::size_t& at) {
  const std::string& word = words[at];
  const auto equals = word.find('=');
  const std::string name = word.substr(0, equals);
  Target* const target = named(name);
  if (target == nullptr) return usage("no option " + base::printable(name, kShownWord));
  if (target->flag != nullptr) {
    if (equals != std::string::npos) return usage(name + " takes no value");
    return set(*target, {});
  }
  if (equals != std::string::npos) return set(*target, word.substr(equals + 1));
  if (at + 1 == words.size()) return usage(name + " needs a value");
  return set(*target, words[++at]);
}

/// "-n", "-nv", "-d value", "-dvalue".
base::Result<void> Arguments::take_short(const std::vector<std::string>& words, std::size_t& at) {
  const std::string& word = words[at];
  for (std::size_t i = 1; i < word.size(); ++i) {
    const std::string name{'-', word[i]};
    Target* const target = named(name);
    if (target == nullptr) return usage("no option " + base::printable(name, kShownWord));
    if (target->flag != nullptr) {
      TRY(set(*target, {}));
      continue;
    }
    if (i + 1 < word.size()) return set(*target, word.substr(i + 1));
    if (at + 1 == words.size()) return usage(name + " needs a value");
    return set(*target, words[++at]);
  }
  return {};
}

base::Result<void> Arguments::take_positional(const std::string& word) {
  for (auto& target : positionals_)
    if (!target.given || target.many != nullptr) return set(target, word);
  const std::string what = "unexpected word " + base::printable(word, kShownWord);
  return usage(tail_ != nullptr ? what + ": put -- before the command to run" : what);
}

base::Result<void> Arguments::parse(const std::vector<std::string>& words) {
  const auto dashes = std::ranges::find(words, "--");
  if (std::any_of(words.begin(), dashes, [](const auto& word) { return word == "--help" || word == "-h"; })) {
    help_asked_ = true;
    return {};
  }
  const auto own_end = static_cast<std::size_t>(dashes - words.begin());
  const std::vector<std::string> own(words.begin(), dashes);
  for (std::size_t at = 0; at < own.size(); ++at) {
    if (own[at].starts_with("--")) {
      TRY(take_long(own, at));
    } else if (is_option(own[at])) {
      TRY(take_short(own, at));
    } else {
      TRY(take_positional(own[at]));
    }
  }
  for (std::size_t at = own_end + 1; at < words.size(); ++at) {
    if (tail_ != nullptr) {
      tail_->push_back(words[at]);
    } else {
      TRY(take_positional(words[at]));
    }
  }
  for (const auto& target : positionals_)
    if (target.presence == Presence::required && !target.given) return usage(target.shown + " is missing");
  return {};
}

std::string Arguments::help() const {
  std::string text = fmt::format("usage: {} {}", called(), synopsis_);
  text = std::string(base::trim(text)) + "\n\n" + summary_ + "\n\n";
  for (const auto& argument : declared_) {
    if (argument.help.empty()) continue;  // known, and not worth a line
    std::string left = argument.names;
    if (const auto comma = left.find(','); comma != std::string::npos) left.insert(comma + 1, " ");
    if (!argument.value.empty()) left += " " + argument.value;
    text += fmt::format("  {:<26} {}\n", left, argument.help);
  }
  return text;
}

}  // namespace cli
