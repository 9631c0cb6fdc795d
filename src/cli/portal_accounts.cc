#include "cli/portal_accounts.h"

#include "aws/arn.h"
#include "aws/profile.h"
#include "aws/settings.h"
#include "base/text.h"
#include "cli/context.h"
#include "cli/sso_names.h"
#include "credentials/fetch_assignments.h"
#include "credentials/sign_in.h"
#include "http/client.h"
#include "secret/prompt.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace cli {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::size_t kShown = 100;
// A first fetch takes any kept listing, however old: only --refresh and config sync ask for a younger one.
constexpr base::Duration kAnyAge{std::chrono::years{100}};

std::string named(const std::vector<credentials::SsoSession>& sessions) {
  std::vector<std::string> names;
  names.reserve(sessions.size());
  for (const auto& session : sessions) names.push_back(base::printable(session.id(), kShown));
  return base::join(names, ", ");
}

/// Every session once: a portal that a legacy profile and a section name is the section's. Errors: not_found (none).
base::Result<std::vector<credentials::SsoSession>> sessions_of(Context& context) {
  const aws::Profiles* const profiles = TRY(context.profiles());
  const auto all = credentials::all_sso_sessions(*profiles);
  std::vector<credentials::SsoSession> out;
  for (const auto& session : all) {
    const bool has_section = session.name.empty() && std::ranges::any_of(all, [&](const auto& other) {
                               return !other.name.empty() && other.start_url == session.start_url;
                             });
    if (!has_section) out.push_back(session);
  }
  if (out.empty())
    return fail(ErrorKind::not_found, "no session of Identity Center is configured",
                "write [sso-session NAME] with sso_start_url and sso_region into ~/.aws/config");
  return out;
}

base::Result<std::vector<credentials::Assignments>> kept_listings(
    Context& context, const std::vector<credentials::SsoSession>& sessions) {
  const secret::Places* const places = TRY(context.places());
  std::vector<credentials::Assignments> all;
  for (const auto& session : sessions)
    if (auto kept = TRY(credentials::read_assignments(*places, session.id()))) all.push_back(std::move(*kept));
  return all;
}

base::Result<std::vector<credentials::SsoSession>> sessions_to_search(Context& context, const SessionOptions& options) {
  if (options.sso_session && !options.sso_session->empty())
    return std::vector{TRY(session_meant(context, *options.sso_session))};
  return sessions_of(context);
}

/// An id and a role need no listing, where it is plain which session they are of.
std::optional<credentials::NamedProfile> without_listing(const std::vector<credentials::SsoSession>& sessions,
                                                         const std::vector<credentials::Assignments>& kept,
                                                         const SessionOptions& options) {
  const std::string role = options.role.value_or("");
  if (!credentials::is_account_id(*options.account) || !credentials::is_role_name(role) || sessions.size() != 1)
    return std::nullopt;
  for (const auto& listing : kept)
    for (const auto& account : listing.accounts)
      if (account.id == *options.account && account.complete) return std::nullopt;
  return credentials::profile_of_role(sessions[0], *options.account, "", role);
}

}  // namespace

base::Result<credentials::SsoSession> session_or_chosen(Context& context, const std::string& name,
                                                        const std::string& command) {
  if (!name.empty()) return session_meant(context, name);
  return choose_session(context, TRY(sessions_of(context)), command);
}

base::Result<credentials::Assignments> listing_of(Context& context, const credentials::SsoSession& session,
                                                  base::Duration max_age, credentials::SignInUse sign_in) {
  const secret::Places* const places = TRY(context.places());
  if (max_age > base::Duration::zero())
    if (auto kept = TRY(credentials::read_assignments(*places, session.id()));
        kept && kept->complete && context.clock().now() - kept->fetched < max_age)
      return std::move(*kept);
  const aws::Profiles* const profiles = TRY(context.profiles());
  credentials::SignIns* const sign_ins = TRY(context.sign_ins());
  const auto bundle = aws::ca_bundle({context.environment(), profiles, nullptr, {}, {}});
  const bool is_shown = context.prompt().ready().has_value();
  std::size_t told = 0;
  const credentials::FetchTools tools{
      [&] { return http::make_client(context.environment(), {bundle ? bundle->value : ""}); },
      [&](const credentials::FetchProgress& progress) {
        context.debug(fmt::format("{} of {} accounts listed, {} calls, {} of them refused for their rate",
                                  progress.accounts_done, progress.accounts, progress.calls, progress.throttled));
        // A line for each hundred: a person sees that it goes on.
        if (!is_shown || context.options().verbose || progress.accounts_done < told + 100) return;
        told = progress.accounts_done;
        context.output().note(fmt::format("{} of {} accounts listed", progress.accounts_done, progress.accounts));
      },
      [&](std::string_view line) { context.output().note(line); }};
  return credentials::fetch_assignments(*sign_ins, session, *places, context.clock(), max_age, sign_in, tools);
}

