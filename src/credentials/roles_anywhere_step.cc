// A role that IAM Roles Anywhere gives the holder of a certificate, as the first step.
#include "aws/arn.h"
#include "base/environment.h"
#include "base/text.h"
#include "credentials/first_step.h"

#include <array>
#include <utility>

namespace credentials {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::string_view kAnchor = "roles_anywhere_trust_anchor_arn";
constexpr std::string_view kProfile = "roles_anywhere_profile_arn";
constexpr std::string_view kKey = "roles_anywhere_private_key";
constexpr std::string_view kCertificate = "roles_anywhere_certificate";

base::Result<aws::Arn> arn_of(const Link& link, std::string_view key, std::string_view service, std::string_view kind,
                              std::string_view example) {
  auto arn = aws::parse_arn(link.value(key));
  if (!arn || arn->service != service || !arn->resource.starts_with(kind))
    return fail(ErrorKind::failure,
                std::string(key) + " of " + link.called() + link.said_by(key) + " is not the ARN of a " +
                    std::string(kind.substr(0, kind.size() - 1)),
                "run kabuto profile set " + link.word() + " " + std::string(key) + "=" + std::string(example));
  return std::move(*arn);
}

/// A file by its full path, "~/" expanded; a path that depends on the current directory names another file elsewhere.
base::Result<std::string> file_of(const Facts& facts, const Link& link, std::string_view key) {
  std::string path = link.value(key);
  if (path.starts_with("~/"))
    if (const auto home = base::home_directory(facts.environment)) path = *home + path.substr(1);
  if (path.empty() || path.starts_with('/')) return path;
  return fail(ErrorKind::failure, std::string(key) + " of " + link.called() + link.said_by(key) + " is a relative path",
              "write it from / or from ~/ on");
}

base::Result<void> check_complete(const Link& link) {
  for (const auto other : {"source_profile", "credential_source", "web_identity_token_file",
                           "web_identity_token_process", "saml_assertion_file", "saml_assertion_process"})
    if (link.has(other))
      return fail(ErrorKind::failure,
                  link.called() + " has both " + std::string(kAnchor) + link.said_by(kAnchor) + " and " + other +
                      link.said_by(other) + ": one role cannot come from two sources",
                  "run kabuto profile unset " + link.word() + " " + other);
  for (const auto key : {kKey, kAnchor, kProfile, std::string_view("role_arn")})
    if (!link.has(key))
      return fail(
          ErrorKind::failure,
          link.called() + " (" + link.where("") + ") takes its role by a certificate, but names no " + std::string(key),
          "run kabuto profile set " + link.word() + " " + std::string(key) + "=…");
  return {};
}

base::Result<RolesAnywhereSource> source_of(const Facts& facts, const Link& link) {
  RolesAnywhereSource out;
  out.certificate = TRY(file_of(facts, link, kCertificate));
  out.private_key = link.value(kKey);
  if (!out.private_key.starts_with(kPkcs11Scheme)) out.private_key = TRY(file_of(facts, link, kKey));
  out.chain = TRY(file_of(facts, link, "roles_anywhere_chain"));
  out.selector = link.value("roles_anywhere_certificate_selector");
  out.passphrase_file = TRY(file_of(facts, link, "roles_anywhere_passphrase_file"));
  out.trust_anchor_arn = link.value(kAnchor);
  out.profile_arn = link.value(kProfile);
  out.config_path = link.profile->get(kKey)->path;
  return out;
}

}  // namespace

FoundStep roles_anywhere_step(const Facts& facts, const Link& link) {
  if (!link.takes_role_by_certificate()) return std::nullopt;
  TRY(check_complete(link));
  const auto anchor = TRY(
      arn_of(link, kAnchor, "rolesanywhere", "trust-anchor/", "arn:aws:rolesanywhere:REGION:ACCOUNT:trust-anchor/ID"));
  const auto profile =
      TRY(arn_of(link, kProfile, "rolesanywhere", "profile/", "arn:aws:rolesanywhere:REGION:ACCOUNT:profile/ID"));
  TRY(arn_of(link, "role_arn", "iam", "role/", "arn:aws:iam::ACCOUNT:role/NAME"));
  if (anchor.region != profile.region)
    return fail(ErrorKind::failure,
                "the trust anchor of " + link.called() + " is in " + base::printable(anchor.region) +
                    link.said_by(kAnchor) + " and its Roles Anywhere profile in " + base::printable(profile.region) +
                    link.said_by(kProfile) + ": both must be in one region",
                "run kabuto profile set " + link.word() + " " + std::string(kProfile) + "=…");
  FirstStep step;
  Hop& hop = step.hop;
  hop.kind = HopKind::roles_anywhere;
  hop.profile = link.name;
  hop.where = link.where(kKey);
  hop.why = "the profile names a key and a certificate of IAM Roles Anywhere";
  hop.role_arn = link.value("role_arn");
  hop.session_name = link.reasoned("role_session_name");
  hop.action = "CreateSession";
  hop.title = "rolesanywhere:CreateSession " + hop.role_arn;
  hop.gives = "the role " + hop.role_arn;
  hop.cached_as = hop.role_arn;
  hop.anywhere = TRY(source_of(facts, link));
  for (const auto& [name, key] : std::array<std::pair<std::string_view, std::string_view>, 6>{
           {{"certificate", kCertificate},
            {"private key", kKey},
            {"chain", "roles_anywhere_chain"},
            {"selector", "roles_anywhere_certificate_selector"},
            {"trust anchor", kAnchor},
            {"RA profile", kProfile}}})
    if (link.has(key)) hop.details.push_back({std::string(name), link.value(key), link.where(key)});
  const RolesAnywhereSource& source = *hop.anywhere;
  hop.cache_fields = {source.certificate, source.private_key,      source.chain,
                      source.selector,    source.trust_anchor_arn, source.profile_arn};
  hop.region = {anchor.region, "the trust anchor's"};
  hop.endpoint = TRY(aws::resolve_endpoint(
      aws::Service::roles_anywhere, {facts.environment, &facts.profiles, &*link.profile, {}, {}}, hop.region.value));
  return step;
}

}  // namespace credentials
