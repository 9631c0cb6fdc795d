#include "credentials/sso_session.h"

#include "aws/sso_start_url.h"
#include "base/text.h"
#include "http/url.h"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace credentials {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::size_t kShown = 100;
constexpr std::size_t kLongestId = 1024;  // as the store's names

std::string quoted(std::string_view name) { return "\"" + base::printable(name, kShown) + "\""; }

std::string where(const aws::Profile& section, std::string_view key) {
  const auto setting = section.get(key);
  return " (" + (setting ? setting->where() : section.where()) + ")";
}

/// A company's own start URL tells its region by where it leads to.
bool tells_region_later(std::string_view start_url) {
  const auto url = http::parse_url(start_url.substr(0, start_url.find('#')));
  return url && (!aws::is_aws_sso_host(url->host) || aws::region_of_sso_host(url->host));
}

base::Result<void> check_id(const SsoSession& session) {
  if (session.id().size() <= kLongestId && base::printable(session.id(), kLongestId * 4) == session.id()) return {};
  return fail(ErrorKind::refused,
              "the name of an sso-session must be one line of at most 1024 bytes (" + session.where + ")");
}

base::Result<bool> is_true(const aws::Profile& section, std::string_view key) {
  const std::string_view text = section.value(key);
  if (text.empty() || base::equals_ignoring_case(text, "false")) return false;
  if (base::equals_ignoring_case(text, "true")) return true;
  return fail(ErrorKind::failure, std::string(key) + " is neither true nor false" + where(section, key));
}

base::Result<SsoSession> read_section(const aws::Profile& section) {
  SsoSession session;
  session.name = section.name();
  session.start_url = section.value("sso_start_url");
  session.region = section.value("sso_region");
  session.where = section.where();
  for (const auto scope : base::split(section.value("sso_registration_scopes"), ','))
    if (!base::trim_lines(scope).empty()) session.scopes.emplace_back(base::trim_lines(scope));
  session.auto_login = TRY(is_true(section, "auto_login"));
  TRY(check_id(session));
  std::vector<std::string> missing;
  if (session.start_url.empty()) missing.emplace_back("sso_start_url");
  if (session.region.empty() && (session.start_url.empty() || !tells_region_later(session.start_url)))
    missing.emplace_back("sso_region");
  if (!missing.empty())
    return fail(ErrorKind::failure, "the sso-session " + quoted(session.name) + " (" + session.where + ") lacks " +
                                        base::join(missing, " and "));
  return session;
}

/// What the profile says beside its sso-session must be the same.
base::Result<void> check_consistent(const aws::Profile& profile, const SsoSession& session) {
  const struct {
    std::string_view key;
    const std::string& value;
  } both[] = {{"sso_start_url", session.start_url}, {"sso_region", session.region}};
  for (const auto& [key, value] : both) {
    const std::string_view own = profile.value(key);
    if (own.empty() || own == value) continue;
    return fail(ErrorKind::failure,
                "the value for " + std::string(key) + " is inconsistent between profile " + quoted(profile.name()) +
                    where(profile, key) + " and the sso-session " + quoted(session.name) + " (" + session.where + ")",
                "run kabuto profile unset " + base::printable(profile.name(), kShown) + " " + std::string(key));
  }
  return {};
}

base::Error incomplete(const aws::Profile& profile, const std::vector<std::string>& missing) {
  std::string hint = "run kabuto profile set " + base::printable(profile.name(), kShown);
  for (const auto& key : missing) hint += " " + key + "=…";
  return {ErrorKind::failure,
          "the profile " + quoted(profile.name()) + " (" + profile.where() +
              ") is configured to use Identity Center but lacks " + base::join(missing, ", "),
          std::move(hint)};
}

/// The session and, of a legacy profile, the keys that it lacks.
struct Named {
  SsoSession session;
  std::vector<std::string> missing;
};

base::Result<Named> session_named_by(const aws::Profiles& profiles, const aws::Profile& profile) {
  Named out;
  if (const std::string_view name = profile.value("sso_session"); !name.empty()) {
    const auto section = profiles.sso_session(name);
    if (!section)
      return fail(ErrorKind::failure,
                  "the sso-session " + quoted(name) + " of profile " + quoted(profile.name()) + " does not exist" +
                      where(profile, "sso_session"),
                  "run kabuto profile set " + base::printable(profile.name(), kShown) + " sso_session=NAME");
    out.session = TRY(read_section(*section));
    TRY(check_consistent(profile, out.session));
    return out;
  }
  out.session.start_url = profile.value("sso_start_url");
  out.session.region = profile.value("sso_region");
  out.session.where = profile.where();
  if (out.session.start_url.empty()) out.missing.emplace_back("sso_start_url");
  if (out.session.region.empty() && (out.session.start_url.empty() || !tells_region_later(out.session.start_url)))
    out.missing.emplace_back("sso_region");
  TRY(check_id(out.session));
  return out;
}

