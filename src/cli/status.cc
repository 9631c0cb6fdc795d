// kabuto alone: what is set up, which sign-ins and sessions there are and when each ends, and the command to type next.
// It unlocks nothing and calls nobody.
#include "aws/profile.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/next_step.h"
#include "credentials/assignments.h"
#include "credentials/sign_in.h"
#include "secret/names_index.h"
#include "secret/places.h"
#include "secret/session_file.h"
#include "version.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <ranges>
#include <utility>

namespace cli {
namespace {

constexpr std::size_t kShownName = 100;
constexpr std::size_t kMostSessions = 20;  // shown to a person; --json has all

enum class SignInState {
  none,       // configured, nobody is signed in
  live,       // the token is good
  renewable,  // the token has ended; the next use renews it
  ended,
};

struct SignInRow {
  std::string id;
  std::string name;
  std::string start_url;
  std::string region;
  SignInState state = SignInState::none;
  std::optional<credentials::SignInStatus> status;
  base::Duration left{0};  // of the token
  std::optional<credentials::Assignments> assignments;
};

struct Overview {
  const secret::Places* places = nullptr;
  std::optional<secret::NamesIndex> index;
  const aws::Profiles* profiles = nullptr;
  std::string config;
  std::string inside;
  std::vector<SignInRow> sign_ins;
  std::vector<secret::SessionEntry> sessions;  // live ones, the one that ends first in front
  std::size_t damaged = 0;
  std::string next;
};

std::string_view name_of(SignInState state) {
  switch (state) {
    case SignInState::none:
      return "none";
    case SignInState::live:
      return "live";
    case SignInState::renewable:
      return "renewable";
    case SignInState::ended:
      break;
  }
  return "ended";
}

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

SignInState state_of(const credentials::SignInStatus& status, base::Duration left) {
  if (status.ended) return SignInState::ended;
  if (left > base::Duration::zero()) return SignInState::live;
  return status.renewable ? SignInState::renewable : SignInState::ended;
}

SignInRow row_of(std::string id, std::string name, std::string start_url, std::string region) {
  SignInRow row;
  row.id = std::move(id);
  row.name = std::move(name);
  row.start_url = std::move(start_url);
  row.region = std::move(region);
  return row;
}

/// Those of the store, then those that the files name and nobody is signed in to.
base::Result<std::vector<SignInRow>> sign_ins_of(Context& context, const Overview& overview) {
  std::vector<SignInRow> rows;
  credentials::SignIns* const sign_ins = TRY(context.sign_ins());
  for (auto& status : TRY(sign_ins->list())) {
    SignInRow row = row_of(status.id, status.name, status.start_url, status.region);
    row.left = credentials::time_left(status, context.clock());
    row.state = state_of(status, row.left);
    row.status = std::move(status);
    rows.push_back(std::move(row));
  }
  for (const auto& session : credentials::all_sso_sessions(*overview.profiles))
    if (std::ranges::find(rows, session.id(), &SignInRow::id) == rows.end())
      rows.push_back(row_of(session.id(), session.name, session.start_url, session.region));
  for (auto& row : rows) row.assignments = TRY(credentials::read_assignments(*overview.places, row.id));
  return rows;
}

base::Result<Overview> look(Context& context) {
  Overview overview;
  overview.places = TRY(context.places());
  overview.index = TRY(secret::read_names(*overview.places));
  overview.profiles = TRY(context.profiles());
  overview.config = aws::locations(context.environment()).config;
  overview.inside = context.environment().get_nonempty("KABUTO_PROFILE").value_or("");
  overview.sign_ins = TRY(sign_ins_of(context, overview));
  auto sessions = TRY(secret::list_sessions(*overview.places));
  overview.damaged = sessions.damaged;
  for (auto& session : sessions.sessions)
    if (session.header.expires > context.clock().now()) overview.sessions.push_back(std::move(session));
  std::ranges::stable_sort(overview.sessions, {}, [](const auto& session) { return session.header.expires; });
  SignInsFound found;
  for (const auto& row : overview.sign_ins) {
    auto& list = row.state == SignInState::ended  ? found.ended
                 : row.state == SignInState::none ? found.never
                                                  : found.live;
    list.push_back(row.id);
  }
  overview.next = next_step(*overview.profiles, overview.index, found);
  return overview;
}

std::string shown_state(const SignInRow& row) {
  if (!row.status) return "nobody is signed in";
  const std::string since = "since " + base::iso8601(row.status->obtained) + ", ";
  switch (row.state) {
    case SignInState::live:
      return fmt::format("{}token until {} ({} left){}", since, base::iso8601(row.status->expires),
                         base::human_duration(row.left), row.status->renewable ? ", renewed by itself" : "");
    case SignInState::renewable:
      return since + "token ended, renewed when it is used next";
    case SignInState::none:
    case SignInState::ended:
      break;
  }
  return "has ended; run kabuto login " + base::printable(row.id, kShownName);
}

std::string sign_ins_text(const Overview& overview, base::Instant now) {
  if (overview.sign_ins.empty()) return {};
  std::string text = "\nsign-ins of Identity Center\n";
  for (const auto& row : overview.sign_ins) {
    text += fmt::format("  {}\n", row.name.empty()
                                      ? base::printable(row.start_url)
                                      : base::printable(row.name, kShownName) + "  " + base::printable(row.start_url));
    text += fmt::format("    {}\n", shown_state(row));
    if (row.assignments)
      text += fmt::format("    {}{}, listed {} ago\n", counted(row.assignments->accounts.size(), "account"),
                          row.assignments->complete ? "" : " (not complete)",
                          base::human_duration(now - row.assignments->fetched));
  }
  return text;
}

std::string sessions_text(const Overview& overview, base::Instant now) {
  if (overview.sessions.empty()) return {};
  std::string text = "\nsessions of roles\n";
  for (const auto& session : overview.sessions | std::views::take(kMostSessions))
    text +=
        fmt::format("  {}  {}\n    until {} ({} left)\n",
                    session.header.profile.empty() ? "no profile" : base::printable(session.header.profile, kShownName),
                    base::printable(session.header.what), base::iso8601(session.header.expires),
                    base::human_duration(session.header.expires - now));
  if (overview.sessions.size() > kMostSessions)
    text += fmt::format("  and {} more: kabuto status --json\n", overview.sessions.size() - kMostSessions);
  return text;
}

std::string text_of(const Overview& overview, base::Instant now) {
  std::string text = fmt::format("kabuto {}\n\n", kVersion);
  const auto line = [&](std::string_view name, const std::string& value) {
    text += fmt::format("  {:<10}{}\n", name, value);
  };
  line("store", overview.index
                    ? base::printable(overview.places->store()) + ", " + counted(overview.index->keys.size(), "key")
                    : "none yet");
  const auto profiles = overview.profiles->names().size();
  line("profiles", (profiles == 0 ? "none" : counted(profiles, "profile")) + " in " + base::printable(overview.config));
  line("sessions", overview.sessions.empty() ? "none" : fmt::format("{} live", overview.sessions.size()));
  if (!overview.inside.empty()) line("inside", "kabuto exec " + base::printable(overview.inside, kShownName));
  text += sign_ins_text(overview, now);
  text += sessions_text(overview, now);
  return text + "\nnext: " + overview.next + "\n      kabuto help    shows all commands\n";
}

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& value) { return value.empty() ? Json() : Json(value); }

std::int64_t whole_seconds(base::Duration value) {
  return std::chrono::duration_cast<std::chrono::seconds>(value).count();
}

Json json_of(const SignInRow& row, base::Instant now) {
  Json out = {{"session", text_or_null(row.name)},
              {"start_url", row.start_url},
              {"region", text_or_null(row.region)},
              {"state", name_of(row.state)},
              {"signed_in", row.status ? Json(base::iso8601(row.status->obtained)) : Json()},
              {"token_expiration", row.status ? Json(base::iso8601(row.status->expires)) : Json()},
              {"seconds_left", row.state == SignInState::live ? Json(whole_seconds(row.left)) : Json()},
              {"renewable", row.status && row.status->renewable && row.state != SignInState::ended},
              {"assignments", Json()}};
  if (row.assignments)
    out["assignments"] = {{"accounts", row.assignments->accounts.size()},
                          {"complete", row.assignments->complete},
                          {"fetched", base::iso8601(row.assignments->fetched)},
                          {"age_seconds", whole_seconds(now - row.assignments->fetched)}};
  return out;
}

std::string json_of(const Overview& overview, base::Instant now) {
  Json out;
  out["version"] = kVersion;
  out["store"] = overview.index ? Json{{"id", overview.index->store_id},
                                       {"path", overview.places->store()},
                                       {"keys", overview.index->keys.size()}}
                                : Json();
  out["profiles"] = {{"file", overview.config}, {"count", overview.profiles->names().size()}};
  out["inside"] = text_or_null(overview.inside);
  out["sign_ins"] = Json::array();
  for (const auto& row : overview.sign_ins) out["sign_ins"].push_back(json_of(row, now));
  out["sessions"] = Json::array();
  for (const auto& session : overview.sessions)
    out["sessions"].push_back({{"profile", text_or_null(session.header.profile)},
                               {"what", session.header.what},
                               {"expiration", base::iso8601(session.header.expires)},
                               {"seconds_left", whole_seconds(session.header.expires - now)}});
  out["damaged_sessions"] = overview.damaged;
  out["next"] = overview.next.substr(0, overview.next.find("    "));
  return out.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace

Action declare_status(Arguments& arguments) {
  const auto json = std::make_shared<bool>(false);  // shared: the action outlives this call
  arguments.flag("--json", *json, "one JSON object, every field present");
  return [json](Context& context) -> base::Result<int> {
    const Overview overview = TRY(look(context));
    const auto now = context.clock().now();
    TRY(context.output().answer(*json ? json_of(overview, now) : text_of(overview, now)));
    if (!*json && overview.damaged > 0)
      context.output().warn(counted(overview.damaged, "damaged session file") + "; run kabuto clear");
    return 0;
  };
}

}  // namespace cli
