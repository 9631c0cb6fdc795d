#include "cli/completion.h"

#include "base/text.h"
#include "cli/context.h"
#include "deliver/formats.h"

#include <algorithm>
#include <optional>

namespace cli {
namespace {

/// A command's name as its words.
std::vector<std::string> name_words(const Command& row) {
  std::vector<std::string> out;
  for (const auto part : base::split(row.name, ' ')) out.emplace_back(part);
  return out;
}

std::vector<Candidate> of_words(std::initializer_list<std::string_view> words) {
  std::vector<Candidate> out;
  for (const auto word : words) out.push_back({std::string(word), ""});
  return out;
}

/// Words that may follow `before` in a command's name, with the help of those that end there.
std::vector<Candidate> next_name_words(std::span<const Command> table, const std::vector<std::string>& before) {
  std::vector<Candidate> out;
  for (const auto& row : table) {
    if (row.listed == Listed::no) continue;
    const auto name = name_words(row);
    if (name.size() <= before.size() || !std::equal(before.begin(), before.end(), name.begin())) continue;
    const bool whole = name.size() == before.size() + 1;
    const auto known = std::ranges::find(out, name[before.size()], &Candidate::value);
    if (known == out.end())
      out.push_back({name[before.size()], whole ? std::string(row.summary) : ""});
    else if (whole)
      known->help = row.summary;
  }
  return out;
}

/// How an argument is called where it is declared decides what it is completed with.
Completion of_value(std::string_view name, std::span<const Command> table, const ValuesOf& values_of) {
  if (name.ends_with("…")) name.remove_suffix(std::string_view("…").size());
  const auto asked = [&](ValueKind kind) {
    Completion out;
    for (auto& value : values_of(kind))
      if (!value.empty() && base::printable(value, value.size()) == value)
        out.candidates.push_back({std::move(value), ""});
    return out;
  };
  if (name == "PROFILE" || name == "OLD") return asked(ValueKind::profile);
  if (name == "SESSION") return asked(ValueKind::sso_session);
  if (name == "ACCOUNT") return asked(ValueKind::account);
  if (name == "ROLE") return asked(ValueKind::role);
  if (name == "COMMAND")
    return {.kind = Completion::Kind::values, .candidates = next_name_words(table, {}), .before = {}};
  if (name == "FILE" || name == "PATH" || name == "DIR")
    return {.kind = Completion::Kind::files, .candidates = {}, .before = {}};
  Completion out;
  if (name == "PICKER") out.candidates = of_words({"own", "fzf"});
  if (name == "SHELL") out.candidates = of_words({"bash", "zsh", "fish"});
  if (name == "SLOT") out.candidates = of_words({"passphrase", "keyfile", "secret-service", "tpm2"});
  if (name == "FORMAT")
    for (const auto format : deliver::format_names()) out.candidates.push_back({std::string(format), ""});
  return out;
}

/// What a command declares, sorted by how it is given.
struct Declared {
  std::vector<ArgumentInfo> options;
  std::vector<std::string> positionals;
  bool tail = false;  // takes a command after `--`

  explicit Declared(const std::vector<ArgumentInfo>& all) {
    for (const auto& argument : all) {
      if (argument.names.starts_with("-- "))
        tail = true;
      else if (argument.names.starts_with('-'))
        options.push_back(argument);
      else
        positionals.push_back(argument.names);
    }
  }
  const ArgumentInfo* named(std::string_view name) const {
    for (const auto& option : options) {
      const auto names = base::split(option.names, ',');
      if (std::ranges::find(names, name) != names.end()) return &option;
    }
    return nullptr;
  }
  /// The positional at that place; the last one where it takes all that follow. Empty: none.
  std::string positional(std::size_t at) const {
    if (at < positionals.size()) return positionals[at];
    return !positionals.empty() && positionals.back().ends_with("…") ? positionals.back() : "";
  }
};

/// Where the words of a command line have led to.
struct Place {
  std::size_t positionals = 0;
  const ArgumentInfo* value_of = nullptr;  // the last word is this option, and its value comes next
  bool after_dashes = false;
};

Place place_after(const Declared& declared, std::span<const std::string> words) {
  Place place;
  for (const auto& word : words) {
    if (place.after_dashes) {
      ++place.positionals;
    } else if (place.value_of != nullptr) {
      place.value_of = nullptr;
    } else if (word == "--") {
      place.after_dashes = true;
    } else if (word.size() > 1 && word.starts_with('-')) {
      const auto* const option = declared.named(word);
      if (option != nullptr && !option->value.empty()) place.value_of = option;
    } else {
      ++place.positionals;
    }
  }
  return place;
}

std::vector<Candidate> option_names(const Declared& declared, std::string_view current) {
  std::vector<Candidate> out;
  for (const auto& option : declared.options) {
    const auto names = base::split(option.names, ',');
    // "-d" is offered to who types "-" alone; the long name says what it is.
    for (const auto name : names)
      if (name.starts_with("--") || current == name) out.push_back({std::string(name), option.help});
  }
  return out;
}

Completion in_command(std::span<const Command> table, const Declared& declared, std::span<const std::string> words,
                      std::string_view current, const ValuesOf& values_of) {
  const Place place = place_after(declared, words);
  if (place.after_dashes && declared.tail) return {.kind = Completion::Kind::command, .candidates = {}, .before = {}};
  if (place.value_of != nullptr) return of_value(place.value_of->value, table, values_of);
  if (!place.after_dashes && current.starts_with('-')) {
    const auto equals = current.find('=');
    if (equals == std::string_view::npos)
      return {.kind = Completion::Kind::values, .candidates = option_names(declared, current), .before = {}};
    const auto* const option = declared.named(current.substr(0, equals));
    if (option == nullptr || option->value.empty()) return {};
    Completion out = of_value(option->value, table, values_of);
    out.before = current.substr(0, equals + 1);
    return out;
  }
  return of_value(declared.positional(place.positionals), table, values_of);
}

}  // namespace

Completion complete(std::span<const Command> table, const std::vector<std::string>& words, std::string_view current,
                    const ValuesOf& values_of) {
  CommonOptions unused;
  Arguments common("", "", "");
  declare_common(common, unused);
  const Declared leading(common.declared());
  std::size_t begin = 0;  // common options may stand before the command
  while (begin < words.size() && words[begin].starts_with('-')) {
    const auto* const option = leading.named(words[begin]);
    begin += option != nullptr && !option->value.empty() ? 2 : 1;
  }
  if (begin > words.size()) return {};
  const std::span<const std::string> own = std::span(words).subspan(begin);
  const Command* row = nullptr;
  std::size_t used = 0;
  for (const auto& candidate : table) {
    const auto name = name_words(candidate);
    if (name.size() > own.size() || name.size() < used || !std::equal(name.begin(), name.end(), own.begin())) continue;
    row = &candidate;
    used = name.size();
  }
  Completion out;
  if (own.size() == used || row == nullptr) out.candidates = next_name_words(table, {own.begin(), own.end()});
  if (row == nullptr) {
    if (own.empty() && current.starts_with('-')) out.candidates = option_names(leading, current);
    return out;
  }
  Arguments arguments(row->name, row->synopsis, row->summary);
  const Action unperformed = row->declare(arguments);
  declare_common(arguments, unused);
  Completion more = in_command(table, Declared(arguments.declared()), own.subspan(used), current, values_of);
  // "store slots" is a command and the begin of others.
  if (!current.starts_with('-'))
    more.candidates.insert(more.candidates.begin(), out.candidates.begin(), out.candidates.end());
  return more;
}

}  // namespace cli
