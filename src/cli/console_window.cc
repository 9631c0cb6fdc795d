#include "cli/console_window.h"

#include "aws/profile.h"
#include "base/text.h"
#include "cli/console_link.h"
#include "cli/context.h"
#include "credentials/assignments.h"
#include "secret/places.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace cli {
namespace {

using base::ErrorKind;
using base::fail;

base::Result<std::optional<aws::Setting>> setting(Context& context, const std::string& profile, std::string_view key) {
  if (profile.empty()) return std::nullopt;
  const aws::Profiles* const profiles = TRY(context.profiles());
  const auto found = TRY(profiles->find(profile));
  return found ? found->get(key) : std::nullopt;
}

/// The account's name where it has been listed; empty elsewhere.
std::string name_of_account(const secret::Places& places, const ConsoleLink& link) {
  if (link.session_id.empty()) return "";
  const auto listed = credentials::read_assignments(places, link.session_id);
  if (!listed || !*listed) return "";
  const auto& accounts = (*listed)->accounts;
  const auto found = std::ranges::find(accounts, link.account_id, &credentials::AssignedAccount::id);
  return found == accounts.end() ? "" : found->name;
}

std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  for (const char c : base::lower_ascii(name)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      words.back() += c;
    else if (!words.back().empty())
      words.emplace_back();
  }
  return words;
}

}  // namespace

bool is_production_name(std::string_view name) {
  constexpr std::array<std::string_view, 4> kProduction = {"prod", "production", "prd", "live"};
  constexpr std::array<std::string_view, 3> kNot = {"non", "not", "pre"};
  const auto words = words_of(name);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (std::ranges::find(kProduction, words[i]) == kProduction.end()) continue;
    if (i == 0 || std::ranges::find(kNot, words[i - 1]) == kNot.end()) return true;
  }
  return false;
}

base::Result<bool> wants_container(Context& context, const std::string& profile, bool asked) {
  if (asked) return true;
  const auto said = TRY(setting(context, profile, "console_container"));
  if (!said || said->value.empty()) return false;
  if (base::equals_ignoring_case(said->value, "true")) return true;
  if (base::equals_ignoring_case(said->value, "false")) return false;
  return fail(ErrorKind::refused, "console_container (" + said->where() + ") is neither true nor false");
}

base::Result<deliver::BrowserChoice> window_of_account(Context& context, const std::string& profile,
                                                       const ConsoleLink& link) {
  const secret::Places* const places = TRY(context.places());
  if (link.account_id.empty())
    return fail(ErrorKind::failure, "a container is one account's, and the account is not known",
                "leave --container out");
  deliver::BrowserChoice choice;
  const std::string name = name_of_account(*places, link);
  choice.container = name.empty() ? link.account_id : name + " " + link.account_id;
  choice.container_id = link.account_id;
  choice.data_directory = places->directory;
  const auto color = TRY(setting(context, profile, "console_color"));
  if (color && !color->value.empty()) {
    choice.color = base::lower_ascii(color->value);
    if (!deliver::is_browser_color(choice.color))
      return fail(ErrorKind::refused, "console_color (" + color->where() +
                                          ") is none of blue, turquoise, green, yellow, " +
                                          "orange, red, pink, purple");
  } else if (is_production_name(profile) || is_production_name(name)) {
    choice.color = "red";
  } else {
    choice.color = deliver::browser_color_of(link.account_id);
  }
  return choice;
}

}  // namespace cli
