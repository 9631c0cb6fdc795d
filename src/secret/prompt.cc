#include "secret/prompt.h"

#include "base/text.h"

#include <fmt/format.h>

namespace secret {

base::Result<Bytes> Prompt::ask_mfa_code(std::string_view device) {
  return ask_secret(fmt::format("Enter MFA code for {}", base::printable(device)));
}

base::Result<YesNo> Prompt::ask_yes_no(std::string_view question, YesNo preset) {
  const std::string shown = fmt::format("{} [{}]", question, preset == YesNo::yes ? "Y/n" : "y/N");
  for (;;) {
    const std::string answer = TRY(ask_text(shown));
    const std::string word = base::lower_ascii(base::trim(answer));
    if (word.empty()) return preset;
    if (word == "y" || word == "yes") return YesNo::yes;
    if (word == "n" || word == "no") return YesNo::no;
    TRY(tell("Please answer y or n."));
  }
}

base::Result<std::size_t> Prompt::choose(std::string_view question, const std::vector<std::string>& options,
                                         std::size_t preset) {
  for (std::size_t i = 0; i < options.size(); ++i)
    TRY(tell(fmt::format("  {}. {}", i + 1, base::printable(options[i]))));
  for (;;) {
    const std::string answer = TRY(ask_text(fmt::format("{} [{}]", question, preset + 1)));
    const auto word = base::trim(answer);
    if (word.empty()) return preset;
    const auto number = base::parse_integer(word);
    if (number && *number >= 1 && static_cast<std::size_t>(*number) <= options.size())
      return static_cast<std::size_t>(*number) - 1;
    TRY(tell(fmt::format("Please answer with a number from 1 to {}.", options.size())));
  }
}

}  // namespace secret
