#include "credentials/resolution.h"

#include "base/shell_word.h"
#include "base/text.h"

#include <algorithm>

namespace credentials {
namespace {

using base::ErrorKind;
using base::fail;

// A chain longer than this is a mistake or an attack; AWS's own depth is not documented.
constexpr std::size_t kMostLinks = 100;

std::string quoted(std::string_view name) { return "\"" + base::printable(name, 100) + "\""; }

base::Result<Link> look_up(const Facts& facts, const std::string& name, const std::vector<Link>& visited) {
  Link link;
  link.name = name;
  link.profile = TRY(facts.profiles.find(name));
  link.sealed = TRY(facts.sealed_key(name));
  link.remembered_mfa = TRY(facts.remembered_mfa_serial(name));
  if (link.profile || link.sealed) return link;
  if (visited.empty())
    return fail(ErrorKind::not_found, "no profile named " + quoted(name) + " in the files, and no key in the store",
                "run kabuto add " + base::shell_word(base::printable(name, 100)));
  const Link& last = visited.back();
  return fail(ErrorKind::not_found,
              "the source_profile " + quoted(name) + " of profile " + quoted(last.name) + " does not exist" +
                  last.said_by("source_profile"),
              "run kabuto add " + base::shell_word(base::printable(name, 100)));
}

base::Error too_long(const std::vector<Link>& visited) {
  return {ErrorKind::failure,
          "source_profile of profile " + quoted(visited.front().name) + " leads over more than " +
              std::to_string(kMostLinks) + " profiles" + visited.back().said_by("source_profile"),
          "run kabuto explain " + visited.back().word()};
}

base::Error loop(const std::vector<Link>& visited, const std::string& next) {
  std::vector<std::string> names;
  names.reserve(visited.size());
  for (const auto& link : visited) names.push_back(base::printable(link.name, 100));
  return {ErrorKind::failure,
          "source_profile leads in a circle: " + base::join(names, " -> ") + " -> " + base::printable(next, 100) +
              visited.back().said_by("source_profile"),
          "change source_profile of one of them: run kabuto profile set " + visited.back().word() +
              " source_profile=OTHER"};
}

/// Why the last link gives no credentials.
base::Error no_credentials(const Resolution& found) {
  const Link& link = found.links.back();
  if (link.has("sso_session") || link.has("sso_start_url"))
    return {ErrorKind::not_found,
            link.called() + " (" + link.where("") +
                ") names a sign-in of Identity Center, but no sso_account_id and no sso_role_name",
            "run kabuto profile set " + link.word() + " sso_account_id=… sso_role_name=…"};
  const bool asked_for = found.links.size() == 1 && found.roles == 0;
  return {ErrorKind::not_found,
          asked_for ? link.called() + " (" + link.where("") + ") names no credentials"
                    : "the source " + link.called() + " (" + link.where("") + ") must have credentials",
          "run kabuto add " + link.word()};
}

base::Result<void> take_base(Resolution& found, const Facts& facts) {
  auto step = TRY(first_step_of(facts, found.links.back()));
  if (!step) return std::unexpected(no_credentials(found));
  found.take(std::move(*step));
  return {};
}

}  // namespace

void Resolution::take(FirstStep step) {
  base.reset();
  if (!step.hop.profile.empty()) base = links.size() - 1;
  first = std::move(step.hop);
  lifetime = step.lifetime;
  for (auto& warning : step.warnings) warnings.push_back(std::move(warning));
}

base::Result<Resolution> resolve(const Facts& facts, const std::string& profile) {
  Resolution found;
  std::string next = profile;
  for (;;) {
    const auto same = [&](const Link& link) { return link.name == next; };
    if (std::any_of(found.links.begin(), found.links.end(), same)) return std::unexpected(loop(found.links, next));
    if (found.links.size() >= kMostLinks) return std::unexpected(too_long(found.links));
    found.links.push_back(TRY(look_up(facts, next, found.links)));
    const Link& link = found.links.back();
    const bool is_root = found.links.size() == 1;
    const bool has_static = link.sealed || link.pair_in_files() == Pair::whole;
    if (!is_root && has_static) {
      found.take(link.sealed ? sealed_key_step(link) : *TRY(file_keys_step(facts, link)));
      return found;
    }
    if (!link.has("role_arn") || link.takes_role_by_token() || link.takes_role_by_certificate()) {
      TRY(take_base(found, facts));
      return found;
    }
    const std::string source = link.value("source_profile");
    const bool by_environment = link.has("credential_source");
    if (!source.empty() && by_environment)
      return fail(ErrorKind::failure,
                  link.called() + " has both source_profile" + link.said_by("source_profile") +
                      " and credential_source" + link.said_by("credential_source"),
                  "run kabuto profile unset " + link.word() + " credential_source");
    // aws-vault's users seal a key under the role's own profile and name no source.
    const bool own_key = source.empty() && !by_environment && link.sealed;
    if (source.empty() && !by_environment && !own_key)
      return fail(ErrorKind::failure,
                  link.called() + " has role_arn" + link.said_by("role_arn") +
                      " but neither source_profile nor credential_source",
                  "run kabuto profile set " + link.word() + " source_profile=NAME");
    ++found.roles;
    if (by_environment) {
      // The sealed key of a role's profile would win in take_base; the file asks for the environment.
      found.links.back().sealed.reset();
      TRY(take_base(found, facts));
      return found;
    }
    if (own_key || source == link.name) {
      TRY(take_base(found, facts));
      return found;
    }
    if (has_static)
      found.warnings.push_back(link.called() + " has keys of its own, but its role is assumed from " + quoted(source) +
                               link.said_by("source_profile") + ": its own keys are not used");
    next = source;
  }
}

base::Result<Resolution> resolve_sealed_key(const Facts& facts, const std::string& profile) {
  Resolution found;
  found.links.push_back(TRY(look_up(facts, profile, found.links)));
  if (!found.links.back().sealed)
    return fail(ErrorKind::not_found, "no sealed key for the profile " + quoted(profile),
                "run kabuto add " + base::shell_word(base::printable(profile, 100)));
  found.take(sealed_key_step(found.links.back()));
  return found;
}

}  // namespace credentials
