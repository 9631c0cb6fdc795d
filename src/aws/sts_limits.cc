// What STS's fields may hold, checked before a call: spec of the STS API Reference. It makes no call.
#include "aws/sts.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace aws {
namespace {

using base::ErrorKind;
using std::chrono::seconds;

constexpr seconds kShortest{900};
constexpr seconds kLongestRole{43'200};
constexpr seconds kLongestSession{129'600};
constexpr std::size_t kMostTags = 50;
constexpr std::size_t kMostPolicies = 10;
constexpr std::size_t kLongestPolicy = 2048;
constexpr std::size_t kLongestTagKey = 128;
constexpr std::size_t kLongestTagValue = 256;

struct Rule {
  std::string_view field;
  std::size_t shortest, longest;
  std::string_view signs;  // beside letters, digits and '_'
};
constexpr Rule kSessionName{"role session name", 2, 64, "+=,.@-"};
constexpr Rule kFederatedName{"federated user's name", 2, 32, "+=,.@-"};
constexpr Rule kSourceIdentity{"source identity", 2, 64, "+=,.@-"};
constexpr Rule kExternalId{"external id", 2, 1224, "+=,.@:/-"};
constexpr Rule kSerialNumber{"MFA serial number", 9, 256, "+=/:,.@-"};
constexpr Rule kRoleArn{"role ARN", 20, 2048, "+=/:,.@-"};
constexpr Rule kProviderArn{"ARN of the SAML provider", 20, 2048, "+=/:,.@-"};
constexpr Rule kPolicyArn{"policy ARN", 20, 2048, "+=/:,.@-"};

std::unexpected<base::Error> refuse(std::string what, std::string hint = {}) {
  return base::fail(ErrorKind::refused, std::move(what), std::move(hint));
}

bool is_word(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

base::Result<void> check_text(std::string_view value, const Rule& rule) {
  const std::string field(rule.field);
  if (value.size() < rule.shortest || value.size() > rule.longest)
    return refuse("the " + field + " must have " + std::to_string(rule.shortest) + " to " +
                  std::to_string(rule.longest) + " characters, not " + std::to_string(value.size()));
  for (const char c : value)
    if (!is_word(c) && rule.signs.find(c) == rule.signs.npos)
      return refuse("the " + field + " holds '" + base::printable({&c, 1}) + "', which AWS does not allow there");
  return {};
}

base::Result<void> check_arn(std::string_view value, const Rule& rule) {
  TRY(check_text(value, rule));
  if (value.starts_with("arn:")) return {};
  return refuse("the " + std::string(rule.field) + " must begin with arn:");
}

base::Result<void> check_duration(std::optional<seconds> duration, seconds longest) {
  if (!duration || (*duration >= kShortest && *duration <= longest)) return {};
  return refuse("the duration must be 15m to " + base::human_duration(longest) + ", not " +
                base::human_duration(*duration));
}

base::Result<void> check_mfa(const std::optional<Mfa>& mfa) {
  if (!mfa) return {};
  TRY(check_mfa_serial(mfa->serial_number));
  const bool six_digits = mfa->code.reveal_text([](std::string_view code) {
    return code.size() == 6 && std::ranges::all_of(code, [](char c) { return c >= '0' && c <= '9'; });
  });
  if (!six_digits) return refuse("an MFA code has exactly six digits");
  return {};
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// Letters of all scripts are allowed; of ASCII only these. AWS decides about the rest.
bool is_tag_text(std::string_view text) {
  constexpr std::string_view kSigns = " _.:/=+-@";
  return base::is_valid_utf8(text) && std::ranges::all_of(text, [&](char c) {
           return static_cast<unsigned char>(c) >= 0x80 || is_word(c) || kSigns.find(c) != kSigns.npos;
         });
}

base::Result<void> check_tag_key(std::string_view key) {
  if (key.empty() || characters(key) > kLongestTagKey || !is_tag_text(key))
    return refuse("the session tag key '" + base::printable(key, 60) +
                  "' must have 1 to 128 letters, digits, blanks or any of _.:/=+-@");
  if (base::lower_ascii(key).starts_with("aws:"))
    return refuse("the session tag key '" + base::printable(key, 60) +
                  "' begins with aws:, which AWS keeps for itself");
  return {};
}

base::Result<void> check_tags(const AssumeRoleRequest& request) {
  if (request.tags.size() > kMostTags) return refuse("a session has at most 50 tags");
  if (request.transitive_tag_keys.size() > kMostTags) return refuse("a session has at most 50 transitive tags");
  std::set<std::string> seen;
  for (const auto& tag : request.tags) {
    TRY(check_tag_key(tag.key));
    if (characters(tag.value) > kLongestTagValue || !is_tag_text(tag.value))
      return refuse("the value of session tag '" + base::printable(tag.key, 60) +
                    "' must have at most 256 letters, digits, blanks or any of _.:/=+-@");
    if (!seen.insert(base::lower_ascii(tag.key)).second)
      return refuse("the session tag '" + base::printable(tag.key, 60) + "' is given twice");
  }
  for (const auto& key : request.transitive_tag_keys) TRY(check_tag_key(key));
  return {};
}

/// Of any request that has policies.
base::Result<void> check_policy(const auto& request) {
  if (request.policy_arns.size() > kMostPolicies) return refuse("a session takes at most 10 policy ARNs");
  std::size_t size = characters(request.policy);
  for (const auto& arn : request.policy_arns) {
    TRY(check_arn(arn, kPolicyArn));
    size += arn.size();
  }
  if (size > kLongestPolicy)
    return refuse("the session policy and its ARNs have " + std::to_string(size) + " characters; AWS takes 2048");
  const bool is_text = base::is_valid_utf8(request.policy) && std::ranges::all_of(request.policy, [](char c) {
                         return static_cast<unsigned char>(c) >= ' ' || c == '\t' || c == '\n' || c == '\r';
                       });
  if (!is_text) return refuse("the session policy holds control characters or is not UTF-8");
  return {};
}

}  // namespace

base::Result<void> check_mfa_serial(std::string_view serial_number) { return check_text(serial_number, kSerialNumber); }

base::Result<void> check(const GetSessionTokenRequest& request) {
  TRY(check_duration(request.duration, kLongestSession));
  return check_mfa(request.mfa);
}

base::Result<void> check(const GetFederationTokenRequest& request) {
  TRY(check_text(request.name, kFederatedName));
  TRY(check_duration(request.duration, kLongestSession));
  return check_policy(request);
}

base::Result<void> check(const WebIdentityRequest& request) {
  TRY(check_arn(request.role_arn, kRoleArn));
  TRY(check_text(request.role_session_name, kSessionName));
  TRY(check_duration(request.duration, kLongestRole));
  return check_policy(request);
}

base::Result<void> check(const SamlRequest& request) {
  TRY(check_arn(request.role_arn, kRoleArn));
  TRY(check_arn(request.principal_arn, kProviderArn));
  TRY(check_duration(request.duration, kLongestRole));
  return check_policy(request);
}

base::Result<void> check(const AssumeRoleRequest& request) {
  TRY(check_arn(request.role_arn, kRoleArn));
  TRY(check_text(request.role_session_name, kSessionName));
  if (!request.external_id.empty()) TRY(check_text(request.external_id, kExternalId));
  if (!request.source_identity.empty()) {
    TRY(check_text(request.source_identity, kSourceIdentity));
    if (request.source_identity.starts_with("aws:")) return refuse("a source identity must not begin with aws:");
  }
  TRY(check_duration(request.duration, kLongestRole));
  TRY(check_mfa(request.mfa));
  TRY(check_tags(request));
  return check_policy(request);
}

}  // namespace aws
