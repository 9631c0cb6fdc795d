// aws-vault list: its table, and its three short forms. It unlocks nothing and calls nobody.
#include "aws/profile.h"
#include "base/text.h"
#include "cli/columns.h"
#include "cli/context.h"
#include "credentials/sign_in.h"
#include "names/aws_vault.h"
#include "secret/names_index.h"
#include "secret/places.h"
#include "secret/session_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

namespace names {
namespace {

constexpr std::size_t kShownName = 200;
constexpr std::size_t kNarrowest = 25;  // of a column, with the blanks behind it
constexpr std::size_t kBlanks = 2;
constexpr std::string_view kDefault = "default";
constexpr std::string_view kNone = "-";

struct Flags {
  bool profiles = false;
  bool sessions = false;
  bool credentials = false;
};

struct Session {
  std::string profile;  // empty: of a sign-in
  std::string label;
};

struct Facts {
  std::vector<std::string> profiles;  // as the config file orders them
  std::vector<std::string> keys;
  std::vector<Session> sessions;
  const aws::Profiles* files = nullptr;
};

/// "59m58s", "1h0m0s": a duration as Go prints it, in whole seconds.
std::string go_duration(base::Duration duration) {
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  std::string out = seconds < 0 ? "-" : "";
  seconds = std::abs(seconds);
  constexpr int kMinute = 60;
  constexpr int kHour = 3600;
  if (seconds >= kHour) out += fmt::format("{}h", seconds / kHour);
  if (seconds >= kMinute) out += fmt::format("{}m", seconds % kHour / kMinute);
  return out + fmt::format("{}s", seconds % kMinute);
}

/// The call that gave the session, by aws-vault's names.
std::string type_of(const secret::SessionHeader& header) {
  if (header.what == "GetSessionToken") return "sts.GetSessionToken";
  if (header.what.starts_with("arn:")) return "sts.AssumeRole";
  return header.more.contains("sign_in") ? "sso.GetRoleCredentials" : "credential_process";
}

std::string label_of_sign_in(std::string_view start_url) { return "oidc:" + base::printable(start_url, kShownName); }

/// Profiles of the config file alone, without a [default] that says nothing.
std::vector<std::string> profile_names(const aws::Profiles& files) {
  std::vector<std::string> out;
  for (const auto name : files.names()) {
    const auto sections = files.config().sections(aws::SectionKind::profile, name);
    if (sections.empty()) continue;
    if (name == kDefault &&
        std::ranges::all_of(sections, [&](const auto* section) { return files.config().properties(*section).empty(); }))
      continue;
    out.emplace_back(name);
  }
  return out;
}

base::Result<Facts> gather(cli::Context& context) {
  Facts facts;
  const secret::Places* const places = TRY(context.places());
  facts.files = TRY(context.profiles());
  facts.profiles = profile_names(*facts.files);
  if (const auto index = TRY(secret::read_names(*places)))
    for (const auto& key : index->keys)
      if (!key.access_key_id.empty()) facts.keys.push_back(key.profile);
  std::ranges::sort(facts.keys);
  credentials::SignIns* const sign_ins = TRY(context.sign_ins());
  for (const auto& status : TRY(sign_ins->list())) facts.sessions.push_back({"", label_of_sign_in(status.start_url)});
  const auto now = context.clock().now();
  for (const auto& session : TRY(secret::list_sessions(*places)).sessions)
    if (session.header.expires > now)
      facts.sessions.push_back(
          {session.header.profile, type_of(session.header) + ":" + go_duration(session.header.expires - now)});
  return facts;
}

/// The portal of a profile, by its sso-session or its own key.
std::string start_url_of(const aws::Profiles& files, const std::string& name) {
  const auto profile = files.find(name);
  if (!profile || !*profile) return {};
  if (const auto session = files.sso_session((*profile)->value("sso_session")))
    return std::string(session->value("sso_start_url"));
  return std::string((*profile)->value("sso_start_url"));
}

using Row = std::array<std::string, 3>;

std::vector<Row> rows_of(const Facts& facts) {
  std::vector<Row> rows = {{"Profile", "Credentials", "Sessions"}, {"=======", "===========", "========"}};
  std::vector<bool> shown(facts.sessions.size());
  for (const auto& name : facts.profiles) {
    const std::string portal = start_url_of(*facts.files, name);
    std::vector<std::string> labels;
    for (std::size_t i = 0; i < facts.sessions.size(); ++i) {
      const Session& session = facts.sessions[i];
      const bool is_its_own = session.profile.empty() ? !portal.empty() && session.label == label_of_sign_in(portal)
                                                      : session.profile == name;
      if (!is_its_own) continue;
      labels.push_back(session.label);
      shown[i] = true;
    }
    const bool sealed = std::ranges::binary_search(facts.keys, name);
    const std::string printable = base::printable(name, kShownName);
    rows.push_back({printable, sealed ? printable : std::string(kNone),
                    labels.empty() ? std::string(kNone) : base::join(labels, ", ")});
  }
  for (const auto& key : facts.keys)
    if (std::ranges::find(facts.profiles, key) == facts.profiles.end())
      rows.push_back({std::string(kNone), base::printable(key, kShownName), std::string(kNone)});
  for (std::size_t i = 0; i < facts.sessions.size(); ++i)
    if (!shown[i]) rows.push_back({std::string(kNone), std::string(kNone), facts.sessions[i].label});
  return rows;
}

/// As Go's tabwriter lays it out: blanks also behind the last column.
std::string table_of(const std::vector<Row>& rows) {
  std::array<std::size_t, 3> widths{kNarrowest, kNarrowest, kNarrowest};
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], cli::columns(row[i]) + kBlanks);
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      text.append(widths[i] - cli::columns(row[i]), ' ');
    }
    text += "\n";
  }
  return text;
}

std::string text_of(const Facts& facts, const Flags& flags) {
  std::string text;
  const auto line = [&](const std::string& one) { text += base::printable(one, kShownName) + "\n"; };
  if (flags.credentials) {
    for (const auto& key : facts.keys) line(key);
  } else if (flags.profiles) {
    for (const auto& profile : facts.profiles) line(profile);
  } else if (flags.sessions) {
    for (const auto& session : facts.sessions) line(session.label);
  } else {
    text = table_of(rows_of(facts));
  }
  return text;
}

}  // namespace

cli::Action declare_vault_list(cli::Arguments& arguments, AwsVault&) {
  const auto flags = std::make_shared<Flags>();  // shared: the action outlives this call
  arguments.flag("--profiles", flags->profiles, "only the names of profiles");
  arguments.flag("--sessions", flags->sessions, "only the sessions");
  arguments.flag("--credentials", flags->credentials, "only the profiles that have a sealed key");
  return [flags](cli::Context& context) -> base::Result<int> {
    const Facts facts = TRY(gather(context));
    TRY(context.output().answer(text_of(facts, *flags)));
    return 0;
  };
}

}  // namespace names
