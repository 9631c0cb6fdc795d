#include "credentials/origin.h"

#include "aws/arn.h"
#include "base/text.h"

namespace credentials {
namespace {

constexpr std::size_t kShown = 80;

bool has(const aws::Profile& profile, std::string_view key) { return !profile.value(key).empty(); }

std::string role_name(const std::string& role_arn) {
  const auto arn = aws::parse_arn(role_arn);
  if (!arn) return base::printable(role_arn, kShown);
  return base::printable(arn->name(), kShown) + " of " + base::printable(arn->account, kShown);
}

OriginKind kind_of(const aws::Profile& profile, bool sealed) {
  const bool by_token = has(profile, "web_identity_token_file") || has(profile, "web_identity_token_process");
  const bool by_saml = has(profile, "saml_assertion_file") || has(profile, "saml_assertion_process");
  const bool by_certificate = has(profile, "roles_anywhere_private_key");
  if (has(profile, "role_arn") && !by_token && !by_saml && !by_certificate) return OriginKind::role;
  if (sealed) return OriginKind::sealed_key;
  if (by_certificate) return OriginKind::certificate;
  if (has(profile, "credential_source")) {
    if (base::equals_ignoring_case(profile.value("credential_source"), "Environment")) return OriginKind::environment;
    return base::equals_ignoring_case(profile.value("credential_source"), "EcsContainer") ? OriginKind::container
                                                                                          : OriginKind::instance;
  }
  if (by_token) return OriginKind::web_identity;
  if (by_saml) return OriginKind::saml;
  if (has(profile, "sso_account_id") || has(profile, "sso_role_name")) return OriginKind::identity_center;
  if (has(profile, "login_session")) return OriginKind::console_sign_in;
  if (has(profile, "credential_process")) return OriginKind::process;
  if (has(profile, "aws_access_key_id") || profile.get("aws_secret_access_key"))
    return profile.get("aws_session_token") && profile.get("aws_secret_access_key") ? OriginKind::session_in_file
                                                                                    : OriginKind::key_in_file;
  if (has(profile, "sso_session") || has(profile, "sso_start_url")) return OriginKind::identity_center;
  return OriginKind::none;
}

std::string describe_key_in_file(const Origin& origin) {
  const std::string id = base::printable(origin.access_key_id, kShown);
  if (id.empty()) return "half a key IN CLEAR in " + base::printable(origin.clear_key) + ", without aws_access_key_id";
  if (!origin.clear_key.empty()) return "key " + id + " IN CLEAR in " + base::printable(origin.clear_key);
  return "half a key in " + base::printable(origin.lone_id) + ", without aws_secret_access_key";
}

std::string describe_identity_center(const Origin& origin) {
  const std::string session = base::printable(origin.session, kShown);
  if (origin.role_name.empty() && origin.account_id.empty())
    return "Identity Center sign-in " + session + ", no account and role named";
  return "Identity Center role " + base::printable(origin.role_name, kShown) + " of " +
         base::printable(origin.account_id, kShown) + " by " + session;
}

}  // namespace

std::string_view name_of(OriginKind kind) {
  switch (kind) {
    case OriginKind::sealed_key:
      return "sealed-key";
    case OriginKind::key_in_file:
      return "key-in-file";
    case OriginKind::session_in_file:
      return "session-in-file";
    case OriginKind::role:
      return "role";
    case OriginKind::process:
      return "process";
    case OriginKind::environment:
      return "environment";
    case OriginKind::container:
      return "container";
    case OriginKind::instance:
      return "instance";
    case OriginKind::identity_center:
      return "identity-center";
    case OriginKind::web_identity:
      return "web-identity";
    case OriginKind::saml:
      return "saml";
    case OriginKind::certificate:
      return "certificate";
    case OriginKind::console_sign_in:
      return "console-sign-in";
    case OriginKind::none:
      return "none";
  }
  return "";
}

Origin origin_of(const aws::Profile* profile, const SealedName& sealed) {
  Origin origin;
  origin.access_key_id = sealed.access_key_id;
  origin.mfa_serial = sealed.mfa_serial;
  if (profile == nullptr) {
    origin.kind = OriginKind::sealed_key;
    return origin;
  }
  origin.kind = kind_of(*profile, !sealed.access_key_id.empty());
  if (has(*profile, "mfa_serial")) origin.mfa_serial = profile->value("mfa_serial");
  if (const auto key = profile->get("aws_secret_access_key")) origin.clear_key = key->where();
  if (const auto id = profile->get("aws_access_key_id"); id && origin.clear_key.empty()) origin.lone_id = id->where();
  const bool by_proof = origin.kind == OriginKind::web_identity || origin.kind == OriginKind::saml ||
                        origin.kind == OriginKind::certificate;
  if (origin.kind == OriginKind::role || by_proof) origin.role_arn = profile->value("role_arn");
  if (origin.kind == OriginKind::role) {
    origin.source =
        has(*profile, "source_profile") ? profile->value("source_profile") : profile->value("credential_source");
    if (origin.source == profile->name()) origin.source.clear();
  }
  if (origin.kind == OriginKind::identity_center) {
    origin.account_id = profile->value("sso_account_id");
    origin.role_name = profile->value("sso_role_name");
    origin.session = profile->value(has(*profile, "sso_session") ? "sso_session" : "sso_start_url");
  }
  if (origin.access_key_id.empty()) origin.access_key_id = profile->value("aws_access_key_id");
  return origin;
}

std::string describe(const Origin& origin) {
  const auto id = [&] { return base::printable(origin.access_key_id, kShown); };
  std::string text;
  switch (origin.kind) {
    case OriginKind::sealed_key:
      text = "sealed key " + id();
      break;
    case OriginKind::key_in_file:
      text = describe_key_in_file(origin);
      break;
    case OriginKind::session_in_file:
      text = "session in " + base::printable(origin.clear_key) + ", in clear";
      break;
    case OriginKind::role:
      text = "role " + role_name(origin.role_arn) + " via " +
             (origin.source.empty() ? "its own key" : base::printable(origin.source, kShown));
      break;
    case OriginKind::process:
      text = "credential_process";
      break;
    case OriginKind::environment:
      text = "environment";
      break;
    case OriginKind::container:
      text = "credentials of the container";
      break;
    case OriginKind::instance:
      text = "role of the instance";
      break;
    case OriginKind::identity_center:
      text = describe_identity_center(origin);
      break;
    case OriginKind::web_identity:
      text = "role " + role_name(origin.role_arn) + " by a web identity token";
      break;
    case OriginKind::saml:
      text = "role " + role_name(origin.role_arn) + " by a SAML assertion";
      break;
    case OriginKind::certificate:
      text = "role " + role_name(origin.role_arn) + " by a certificate";
      break;
    case OriginKind::console_sign_in:
      text = "sign-in of aws login";
      break;
    case OriginKind::none:
      return "no credentials";
  }
  const bool uses_mfa = origin.kind == OriginKind::sealed_key || origin.kind == OriginKind::key_in_file ||
                        origin.kind == OriginKind::role;
  if (uses_mfa && !origin.mfa_serial.empty()) text += ", MFA";
  if (origin.kind == OriginKind::sealed_key && !origin.clear_key.empty())
    text += "; another IN CLEAR in " + base::printable(origin.clear_key);
  return text;
}

}  // namespace credentials
