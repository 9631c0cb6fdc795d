// kabuto list: every profile, where its credentials come from, and its live sessions with the time left. It never
// unlocks, calls nobody, and takes each file once, so that 10,000 profiles are no matter.
#include "aws/profile.h"
#include "base/text.h"
#include "cli/columns.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/recent.h"
#include "cli/session_owner.h"
#include "credentials/origin.h"
#include "secret/names_index.h"
#include "secret/places.h"
#include "secret/session_file.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <unordered_map>

namespace cli {
namespace {

constexpr std::size_t kShownName = 100;
constexpr std::string_view kGap = "  ";

struct Options {
  bool json = false;
  bool recent = false;
};

struct Row {
  std::string name;
  credentials::Origin origin;
  std::string problem;  // why the profile cannot be read; empty for most
  std::string where;    // file and line; empty where only the store knows the name
  std::string region;
  std::vector<const secret::SessionHeader*> sessions;  // live ones, the one that ends last first
  std::optional<base::Instant> last_used;
  std::size_t rank = SIZE_MAX;  // among those used; the best is 0
};

struct Listing {
  std::optional<secret::NamesIndex> store;
  secret::SessionList sessions;
  std::vector<Row> rows;
};

/// The index by name: its own look-ups go through all of it.
class SealedByName {
 public:
  explicit SealedByName(const std::optional<secret::NamesIndex>& index) {
    if (!index) return;
    for (const auto& key : index->keys) names_[key.profile].access_key_id = key.access_key_id;
    for (const auto& device : index->devices) names_[device.profile].mfa_serial = device.serial;
  }
  credentials::SealedName of(std::string_view name) const {
    const auto found = names_.find(name);
    return found == names_.end() ? credentials::SealedName{} : found->second;
  }
  const std::unordered_map<std::string_view, credentials::SealedName>& all() const { return names_; }

