#include "credentials/resolution.h"

#include "base/text.h"

#include <algorithm>

namespace credentials {
namespace {

using base::ErrorKind;
using base::fail;

// A chain longer than this is a mistake or an attack; AWS's own depth is not documented.
constexpr std::size_t kMostLinks = 100;

std::string quoted(std::string_view name) { return "\"" + base::printable(name, 100) + "\""; }

bool has(const Link& link, std::string_view key) { return link.profile && !link.profile->value(key).empty(); }

std::string value(const Link& link, std::string_view key) {
  return link.profile ? std::string(link.profile->value(key)) : std::string();
}

std::string said_by(const Link& link, std::string_view key) { return " (" + link.where(key) + ")"; }

/// What the files say about a static key pair of the profile.
enum class Pair { none, whole, no_id, no_secret };

Pair pair_in_files(const Link& link) {
  if (!link.profile) return Pair::none;
  const bool id = has(link, "aws_access_key_id");
  const bool secret = link.profile->secret("aws_secret_access_key").has_value();
  if (id && secret) return Pair::whole;
  if (id) return Pair::no_secret;
  return secret ? Pair::no_id : Pair::none;
}

base::Result<Link> look_up(const Facts& facts, const std::string& name, const std::vector<Link>& visited) {
  Link link;
  link.name = name;
  link.profile = TRY(facts.profiles.find(name));
  link.sealed = TRY(facts.sealed_key(name));
  link.remembered_mfa = TRY(facts.remembered_mfa_serial(name));
  if (link.profile || link.sealed) return link;
  if (visited.empty())
    return fail(ErrorKind::not_found, "no profile named " + quoted(name) + " in the files, and no key in the store",
                "run kabuto add " + base::printable(name, 100));
  const Link& last = visited.back();
  return fail(ErrorKind::not_found,
              "the source_profile " + quoted(name) + " of profile " + quoted(last.name) + " does not exist" +
                  said_by(last, "source_profile"),
              "run kabuto add " + base::printable(name, 100));
}

base::Error too_long(const std::vector<Link>& visited) {
  return {ErrorKind::failure,
          "source_profile of profile " + quoted(visited.front().name) + " leads over more than " +
              std::to_string(kMostLinks) + " profiles" + said_by(visited.back(), "source_profile"),
          "run kabuto explain " + base::printable(visited.back().name, 100)};
}

base::Error loop(const std::vector<Link>& visited, const std::string& next) {
  std::vector<std::string> names;
  names.reserve(visited.size());
  for (const auto& link : visited) names.push_back(base::printable(link.name, 100));
  return {ErrorKind::failure,
          "source_profile leads in a circle: " + base::join(names, " -> ") + " -> " + base::printable(next, 100) +
              said_by(visited.back(), "source_profile"),
          "change source_profile of one of them: run kabuto profile set " + names.back() + " source_profile=OTHER"};
}

base::Error half_pair(const Link& link, Pair pair) {
  const bool no_id = pair == Pair::no_id;
  const std::string_view there = no_id ? "aws_secret_access_key" : "aws_access_key_id";
  const std::string_view missing = no_id ? "aws_access_key_id" : "aws_secret_access_key";
  return {ErrorKind::failure,
          "profile " + quoted(link.name) + " has " + std::string(there) + said_by(link, there) + " but no " +
              std::string(missing),
          "run kabuto add " + base::printable(link.name, 100)};
}

/// A source that SDKs know and this version does not, where the profile names it.
base::Result<void> refuse_source(const Link& link, std::string_view key, const std::string& what) {
  if (!has(link, key)) return {};
  return fail(ErrorKind::failure, "profile " + quoted(link.name) + " takes its credentials from " + what +
                                      said_by(link, key) + ", which this version cannot do yet");
}

Hop sealed_step(const Link& link) {
  Hop hop;
  hop.kind = HopKind::sealed_keys;
  hop.profile = link.name;
  hop.where = "the store";
  hop.why = "the store holds a key of this profile";
  hop.access_key_id = link.sealed->access_key_id;
  return hop;
}

Hop file_step(const Link& link) {
  Hop hop;
  hop.kind = HopKind::file_keys;
  hop.profile = link.name;
  hop.where = link.where("aws_access_key_id");
  hop.why = "the files hold a key of this profile in clear";
  hop.access_key_id = value(link, "aws_access_key_id");
  return hop;
}

Hop process_step(const Link& link) {
  Hop hop;
  hop.kind = HopKind::process;
  hop.profile = link.name;
  const auto setting = link.profile->get("credential_process");
  hop.where = setting->where();
  hop.why = "credential_process gives this profile's credentials";
  hop.command = setting->value;
  hop.command_path = setting->path;
  hop.command_is_relative = !setting->path.starts_with('/');
  return hop;
}

/// The role that Identity Center gives the profile; nullopt where its files name none.
base::Result<std::optional<Hop>> identity_center_step(const Facts& facts, const Link& link) {
  if (!link.profile) return std::nullopt;
  auto role = TRY(sso_role_of(facts.profiles, *link.profile));
  if (!role) return std::nullopt;
  Hop hop;
  hop.kind = HopKind::identity_center;
  hop.profile = link.name;
  hop.where = link.where(has(link, "sso_session") ? "sso_session" : "sso_start_url");
  hop.why = "the profile names an account and a role of Identity Center";
  hop.sso = std::move(role);
  return hop;
}

/// Takes the static keys of a link as the first step.
void take_static(Resolution& found, const Link& link) {
  const Pair pair = pair_in_files(link);
  if (link.sealed) {
    if (pair == Pair::whole)
      found.warnings.push_back("profile " + quoted(link.name) + ": the key in the store is used; the one in clear" +
                               said_by(link, "aws_access_key_id") + " is not, remove it");
    found.first = sealed_step(link);
    found.lifetime = Lifetime::long_term;
    return;
  }
  found.first = file_step(link);
  const bool session = link.profile->secret("aws_session_token").has_value();
  found.lifetime = session ? Lifetime::temporary : Lifetime::long_term;
  if (!session)
    found.warnings.push_back("profile " + quoted(link.name) + ": its key lies in clear in " +
                             link.where("aws_access_key_id") + "; seal it with: kabuto add " +
                             base::printable(link.name, 100));
}

base::Result<void> take_environment(Resolution& found, const Facts& facts, const Link& link) {
  std::optional<Hop> keys = TRY(environment_keys(facts.environment));
  if (!keys)
    return fail(ErrorKind::not_found,
                "credential_source of profile " + quoted(link.name) + " is Environment" +
                    said_by(link, "credential_source") + ", and the environment holds no keys",
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  found.first = std::move(*keys);
  found.first.why = "credential_source = Environment" + said_by(link, "credential_source");
  found.lifetime = environment_lifetime(facts.environment);
  found.base.reset();
  return {};
}

/// The first credentials of the last link: the SDKs' base_provider, a sealed key before all.
base::Result<void> take_base(Resolution& found, const Facts& facts) {
  const Link& link = found.links.back();
  found.base = found.links.size() - 1;
  if (link.sealed) {
    take_static(found, link);
    return {};
  }
  if (has(link, "credential_source")) {
    const std::string source = value(link, "credential_source");
    if (base::equals_ignoring_case(source, "Environment")) return take_environment(found, facts, link);
    const bool known =
        base::equals_ignoring_case(source, "Ec2InstanceMetadata") || base::equals_ignoring_case(source, "EcsContainer");
    return fail(ErrorKind::failure, "the credential_source " + quoted(source) + " of profile " + quoted(link.name) +
                                        said_by(link, "credential_source") +
                                        (known ? " is one that this version cannot do yet"
                                               : " is none of Environment, Ec2InstanceMetadata, EcsContainer"));
  }
  TRY(refuse_source(link, "web_identity_token_file", "a web identity token"));
  if (auto step = TRY(identity_center_step(facts, link))) {
    found.first = std::move(*step);
    found.lifetime = Lifetime::temporary;
    return {};
  }
  TRY(refuse_source(link, "login_session", "a console sign-in"));
  if (has(link, "credential_process")) {
    if (pair_in_files(link) == Pair::whole)
      found.warnings.push_back("profile " + quoted(link.name) + " has credential_process and keys in clear" +
                               said_by(link, "aws_access_key_id") + ": the keys are not used");
    found.first = process_step(link);
    found.lifetime = Lifetime::temporary;
    return {};
  }
  const Pair pair = pair_in_files(link);
  if (pair == Pair::whole) {
    take_static(found, link);
    return {};
  }
  if (pair != Pair::none) return std::unexpected(half_pair(link, pair));
  if (has(link, "sso_session") || has(link, "sso_start_url"))
    return fail(ErrorKind::not_found,
                "profile " + quoted(link.name) + " (" + link.where("") +
                    ") names a sign-in of Identity Center, but no sso_account_id and no sso_role_name",
                "run kabuto profile set " + base::printable(link.name, 100) + " sso_account_id=… sso_role_name=…");
  if (found.links.size() == 1 && found.roles == 0)
    return fail(ErrorKind::not_found, "profile " + quoted(link.name) + " (" + link.where("") + ") names no credentials",
                "run kabuto add " + base::printable(link.name, 100));
  return fail(ErrorKind::not_found,
              "the source profile " + quoted(link.name) + " (" + link.where("") + ") must have credentials",
              "run kabuto add " + base::printable(link.name, 100));
}

}  // namespace

std::string Link::where(std::string_view key) const {
  if (!profile) return "the store";
  if (const auto setting = profile->get(key)) return setting->where();
  return profile->where();
}

base::Result<std::optional<Hop>> environment_keys(const base::Environment& environment) {
  const auto set = [&](std::string_view name) {
    const auto found = environment.get(name);
    return found && !base::trim_lines(*found).empty();
  };
  const bool id = set("AWS_ACCESS_KEY_ID");
  const bool secret = set("AWS_SECRET_ACCESS_KEY");
  if (!id) return std::nullopt;
  if (!secret)
    return fail(ErrorKind::failure, "partial credentials found in the environment, missing: AWS_SECRET_ACCESS_KEY",
                "unset AWS_ACCESS_KEY_ID");
  Hop hop;
  hop.kind = HopKind::environment;
  hop.where = "the environment";
  hop.why = "AWS_ACCESS_KEY_ID is set, and no profile was asked for";
  hop.access_key_id = std::string(base::trim_lines(*environment.get("AWS_ACCESS_KEY_ID")));
  return hop;
}

Lifetime environment_lifetime(const base::Environment& environment) {
  for (const auto name : {"AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"}) {
    const auto token = environment.get(name);
    if (token && !base::trim_lines(*token).empty()) return Lifetime::temporary;
  }
  return Lifetime::long_term;
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
    const bool has_static = link.sealed || pair_in_files(link) == Pair::whole;
    if (!is_root && has_static) {
      found.base = found.links.size() - 1;
      take_static(found, link);
      return found;
    }
    if (!has(link, "role_arn") || has(link, "web_identity_token_file")) {
      TRY(take_base(found, facts));
      return found;
    }
    const std::string source = value(link, "source_profile");
    const bool by_environment = has(link, "credential_source");
    if (!source.empty() && by_environment)
      return fail(ErrorKind::failure,
                  "profile " + quoted(link.name) + " has both source_profile" + said_by(link, "source_profile") +
                      " and credential_source" + said_by(link, "credential_source"),
                  "run kabuto profile unset " + base::printable(link.name, 100) + " credential_source");
    // aws-vault's users seal a key under the role's own profile and name no source.
    const bool own_key = source.empty() && !by_environment && link.sealed;
    if (source.empty() && !by_environment && !own_key)
      return fail(ErrorKind::failure,
                  "profile " + quoted(link.name) + " has role_arn" + said_by(link, "role_arn") +
                      " but neither source_profile nor credential_source",
                  "run kabuto profile set " + base::printable(link.name, 100) + " source_profile=NAME");
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
      found.warnings.push_back("profile " + quoted(link.name) + " has keys of its own, but its role is assumed from " +
                               quoted(source) + said_by(link, "source_profile") + ": its own keys are not used");
    next = source;
  }
}

base::Result<Resolution> resolve_sealed_key(const Facts& facts, const std::string& profile) {
  Resolution found;
  found.links.push_back(TRY(look_up(facts, profile, found.links)));
  if (!found.links.back().sealed)
    return fail(ErrorKind::not_found, "no sealed key for the profile " + quoted(profile),
                "run kabuto add " + base::printable(profile, 100));
  found.base = 0;
  take_static(found, found.links.back());
  return found;
}

}  // namespace credentials