std::string age_of(const credentials::Assignments& listing, base::Clock& clock) {
  const auto age = clock.now() - listing.fetched;
  if (age < std::chrono::minutes{1}) return "just now";
  return base::human_duration(std::chrono::duration_cast<base::Duration>(age)) + " ago";
}

namespace {

/// Sign-ins that nothing was listed with yet are listed too: else a name would mean whoever happens to be listed.
base::Result<void> list_signed_in(Context& context, const std::vector<credentials::SsoSession>& sessions,
                                  std::vector<credentials::Assignments>& all) {
  credentials::SignIns* const sign_ins = TRY(context.sign_ins());
  for (const auto& status : TRY(sign_ins->list())) {
    const auto session = std::ranges::find(sessions, status.id, &credentials::SsoSession::id);
    const bool is_listed = std::ranges::find(all, status.id, &credentials::Assignments::session) != all.end();
    if (session == sessions.end() || is_listed || status.ended) continue;
    auto listing = listing_of(context, *session, kAnyAge, credentials::SignInUse::never);
    if (!listing && listing.error().kind == ErrorKind::sign_in_needed) continue;
    all.push_back(TRY(std::move(listing)));
  }
  return {};
}

}  // namespace

base::Result<credentials::NamedProfile> profile_of_account(Context& context, SessionOptions& options,
                                                           credentials::SignInUse sign_in) {
  const auto sessions = TRY(sessions_to_search(context, options));
  auto all = TRY(kept_listings(context, sessions));
  if (auto made = without_listing(sessions, all, options)) {
    options.sso_session = sessions[0].id();
    return std::move(*made);
  }
  if (sessions.size() > 1) TRY(list_signed_in(context, sessions, all));
  if (all.empty()) {
    if (sessions.size() > 1)
      return fail(ErrorKind::usage, "several sessions of Identity Center are configured: " + named(sessions),
                  "add --session " + base::printable(sessions[0].id(), kShown));
    all.push_back(TRY(listing_of(context, sessions[0], kAnyAge, sign_in)));
  }
  auto found = credentials::find_role(all, *options.account, options.role.value_or(""));
  if (!found) {
    auto error = std::move(found).error();
    if (error.kind == ErrorKind::not_found) error.what += " (listed " + age_of(all[0], context.clock()) + ")";
    if (error.kind == ErrorKind::not_found && error.hint.empty()) error.hint = "run kabuto accounts --refresh";
    return std::unexpected(std::move(error));
  }
  options.account = found->account.id;
  options.role = found->role;
  options.sso_session = found->session;
  const auto session = TRY(session_meant(context, found->session));
  return credentials::profile_of_role(session, found->account.id, found->account.name, found->role);
}

base::Result<credentials::NamedProfile> profile_of_arn(Context& context, const SessionOptions& options) {
  const auto arn = aws::parse_arn(options.profile);
  if (!arn || arn->service != "iam" || !arn->resource.starts_with("role/"))
    return fail(ErrorKind::usage, "--via goes with the ARN of a role: arn:aws:iam::123456789012:role/NAME");
  const aws::Profiles* const profiles = TRY(context.profiles());
  credentials::NamedProfile out;
  out.name = arn->account + "/" + std::string(arn->name());
  out.made.keys = {{"role_arn", options.profile}, {"source_profile", *options.via}};
  // What the role's own profile would most likely say too: one MFA code then serves both.
  if (const auto via = TRY(profiles->find(*options.via))) {
    const auto take = [&](const char* key) {
      if (!via->value(key).empty()) out.made.keys.emplace_back(key, std::string(via->value(key)));
    };
    take("region");
    if (via->value("role_arn").empty()) take("mfa_serial");
  }
  out.made.origin = options.profile + " --via " + *options.via;
  return out;
}

}  // namespace cli
