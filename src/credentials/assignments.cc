#include "credentials/assignments.h"

#include "base/file.h"
#include "base/text.h"
#include "secret/digest.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace credentials {
namespace {

using base::ErrorKind;
using base::fail;
using Json = nlohmann::json;

constexpr std::size_t kLargestFile = std::size_t{32} * 1024 * 1024;
constexpr std::size_t kLongestName = 512;
constexpr std::size_t kIdDigits = 12;
constexpr std::size_t kLongestRole = 64;
constexpr std::string_view kRoleBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+=,.@-_";
constexpr int kVersion = 1;
constexpr std::int64_t kLatest = 253'402'300'799'999;  // the end of the year 9999, in milliseconds
constexpr std::size_t kShownCandidates = 5;
constexpr std::size_t kShown = 60;

std::string directory(const secret::Places& places) { return places.directory + "/assignments"; }

std::string path_of(const secret::Places& places, const std::string& session_id, bool whole) {
  return directory(places) + "/" + secret::Digest().add("assignments").add(session_id).hex().substr(0, 32) +
         (whole ? ".json" : ".unfinished.json");
}

base::Result<std::optional<Assignments>> read(const secret::Places& places, const std::string& session_id, bool whole) {
  const auto text = base::read_file(path_of(places, session_id, whole), kLargestFile);
  if (!text) return std::unexpected(text.error());
  if (!*text) return std::nullopt;
  auto parsed = parse_assignments(**text);
  if (!parsed || parsed->session != session_id || parsed->complete != whole) return std::nullopt;
  return parsed;
}

base::Result<void> remove_file(const std::string& path) {
  if (unlink(path.c_str()) == 0 || errno == ENOENT || errno == ENOTDIR) return {};
  return fail(ErrorKind::failure, fmt::format("remove {}: {}", path, base::errno_text(errno)));
}

bool has_part(std::string_view text, std::string_view part) {
  return base::lower_ascii(text).find(base::lower_ascii(part)) != std::string::npos;
}

/// "prod (222222222222), preprod (333333333333) and 3 more"
std::string named(const std::vector<std::string>& names) {
  std::vector<std::string> shown(names.begin(),
                                 names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kShownCandidates)));
  std::string text = base::join(shown, ", ");
  if (names.size() > kShownCandidates) text += fmt::format(" and {} more", names.size() - kShownCandidates);
  return text;
}

struct Candidate {
  const Assignments* of;
  const AssignedAccount* account;
};

/// The strictest way of fitting that fits anything: the id or the whole name, the name in any case, a part of it.
std::vector<Candidate> accounts_that_fit(const std::vector<Assignments>& all, std::string_view wanted) {
  using Fits = bool (*)(const AssignedAccount&, std::string_view);
  static constexpr Fits kWays[] = {
      [](const AssignedAccount& a, std::string_view text) { return a.id == text || a.name == text; },
      [](const AssignedAccount& a, std::string_view text) { return base::equals_ignoring_case(a.name, text); },
      [](const AssignedAccount& a, std::string_view text) { return has_part(a.name, text); },
  };
  std::vector<Candidate> found;
  for (const Fits fits : kWays) {
    for (const auto& one : all)
      for (const auto& account : one.accounts)
        if (fits(account, wanted)) found.push_back({&one, &account});
    if (!found.empty()) break;
  }
  return found;
}

std::vector<std::string> roles_that_fit(const AssignedAccount& account, std::string_view wanted) {
  if (wanted.empty()) return account.roles;
  if (std::ranges::find(account.roles, wanted) != account.roles.end()) return {std::string(wanted)};
  std::vector<std::string> found;
  for (const auto& role : account.roles)
    if (base::equals_ignoring_case(role, wanted)) found.push_back(role);
  if (!found.empty()) return found;
  for (const auto& role : account.roles)
    if (has_part(role, wanted)) found.push_back(role);
  return found;
}

}  // namespace

bool is_account_id(std::string_view text) {
  return text.size() == kIdDigits && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_role_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestRole && text.find_first_not_of(kRoleBytes) == std::string_view::npos;
}

base::Result<void> check_account(const AssignedAccount& account) {
  if (!is_account_id(account.id))
    return fail(ErrorKind::failure, "an account's id is not twelve digits: " + base::printable(account.id, kShown));
  if (account.name.size() > kLongestName || account.email.size() > kLongestName)
    return fail(ErrorKind::failure, "the name of account " + account.id + " is too long");
  if (account.roles.size() > kMostRoles)
    return fail(ErrorKind::failure,
                "account " + account.id + " has more than " + std::to_string(kMostRoles) + " roles");
  for (const auto& role : account.roles)
    if (!is_role_name(role))
      return fail(ErrorKind::failure, "a role of account " + account.id +
                                          " has a name that AWS does not allow: " + base::printable(role, kShown));
  return {};
}

