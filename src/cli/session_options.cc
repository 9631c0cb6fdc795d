#include "cli/session_options.h"

#include "agent/client.h"
#include "agent/watch_list.h"
#include "aws/profile.h"
#include "base/text.h"
#include "cli/choose_profile.h"
#include "cli/close_name.h"
#include "cli/context.h"
#include "cli/portal_accounts.h"
#include "cli/recent.h"
#include "credentials/broker.h"
#include "secret/names_index.h"
#include "secret/places.h"
#include "secret/prompt.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace cli {
namespace {

constexpr std::size_t kCodeDigits = 6;
constexpr std::size_t kShownName = 100;
// The agent renews below 16 minutes what was used in the half hour before.
constexpr base::Duration kNearEnd = std::chrono::minutes{30};
// A session of less is never renewed below 16 minutes (credentials/duration.cc).
constexpr base::Duration kShortest = std::chrono::minutes{32};

base::Result<base::Duration> duration_of(const std::string& text, const char* option) {
  if (const auto value = base::parse_duration(text)) return *value;
  return base::fail(base::ErrorKind::usage, std::string(option) + " is no duration: " + base::printable(text, 40),
                    "write it as 90m, 1h30m, 2h or in seconds");
}

/// A code's digits: one that cannot be right would still be used up by sending it.
base::Result<secret::Bytes> code_of(const std::string& text) {
  const bool digits = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (text.size() != kCodeDigits || !digits)
    return base::fail(base::ErrorKind::usage, "--mfa-token is not a code of six digits");
  return secret::Bytes::copy_of(text);
}

/// Whether the words that say whose credentials are meant go together.
base::Result<void> check_choice(const SessionOptions& options) {
  const auto wrong = [](const std::string& what) {
    return base::fail(base::ErrorKind::usage, what, "run kabuto help exec");
  };
  if (options.account && !options.profile.empty()) return wrong("give a profile or --account, not both");
  if (options.account && options.via) return wrong("--via goes with the ARN of a role, not with --account");
  if (!options.account && (options.role || options.sso_session)) return wrong("--role and --session go with --account");
  if (options.account && options.account->empty()) return wrong("--account is empty");
  if (options.via && options.profile.empty()) return wrong("--via goes with the ARN of a role");
  return {};
}

/// An ARN may be a profile's name; where it is not, the one who assumes the role has been forgotten.
base::Result<void> check_is_profile(Context& context, const std::string& arn) {
  const aws::Profiles* const profiles = TRY(context.profiles());
  if (profiles->contains(arn)) return {};
  return base::fail(base::ErrorKind::usage, "a role's ARN needs the profile that assumes it", "add --via PROFILE");
}

/// Every name a profile may be asked for by: those of the files and those of the store. What cannot be read is left
/// out: this only makes an error more helpful.
std::vector<std::string> known_profiles(Context& context) {
  std::vector<std::string> names;
  if (const auto profiles = context.profiles())
    for (const auto name : (*profiles)->names()) names.emplace_back(name);
  if (const auto places = context.places())
    if (const auto index = secret::read_names(**places); index && *index)
      for (const auto& key : (*index)->keys) names.push_back(key.profile);
  return names;
}

}  // namespace

base::Error with_closest_name(base::Error error, const std::string& profile, Context& context) {
  if (error.kind != base::ErrorKind::not_found || profile.empty()) return error;
  const auto names = known_profiles(context);
  if (std::ranges::find(names, profile) != names.end()) return error;
  if (const auto close = close_name(profile, names)) {
    error.what += "; did you mean " + base::printable(*close, kShownName) + "?";
    error.hint = "run kabuto list";
    return error;
  }
  if (!names.empty()) error.hint = "run kabuto list";
  // ACCOUNT/ROLE is how KABUTO_PROFILE and the list of sessions name a role that has no profile.
  const auto parts = base::split(profile, '/');
  if (parts.size() == 2 && !profile.starts_with("arn:"))
    error.hint = "a role without a profile is named by --account ACCOUNT --role ROLE";
  return error;
}

void declare_session(Arguments& arguments, SessionOptions& options, Presence profile) {
  declare_session(arguments, options, profile, options.duration);
}

void declare_session(Arguments& arguments, SessionOptions& options, Presence profile,
                     std::optional<std::string>& duration) {
  arguments.positional("PROFILE", options.profile, profile,
                       profile == Presence::asked ? "whose credentials; without it you choose from a list"
                                                  : "whose credentials; else AWS's default order");
  arguments.option("-d,--duration", "DURATION", duration, "how long a new session shall last: 1h, 90m, 12h");
  arguments.option("--min-ttl", "DURATION", options.min_ttl, "renew a session that has less left");
  arguments.option("--region", "REGION", options.region, "the region, over all settings");
  arguments.flag("-n,--no-session", options.no_session, "the long-term keys themselves, without GetSessionToken");
  arguments.option("-t,--mfa-token", "CODE", options.mfa_token, "the MFA device's code, instead of asking for it");
  arguments.option("--account", "ACCOUNT", options.account,
                   "instead of a profile: an Identity Center account, or its id");
  arguments.option("--role", "ROLE", options.role, "the role in that account");
  arguments.option("--session", "SESSION", options.sso_session, "the sso-session that the account is of");
  arguments.option("--via", "PROFILE", options.via, "where PROFILE is the ARN of a role: whose credentials assume it");
  if (profile == Presence::asked)
    arguments.option("--picker", "PICKER", options.picker, "what shows the list: own (default) or fzf");
}

