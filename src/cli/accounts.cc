// kabuto accounts: the accounts and roles of Identity Center as last listed, with the age of the list. It unlocks and
// calls only where nothing is kept yet, or with --refresh.
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/portal_accounts.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <memory>

namespace cli {
namespace {

constexpr std::size_t kShownName = 60;
constexpr base::Duration kAnyAge{std::chrono::years{100}};

struct Options {
  std::string session;
  bool refresh = false;
  bool json = false;
};

std::string table_of(const credentials::Assignments& listing) {
  std::vector<std::string> names;
  std::size_t widest = 0;
  const auto width = [](std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
  };
  for (const auto& account : listing.accounts) {
    names.push_back(base::printable(account.name, kShownName));
    widest = std::max(widest, width(names.back()));
  }
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto& account = listing.accounts[i];
    text += account.id + "  " + names[i] + std::string(widest - width(names[i]) + 2, ' ') +
            (account.complete ? base::join(account.roles, " ") : "(not listed yet)") + "\n";
  }
  return text;
}

std::string json_of(const credentials::Assignments& listing, base::Instant now) {
  using Json = nlohmann::ordered_json;
  Json accounts = Json::array();
  for (const auto& account : listing.accounts)
    accounts.push_back({{"id", account.id},
                        {"name", account.name},
                        {"email", account.email},
                        {"roles", account.roles},
                        {"complete", account.complete}});
  Json out;
  out["session"] = listing.session;
  out["fetched"] = base::iso8601(listing.fetched);
  out["age_seconds"] = std::chrono::duration_cast<std::chrono::seconds>(now - listing.fetched).count();
  out["complete"] = listing.complete;
  out["accounts"] = std::move(accounts);
  return out.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

base::Result<int> show(Context& context, const Options& options) {
  const auto session = TRY(session_or_chosen(context, options.session, "accounts"));
  const auto listing =
      TRY(listing_of(context, session, options.refresh ? base::Duration{0} : kAnyAge, sign_in_use(context)));
  TRY(context.output().answer(options.json ? json_of(listing, context.clock().now()) : table_of(listing)));
  std::size_t roles = 0;
  for (const auto& account : listing.accounts) roles += account.roles.size();
  const std::string refresh =
      "kabuto accounts" + (options.session.empty() ? "" : " " + base::printable(options.session)) + " --refresh";
  context.output().note(fmt::format("{} accounts and {} roles of {}, listed {}{}", listing.accounts.size(), roles,
                                    base::printable(session.id()), age_of(listing, context.clock()),
                                    options.refresh ? "" : "; to list them anew: " + refresh));
  return 0;
}

}  // namespace

Action declare_accounts(Arguments& arguments) {
  const auto options = std::make_shared<Options>();  // shared: the action outlives this call
  arguments.positional("SESSION", options->session, Presence::optional, "the sso-session; without it the only one");
  arguments.flag("--refresh", options->refresh, "list them anew, instead of what was listed last");
  arguments.flag("--json", options->json, "one JSON object, every field present");
  return [options](Context& context) { return show(context, *options); };
}

}  // namespace cli
