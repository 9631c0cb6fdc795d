#include "cli/arguments.h"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace cli {

struct Arguments::Parser {
  explicit Parser(std::string_view command, std::string_view summary)
      : app(std::string(summary), "kabuto " + std::string(command)) {}
  CLI::App app;
};

Arguments::Arguments(std::string_view command, std::string_view summary)
    : parser_(std::make_unique<Parser>(command, summary)), command_(command) {
  parser_->app.set_help_flag();
  parser_->app.add_flag("-h,--help", help_asked_, "show this help");
}

Arguments::~Arguments() = default;

void Arguments::flag(const std::string& names, bool& into, const std::string& help) {
  parser_->app.add_flag(names, into, help);
  declared_.push_back({names, "", help});
}

void Arguments::option(const std::string& names, const std::string& value, std::string& into, const std::string& help) {
  parser_->app.add_option(names, into, help)->type_name(value)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  declared_.push_back({names, value, help});
}

void Arguments::option(const std::string& names, const std::string& value, std::optional<std::string>& into,
                       const std::string& help) {
  parser_->app.add_option(names, into, help)->type_name(value)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  declared_.push_back({names, value, help});
}

void Arguments::option(const std::string& names, const std::string& value, std::vector<std::string>& into,
                       const std::string& help) {
  parser_->app.add_option(names, into, help)
      ->type_name(value)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  declared_.push_back({names, value, help});
}

void Arguments::positional(const std::string& name, std::string& into, Presence presence, const std::string& help) {
  parser_->app.add_option(name, into, help)->type_name("")->required(presence == Presence::required);
  declared_.push_back({name, "", help});
}

void Arguments::positionals(const std::string& name, std::vector<std::string>& into, Presence presence,
                            const std::string& help) {
  parser_->app.add_option(name, into, help)->type_name("")->required(presence == Presence::required);
  declared_.push_back({name, "", help});
}

void Arguments::command_after_dashes(const std::string& name, std::vector<std::string>& into, const std::string& help) {
  tail_ = &into;
  declared_.push_back({"-- " + name, "", help});
}

base::Result<void> Arguments::parse(const std::vector<std::string>& words) {
  auto own_end = words.end();
  if (tail_ != nullptr) {
    own_end = std::find(words.begin(), words.end(), "--");
    if (own_end != words.end()) tail_->assign(own_end + 1, words.end());
  }
  // The library takes its words last first. It checks required words also where only help is asked.
  std::vector<std::string> reversed(std::make_reverse_iterator(own_end), words.rend());
  try {
    parser_->app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    if (std::ranges::any_of(words.begin(), own_end, [](const auto& w) { return w == "--help" || w == "-h"; })) {
      help_asked_ = true;
      return {};
    }
    std::string what = error.what();
    std::ranges::replace(what, '\n', ' ');
    return base::fail(base::ErrorKind::usage, what, "run kabuto help " + command_);
  }
  return {};
}

std::string Arguments::help() const { return parser_->app.help(); }

}  // namespace cli