base::Result<void> choose_missing_profile(Context& context, SessionOptions& options, std::string_view command) {
  if (!options.profile.empty() || options.account) return {};
  // Words that cannot go together are told before anybody chooses from a list.
  TRY(check_choice(options));
  if (options.duration) TRY(duration_of(*options.duration, "--duration"));
  if (options.min_ttl) TRY(duration_of(*options.min_ttl, "--min-ttl"));
  auto choice = choose_profile(context, options.picker);
  if (!choice && choice.error().kind == base::ErrorKind::sign_in_needed)
    return base::fail(base::ErrorKind::usage, "PROFILE is missing", "run kabuto help " + std::string(command));
  Choice chosen = TRY(std::move(choice));
  options.profile = std::move(chosen.profile);
  if (!options.profile.empty()) return {};
  options.account = std::move(chosen.account_id);
  options.role = std::move(chosen.role);
  options.sso_session = std::move(chosen.session);
  return {};
}

base::Result<credentials::Request> request_of(Context& context, SessionOptions& options, base::Duration min_ttl,
                                              credentials::SignInUse sign_in) {
  TRY(check_choice(options));
  credentials::Request request;
  request.sign_in = sign_in;
  request.profile = options.profile;
  request.min_ttl = min_ttl;
  if (options.region) {
    if (options.region->empty()) return base::fail(base::ErrorKind::usage, "--region is empty");
    request.region = *options.region;
  }
  if (options.duration) request.duration = TRY(duration_of(*options.duration, "--duration"));
  if (options.min_ttl) {
    request.min_ttl = TRY(duration_of(*options.min_ttl, "--min-ttl"));
    request.min_ttl_is_demand = true;
  }
  request.session_length = options.session_length;
  request.session_on_the_way = options.session_on_the_way;
  if (options.no_session) request.session = credentials::SessionUse::none;
  if (options.mfa_token) request.mfa_code = TRY(code_of(*options.mfa_token));
  if (options.profile.starts_with("arn:") && !options.via) TRY(check_is_profile(context, options.profile));
  if (!options.account && !options.via) return request;
  auto found = options.account ? profile_of_account(context, options, sign_in) : profile_of_arn(context, options);
  auto named = TRY(std::move(found));
  request.profile = std::move(named.name);
  request.made = std::move(named.made);
  return request;
}

std::vector<std::string> words_of(const SessionOptions& options) {
  std::vector<std::string> out;
  const auto add = [&](const char* name, const std::optional<std::string>& value) {
    if (value) out.insert(out.end(), {name, *value});
  };
  add("--duration", options.duration);
  add("--min-ttl", options.min_ttl);
  add("--region", options.region);
  add("--account", options.account);
  add("--role", options.role);
  add("--session", options.sso_session);
  add("--via", options.via);
  if (options.no_session) out.emplace_back("--no-session");
  if (!options.profile.empty()) out.insert(out.end(), {"--", options.profile});
  return out;
}

void remember_use(Context& context, const SessionOptions& options) {
  if ((options.profile.empty() && !options.account) || !used_by_person()) return;
  // What was made of an ARN has no name that could be asked for again.
  if (options.via) return;
  const std::string what = options.account ? used_role(*options.sso_session, *options.account, *options.role)
                                           : used_profile(options.profile);
  if (const auto places = context.places()) note_use(**places, what, context.clock().now());
}

void tell_agent(Context& context, const SessionOptions& options, const credentials::Answer& answer) {
  const auto& expires = answer.credentials.expiration;
  // The agent asks by our own rules: under those of another tool it would renew another session.
  if (!expires || options.no_session || context.manner().load_profiles) return;
  const base::Duration left = *expires - context.clock().now();
  if (answer.is_new ? left < kShortest : left > kNearEnd) return;
  const base::Environment& environment = context.environment_for(options.profile);
  // Keys of the environment are not for the agent to have, so it cannot ask the same.
  if (options.profile.empty() && environment.get_nonempty("AWS_ACCESS_KEY_ID")) return;
  agent::Watch watch;
  watch.seen = answer.is_new ? agent::Seen::fetched : agent::Seen::used;
  watch.profile = options.profile;
  const std::pair<const char*, const std::optional<std::string>*> named[] = {
      {"duration", &options.duration}, {"region", &options.region},       {"account", &options.account},
      {"role", &options.role},         {"session", &options.sso_session}, {"via", &options.via}};
  for (const auto& [name, value] : named)
    if (*value) watch.options.emplace_back(name, **value);
  watch.environment = agent::watched_variables(environment);
  watch.expires = *expires;
  if (const auto agent = context.agent()) (*agent)->watch(watch);
}

credentials::SignInUse sign_in_use(Context& context) {
  return context.prompt().ready() ? credentials::SignInUse::may_ask : credentials::SignInUse::never;
}

base::Result<credentials::Answer> fetch(Context& context, credentials::Request request) {
  const std::string profile = request.profile;
  credentials::Broker* const broker = TRY(context.broker(profile));
  auto answer = broker->get(std::move(request));
  if (!answer) return std::unexpected(with_closest_name(std::move(answer).error(), profile, context));
  for (const auto& warning : answer->warnings) context.output().warn(warning);
  const auto& credentials = answer->credentials;
  const std::string until = credentials.expiration ? base::iso8601(*credentials.expiration) : "for ever";
  context.debug("profile " + base::printable(answer->profile.empty() ? "(environment)" : answer->profile, kShownName) +
                ", key " + base::printable(credentials.access_key_id, kShownName) + ", good until " + until +
                ", region " + base::printable(answer->region.empty() ? "(none)" : answer->region, kShownName));
  return answer;
}

}  // namespace cli