 private:
  std::unordered_map<std::string_view, credentials::SealedName> names_;
};

using SessionsByOwner = std::unordered_map<std::string, std::vector<const secret::SessionHeader*>>;

Row row_of(const aws::Profiles& profiles, std::string_view name, const credentials::SealedName& sealed) {
  Row row;
  row.name = name;
  const auto profile = profiles.find(name);
  if (!profile) {
    row.problem = profile.error().what;
    row.origin.access_key_id = sealed.access_key_id;
    return row;
  }
  row.origin = credentials::origin_of(*profile ? &**profile : nullptr, sealed);
  if (*profile) {
    row.where = (*profile)->where();
    row.region = (*profile)->value("region");
  }
  return row;
}

SessionsByOwner live_sessions(const secret::SessionList& list, base::Instant now) {
  SessionsByOwner live;
  for (const auto& session : list.sessions)
    if (session.header.expires > now) live[owner_of(session.header)].push_back(&session.header);
  for (auto& [name, sessions] : live)
    std::ranges::sort(sessions, [](const auto* a, const auto* b) { return a->expires > b->expires; });
  return live;
}

std::string owner_of(const Row& row) {
  if (row.origin.kind != credentials::OriginKind::identity_center) return row.name;
  return owner_of_role(row.origin.session, row.origin.account_id, row.origin.role_name);
}

void mark_used(std::vector<Row>& rows, const RecentUses& recent, base::Instant now) {
  std::unordered_map<std::string, Row*> by_name;
  for (auto& row : rows) by_name.emplace(row.name, &row);
  std::size_t rank = 0;
  for (const auto& use : recent.ranked(now)) {
    const auto parts = parts_of_used(use.what);
    const auto found = by_name.find(parts[0]);
    if (parts.size() != 1 || found == by_name.end()) continue;
    found->second->last_used = use.last;
    found->second->rank = rank++;
  }
}

void keep_used(std::vector<Row>& rows) {
  std::erase_if(rows, [](const Row& row) { return !row.last_used; });
  std::ranges::sort(rows, {}, &Row::rank);
}

base::Result<void> fill(Listing& listing, Context& context) {
  const secret::Places* const places = TRY(context.places());
  listing.store = TRY(secret::read_names(*places));
  listing.sessions = TRY(secret::list_sessions(*places));
  const aws::Profiles* const profiles = TRY(context.profiles());
  const SealedByName sealed(listing.store);
  const auto live = live_sessions(listing.sessions, context.clock().now());
  for (const auto name : profiles->names()) listing.rows.push_back(row_of(*profiles, name, sealed.of(name)));
  for (const auto& [name, key] : sealed.all())
    if (!key.access_key_id.empty() && !profiles->contains(name)) listing.rows.push_back(row_of(*profiles, name, key));
  std::ranges::stable_sort(listing.rows, {}, &Row::name);
  for (auto& row : listing.rows)
    if (const auto found = live.find(owner_of(row)); found != live.end()) row.sessions = found->second;
  mark_used(listing.rows, read_recent(*places), context.clock().now());
  return {};
}

std::string ago(const std::optional<base::Instant>& when, base::Instant now) {
  if (!when) return "never";
  return now - *when < std::chrono::seconds{1} ? "now" : base::human_duration(now - *when) + " ago";
}

std::string text_of(const Listing& listing, const Options& options, base::Instant now) {
  std::vector<std::vector<std::string>> lines = {{"PROFILE", "CREDENTIALS", "SESSION"}};
  if (options.recent) lines[0].emplace_back("USED");
  for (const auto& row : listing.rows) {
    lines.push_back(
        {base::printable(row.name, kShownName),
         row.problem.empty() ? credentials::describe(row.origin) : "unreadable: " + base::printable(row.problem),
         row.sessions.empty() ? "-" : base::human_duration(row.sessions.front()->expires - now) + " left"});
    if (options.recent) lines.back().push_back(ago(row.last_used, now));
  }
  std::vector<std::size_t> widest(lines[0].size());
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i) widest[i] = std::max(widest[i], columns(line[i]));
  std::string text;
  for (const auto& line : lines) {
    for (std::size_t i = 0; i + 1 < line.size(); ++i) {
      text += line[i];
      text.append(widest[i] - columns(line[i]), ' ');
      text += kGap;
    }
    text += line.back() + "\n";
  }
  return text;
}

std::string json_of(const Listing& listing, base::Instant now) {
  using Json = nlohmann::ordered_json;
  const auto text = [](const std::string& value) { return value.empty() ? Json() : Json(value); };
  Json profiles = Json::array();
  for (const auto& row : listing.rows) {
    Json sessions = Json::array();
    for (const auto* session : row.sessions)
      sessions.push_back({{"what", session->what},
                          {"expiration", base::iso8601(session->expires)},
                          {"seconds_left", (session->expires - now).count() / 1000}});
    const auto& origin = row.origin;
    profiles.push_back({{"name", row.name},
                        {"credentials", credentials::name_of(origin.kind)},
                        {"access_key_id", text(origin.access_key_id)},
                        {"role_arn", text(origin.role_arn)},
                        {"source", text(origin.source)},
                        {"sso_session", text(origin.session)},
                        {"sso_account_id", text(origin.account_id)},
                        {"sso_role_name", text(origin.role_name)},
                        {"mfa_serial", text(origin.mfa_serial)},
                        {"key_in_clear", text(origin.clear_key)},
                        {"region", text(row.region)},
                        {"where", text(row.where)},
                        {"problem", text(row.problem)},
                        {"sessions", std::move(sessions)},
                        {"last_used", row.last_used ? Json(base::iso8601(*row.last_used)) : Json()}});
  }
  Json out;
  out["store"] = listing.store ? Json(listing.store->store_id) : Json();
  out["profiles"] = std::move(profiles);
  out["damaged_sessions"] = listing.sessions.damaged;
  return out.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace

Action declare_list(Arguments& arguments) {
  const auto options = std::make_shared<Options>();  // shared: the action outlives this call
  arguments.flag("--json", options->json, "one JSON object, every field present");
  arguments.flag("--recent", options->recent, "only what you have used, what you use most and used last first");
  return [options](Context& context) -> base::Result<int> {
    Listing listing;
    TRY(fill(listing, context));
    if (options->recent) keep_used(listing.rows);
    const auto now = context.clock().now();
    if (options->json) {
      TRY(context.output().answer(json_of(listing, now)));
      return 0;
    }
    if (listing.rows.empty()) {
      context.output().note(options->recent ? "no profile used yet; kabuto list shows all"
                                            : "no profiles yet; seal your first key with: kabuto add NAME");
      return 0;
    }
    TRY(context.output().answer(text_of(listing, *options, now)));
    if (listing.sessions.damaged > 0)
      context.output().warn(fmt::format("{} damaged session files; run kabuto clear", listing.sessions.damaged));
    return 0;
  };
}

}  // namespace cli