/// Sections whose text holds `word` (lower case) in any spelling. Horspool: the byte under the word's end says how far
/// the word can go on, so that a megabyte costs a tenth of a millisecond.
std::vector<const aws::Section*> sections_mentioning(const aws::ConfigFile& file, std::string_view word) {
  std::array<std::size_t, 256> step{};
  step.fill(word.size());
  for (std::size_t i = 0; i + 1 < word.size(); ++i) {
    const auto lower = static_cast<unsigned char>(word[i]);
    const bool letter = lower >= 'a' && lower <= 'z';
    step[lower] = step[letter ? lower - 'a' + 'A' : lower] = word.size() - 1 - i;
  }
  std::vector<const aws::Section*> found;
  const std::string_view text = file.text();
  for (std::size_t at = 0; at + word.size() <= text.size();) {
    const auto last = static_cast<unsigned char>(text[at + word.size() - 1]);
    // Without the bit that parts small letters from capitals; few places are worth the whole comparison.
    if ((last ^ static_cast<unsigned char>(word.back())) & 0xDFU ||
        !base::equals_ignoring_case(text.substr(at, word.size()), word)) {
      at += step[last];
      continue;
    }
    const auto after = std::ranges::upper_bound(file.sections(), at, {}, &aws::Section::header);
    if (after != file.sections().begin()) found.push_back(&*std::prev(after));
    at = after == file.sections().end() ? text.size() : after->header;
  }
  return found;
}

/// Of 10,000 profiles those few that may say sso_start_url, of their own or by inheritance: a look into each of the
/// others would be most of the time until a list stands on the screen.
std::vector<std::string_view> names_that_may_have_a_portal(const aws::Profiles& profiles) {
  std::unordered_set<std::string_view> some;
  for (const aws::ConfigFile* file : {&profiles.config(), &profiles.credentials()})
    for (const std::string_view word : {"sso_start_url", "include_profile"})
      for (const aws::Section* section : sections_mentioning(*file, word))
        if (section->kind == aws::SectionKind::profile) some.insert(section->name);
  if (some.empty()) return {};
  std::vector<std::string_view> names = profiles.names();
  // [default] may be what all others inherit from.
  if (!some.contains("default")) std::erase_if(names, [&](std::string_view name) { return !some.contains(name); });
  return names;
}

}  // namespace

base::Result<std::optional<SsoRole>> sso_role_of(const aws::Profiles& profiles, const aws::Profile& profile) {
  SsoRole role;
  role.account_id = profile.value("sso_account_id");
  role.role_name = profile.value("sso_role_name");
  if (role.account_id.empty() && role.role_name.empty()) return std::nullopt;
  Named named = TRY(session_named_by(profiles, profile));
  if (role.account_id.empty()) named.missing.emplace_back("sso_account_id");
  if (role.role_name.empty()) named.missing.emplace_back("sso_role_name");
  if (!named.missing.empty()) return std::unexpected(incomplete(profile, named.missing));
  role.session = std::move(named.session);
  return role;
}

base::Result<std::optional<SsoSession>> sso_session_of(const aws::Profiles& profiles, const aws::Profile& profile) {
  if (profile.value("sso_session").empty() && profile.value("sso_start_url").empty()) return std::nullopt;
  Named named = TRY(session_named_by(profiles, profile));
  if (!named.missing.empty()) return std::unexpected(incomplete(profile, named.missing));
  return std::move(named.session);
}

base::Result<SsoSession> sso_session_named(const aws::Profiles& profiles, std::string_view name) {
  if (const auto section = profiles.sso_session(name)) return read_section(*section);
  std::vector<std::string> known;
  for (const auto one : profiles.sso_session_names()) known.push_back(base::printable(one, kShown));
  return fail(ErrorKind::not_found,
              "no sso-session named " + quoted(name) +
                  (known.empty() ? " in the files, and no other" : "; there are " + base::join(known, ", ")));
}

std::vector<SsoSession> all_sso_sessions(const aws::Profiles& profiles) {
  std::vector<SsoSession> all;
  for (const auto name : profiles.sso_session_names())
    if (auto session = sso_session_named(profiles, name)) all.push_back(std::move(*session));
  const auto known = [&](const SsoSession& one) {
    return std::ranges::any_of(all, [&](const SsoSession& other) { return other.id() == one.id(); });
  };
  for (const auto name : names_that_may_have_a_portal(profiles)) {
    const auto profile = profiles.find(name);
    if (!profile || !*profile || !(*profile)->value("sso_session").empty()) continue;
    auto session = sso_session_of(profiles, **profile);
    if (session && *session && !known(**session)) all.push_back(std::move(**session));
  }
  return all;
}

}  // namespace credentials
