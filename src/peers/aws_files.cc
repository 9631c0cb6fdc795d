#include "peers/aws_files.h"

#include "base/text.h"
#include "credentials/key_input.h"
#include "peers/plain_keys.h"

#include <fmt/format.h>

#include <utility>

namespace peers {
namespace {

constexpr std::string_view kSecret = "aws_secret_access_key";
constexpr std::string_view kLongTermSuffix = "-long-term";

/// Why the key of a section is not taken: which one of two it is, only a person knows. Empty where there is but one.
std::string refusal_for(const aws::ConfigFile& file, std::string_view section) {
  const auto lines = lines_that_differ(file, section);
  if (!lines) return {};
  return fmt::format("comes twice with different keys (lines {} and {})", lines->first, lines->second);
}

FoundKey found_key(const aws::ConfigFile& file, const PlainKey& key) {
  FoundKey out;
  out.profile = key.profile;
  out.where = key.where();
  out.access_key_id = key.access_key_id;
  out.refusal = refusal_for(file, key.profile);
  out.in_clear = true;
  out.path = key.path;
  out.line = key.line;
  out.section = key.profile;
  out.file = key.file;
  out.open = [&file, section = key.profile, id = key.access_key_id]() -> base::Result<aws::Credentials> {
    auto secret = plain_secret(file, section, kSecret);
    if (!secret) return base::fail(base::ErrorKind::failure, "the key is gone from " + base::printable(file.path()));
    return credentials::key_of_parts(id, std::move(*secret));
  };
  const std::string_view profile = profile_of_aws_mfa(key.profile);
  if (profile.empty() || key.file != aws::FileKind::credentials) return out;
  out.source = Source::aws_mfa;
  out.mfa_serial = plain_value(file, key.profile, "aws_mfa_device");
  out.role_arn = plain_value(file, key.profile, "assume_role");
  // With a role the profile itself is the role's session, and the key keeps its own name.
  if (out.role_arn.empty()) out.profile = profile;
  // The session is taken out with it, and must be but one as well.
  if (out.refusal.empty() && has_session_of_aws_mfa(file, profile))
    if (const std::string why = refusal_for(file, profile); !why.empty())
      out.refusal = fmt::format("{} {}", base::printable(profile), why);
  return out;
}

/// aws-mfa's session is taken out together with the key that it was made with.
bool goes_with_its_key(const aws::ConfigFile& file, const PlainKey& key) {
  return key.file == aws::FileKind::credentials && has_session_of_aws_mfa(file, key.profile) &&
         plain_secret(file, key.profile + std::string(kLongTermSuffix), kSecret);
}

Remark remark_on(const PlainKey& key) {
  Remark out;
  out.where = key.where();
  const std::string profile = base::printable(key.profile);
  const std::string name = key.passed_over.empty() ? profile : "[" + profile + "]";
  if (key.kind == PlainKind::session)
    out.text = fmt::format("the session {} of {} lies in clear; it ends by itself and is left",
                           key.access_key_id.empty() ? "key" : masked(key.access_key_id), name);
  else if (key.kind == PlainKind::long_term)
    out.text = fmt::format(
        "the key {} of {} lies in clear and is left, for its section is ignored ({}); give that another name by hand",
        masked(key.access_key_id), name, key.passed_over);
  else
    out.text = fmt::format("{}: what lies here is no whole key: {}", name, key.flaw);
  return out;
}

}  // namespace

std::string_view profile_of_aws_mfa(std::string_view section) {
  if (!section.ends_with(kLongTermSuffix) || section.size() == kLongTermSuffix.size()) return {};
  return section.substr(0, section.size() - kLongTermSuffix.size());
}

bool has_session_of_aws_mfa(const aws::ConfigFile& file, std::string_view profile) {
  return !plain_value(file, profile, "expiration").empty() && plain_secret(file, profile, "aws_session_token");
}

void find_in_aws_files(const aws::Profiles& files, Findings& out) {
  // The credentials file wins over the config file, key by key, as the SDKs read them.
  for (const auto* const file : {&files.credentials(), &files.config()}) {
    for (const PlainKey& key : plain_keys(*file)) {
      if (key.kind == PlainKind::long_term)
        out.keys.push_back(found_key(*file, key));
      else if (goes_with_its_key(*file, key))
        continue;
      else if (key.has_secret || key.file == aws::FileKind::credentials)
        out.remarks.push_back(remark_on(key));
    }
    for (const PlainKey& key : passed_over_keys(*file)) out.remarks.push_back(remark_on(key));
  }
}

void find_granted_profiles(const aws::Profiles& files, Findings& out) {
  for (const auto name : files.names()) {
    const auto profile = files.find(name);
    if (!profile || !*profile) continue;
    const auto start_url = (*profile)->get("granted_sso_start_url");
    if (!start_url || start_url->value.empty()) continue;
    FoundSsoProfile found;
    found.profile = name;
    found.start_url = start_url->value;
    found.region = (*profile)->value("granted_sso_region");
    found.account_id = (*profile)->value("granted_sso_account_id");
    found.role_name = (*profile)->value("granted_sso_role_name");
    found.where = start_url->where();
    out.sso_profiles.push_back(std::move(found));
  }
}

}  // namespace peers
