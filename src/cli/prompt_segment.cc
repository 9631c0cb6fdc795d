#include "cli/prompt_segment.h"

#include "base/text.h"
#include "cli/near_end.h"

#include <optional>

namespace cli {
namespace {

constexpr std::size_t kLongestValue = 80;
constexpr std::string_view kYellow = "\x1b[33m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kBoldRed = "\x1b[1;31m";
constexpr std::string_view kPlain = "\x1b[0m";

struct Values {
  std::string profile;
  std::string region;
  std::string left;
  std::string expires;
};

/// A value of others, which bash and zsh may expand again when they show the prompt: what could begin an expansion is
/// shown as a question mark.
std::string shown(std::string_view value, PromptShell shell) {
  std::string text = base::printable(value, kLongestValue);
  if (shell != PromptShell::bash && shell != PromptShell::zsh) return text;
  std::string out;
  for (const char c : text) {
    if (shell == PromptShell::zsh && c == '%')
      out += "%%";
    else
      out += std::string_view("$`\\!").find(c) == std::string_view::npos ? c : '?';
  }
  return out;
}

/// Colours as the shell must be given them, so that it counts no column for them.
std::string marked(std::string_view color, PromptShell shell) {
  switch (shell) {
    case PromptShell::bash:
      return "\x01" + std::string(color) + "\x02";  // readline's, as \[ and \] are for PS1 itself
    case PromptShell::zsh:
      return "%{" + std::string(color) + "%}";
    case PromptShell::fish:
      return std::string(color);
    case PromptShell::plain:
      break;
  }
  return {};
}

std::string_view color_of(std::optional<base::Duration> left) {
  if (!left || *left > kFirstWarning) return {};
  if (left->count() <= 0) return kBoldRed;
  return *left > kLastWarning ? kYellow : kRed;
}

const std::string* value_named(const Values& values, std::string_view name) {
  if (name == "profile") return &values.profile;
  if (name == "region") return &values.region;
  if (name == "left") return &values.left;
  if (name == "expires") return &values.expires;
  return nullptr;
}

base::Result<std::string> filled(std::string_view format, const Values& values) {
  std::string out;
  while (!format.empty()) {
    if (format[0] != '{') {
      out += format[0];
      format.remove_prefix(1);
      continue;
    }
    const auto end = format.find('}');
    const auto* const value = end == std::string_view::npos ? nullptr : value_named(values, format.substr(1, end - 1));
    if (value == nullptr)
      return base::fail(base::ErrorKind::usage,
                        "--format knows {profile}, {region}, {left} and {expires}, not " +
                            base::printable(format.substr(0, end == std::string_view::npos ? end : end + 1), 40),
                        "run kabuto help prompt");
    if (value->empty() && out.ends_with(' ')) out.pop_back();
    out += *value;
    format.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace

base::Result<PromptShell> prompt_shell_of(std::string_view name) {
  if (name == "bash") return PromptShell::bash;
  if (name == "zsh") return PromptShell::zsh;
  if (name == "fish") return PromptShell::fish;
  if (name == "plain") return PromptShell::plain;
  return base::fail(base::ErrorKind::usage,
                    "--shell is one of bash, zsh, fish, plain, not " + base::printable(name, 40),
                    "run kabuto help prompt");
}

base::Result<std::string> prompt_segment(const base::Environment& environment, base::Instant now,
                                         std::string_view format, PromptShell shell) {
  const auto value_of = [&](const char* name) { return environment.get_nonempty(name).value_or(""); };
  Values values;
  values.profile = shown(value_of("KABUTO_PROFILE"), shell);
  values.region = shown(value_of(environment.get_nonempty("KABUTO_REGION") ? "KABUTO_REGION" : "AWS_REGION"), shell);
  const auto expires = base::parse_iso8601(value_of("AWS_CREDENTIAL_EXPIRATION"));
  const auto left = expires ? std::optional(*expires - now) : std::nullopt;
  if (left) {
    values.left = left->count() > 0 ? base::human_duration(*left) : "ended";
    values.expires = base::iso8601(*expires);
  }
  std::string text = TRY(filled(format, values));
  if (values.profile.empty()) return std::string();
  const auto color = environment.get_nonempty("NO_COLOR") ? std::string_view() : color_of(left);
  if (color.empty() || shell == PromptShell::plain) return text;
  return marked(color, shell) + text + marked(kPlain, shell);
}

}  // namespace cli