std::string text_of(const Assignments& assignments) {
  Json accounts = Json::array();
  for (const auto& account : assignments.accounts)
    accounts.push_back({{"id", account.id},
                        {"name", account.name},
                        {"email", account.email},
                        {"roles", account.roles},
                        {"complete", account.complete}});
  const Json out = {{"version", kVersion},
                    {"session", assignments.session},
                    {"fetched", assignments.fetched.time_since_epoch().count()},
                    {"complete", assignments.complete},
                    {"accounts", std::move(accounts)}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<Assignments> parse_assignments(std::string_view text) {
  if (text.size() > kLargestFile) return std::nullopt;
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  try {
    if (json.at("version") != kVersion) return std::nullopt;
    Assignments out;
    out.session = json.at("session").get<std::string>();
    const Json& fetched = json.at("fetched");
    // 1e999 is a number too, and no time
    if (!fetched.is_number_unsigned() || fetched > kLatest) return std::nullopt;
    out.fetched = base::Instant(base::Duration(fetched.get<std::int64_t>()));
    out.complete = json.at("complete").get<bool>();
    if (json.at("accounts").size() > kMostAccounts) return std::nullopt;
    for (const Json& row : json.at("accounts")) {
      AssignedAccount account{row.at("id").get<std::string>(), row.at("name").get<std::string>(),
                              row.at("email").get<std::string>(), row.at("roles").get<std::vector<std::string>>(),
                              row.at("complete").get<bool>()};
      if (!check_account(account)) return std::nullopt;
      out.accounts.push_back(std::move(account));
    }
    return out;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

base::Result<std::optional<Assignments>> read_unfinished(const secret::Places& places, const std::string& session_id) {
  return read(places, session_id, false);
}

base::Result<std::optional<Assignments>> read_assignments(const secret::Places& places, const std::string& session_id) {
  auto whole = TRY(read(places, session_id, true));
  if (whole) return whole;
  return read_unfinished(places, session_id);
}

base::Result<void> write_assignments(const secret::Places& places, const Assignments& assignments) {
  TRY(base::ensure_private_directory(directory(places)));
  const std::string text = text_of(assignments);
  TRY(base::write_file_atomically(path_of(places, assignments.session, assignments.complete), text));
  if (!assignments.complete) return {};
  return remove_file(path_of(places, assignments.session, false));
}

base::Result<void> forget_assignments(const secret::Places& places, const std::string& session_id) {
  for (const bool whole : {true, false}) TRY(remove_file(path_of(places, session_id, whole)));
  return {};
}

base::Result<AssignedRole> find_role(const std::vector<Assignments>& all, std::string_view account,
                                     std::string_view role) {
  const auto fitting = accounts_that_fit(all, account);
  if (fitting.empty())
    return fail(ErrorKind::not_found, "no account named " + base::printable(account, kShown), "run kabuto accounts");
  if (fitting.size() > 1) {
    std::vector<std::string> names;
    names.reserve(fitting.size());
    const bool one_session = std::ranges::all_of(fitting, [&](const auto& c) { return c.of == fitting.front().of; });
    for (const auto& [of, one] : fitting)
      names.push_back(base::printable(one->name, kShown) + " (" + one->id +
                      (one_session ? "" : " of " + base::printable(of->session, kShown)) + ")");
    return fail(ErrorKind::usage, "several accounts fit " + base::printable(account, kShown) + ": " + named(names),
                one_session ? "name it by its id: --account " + fitting.front().account->id
                            : "add --session " + base::printable(fitting.front().of->session, kShown));
  }
  const AssignedAccount& found = *fitting.front().account;
  const std::string title = base::printable(found.name, kShown) + " (" + found.id + ")";
  const auto roles = roles_that_fit(found, role);
  if (found.roles.empty())
    return fail(ErrorKind::not_found, "the roles of account " + title + " are not known",
                "run kabuto accounts --refresh");
  if (roles.empty())
    return fail(ErrorKind::not_found, "account " + title + " has no role " + base::printable(role, kShown) +
                                          " for you; it has " + named(found.roles));
  if (roles.size() > 1)
    return fail(ErrorKind::usage,
                (role.empty() ? "account " + title + " has several roles: "
                              : "several roles of " + title + " fit " + base::printable(role, kShown) + ": ") +
                    named(roles),
                "add --role " + roles.front());
  return AssignedRole{fitting.front().of->session, found, roles.front()};
}

}  // namespace credentials
