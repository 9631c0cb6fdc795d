#include "aws/sts.h"

#include "aws/query_xml.h"
#include "aws/reply_credentials.h"
#include "aws/sts_form.h"
#include "base/text.h"

#include <string_view>

namespace aws {
namespace {

using base::ErrorKind;

constexpr int kAccountDigits = 12;

void add_mfa(QueryForm& form, const std::optional<Mfa>& mfa) {
  if (!mfa) return;
  form.add("SerialNumber", mfa->serial_number).add_secret("TokenCode", mfa->code);
}

// A code counts once, so a call that carries one is not made again where AWS may have looked at it.
Repeat repeat_with(const std::optional<Mfa>& mfa) { return mfa ? Repeat::unless_acted_on : Repeat::freely; }

// A call of kind `unreachable` may have reached AWS all the same.
base::Error with_mfa_hint(base::Error error, const std::optional<Mfa>& mfa) {
  if (mfa && error.kind == ErrorKind::unreachable)
    error.hint = "the MFA code may be used up: wait for the next one, then run the command again";
  return error;
}

QueryForm form_of(const AssumeRoleRequest& request) {
  QueryForm form("AssumeRole", kStsVersion);
  form.add("RoleArn", request.role_arn).add("RoleSessionName", request.role_session_name);
  add_policies(form, request);
  int number = 0;
  for (const auto& tag : request.tags) {
    const auto name = "Tags.member." + std::to_string(++number);
    form.add(name + ".Key", tag.key).add(name + ".Value", tag.value);
  }
  number = 0;
  for (const auto& key : request.transitive_tag_keys)
    form.add("TransitiveTagKeys.member." + std::to_string(++number), key);
  add_if_given(form, "ExternalId", request.external_id);
  add_mfa(form, request.mfa);
  add_if_given(form, "SourceIdentity", request.source_identity);
  return form;
}

// The fifth field of an ARN where it is an account number, else empty.
std::string account_of(const std::string& arn) {
  const auto fields = base::split(arn, ':');
  if (fields.size() < 6 || fields[4].size() != kAccountDigits) return {};
  return fields[4].find_first_not_of("0123456789") == std::string_view::npos ? std::string(fields[4]) : std::string();
}

base::Result<Session> read_session_of(const XmlElement& result, const Client& client) {
  Session out;
  out.credentials = TRY(read_session(result, "Credentials"));
  out.clock_offset = client.clock_offset();
  if (*out.credentials.expiration <= client.server_now())
    return base::fail(ErrorKind::failure, "AWS gave credentials that have expired already, at " +
                                              base::iso8601(*out.credentials.expiration));
  return out;
}

}  // namespace

base::Result<Session> Sts::get_session_token(const Credentials& credentials, const GetSessionTokenRequest& request) {
  TRY(check(request));
  QueryForm form("GetSessionToken", kStsVersion);
  if (request.duration) form.add("DurationSeconds", request.duration->count());
  add_mfa(form, request.mfa);
  auto called = client_.call(endpoint_, credentials, std::move(form), repeat_with(request.mfa));
  if (!called) return std::unexpected(with_mfa_hint(std::move(called).error(), request.mfa));
  const auto reply = TRY(XmlReply::parse(std::move(*called)));
  const auto result = TRY(reply.root().child("GetSessionTokenResult"));
  auto session = TRY(read_session_of(result, client_));
  session.credentials.account_id = credentials.account_id;
  return session;
}

base::Result<Session> Sts::assume_role(const Credentials& credentials, const AssumeRoleRequest& request) {
  TRY(check(request));
  auto called = client_.call(endpoint_, credentials, form_of(request), repeat_with(request.mfa));
  if (!called) return std::unexpected(with_mfa_hint(std::move(called).error(), request.mfa));
  return read_role_session(std::move(*called), "AssumeRoleResult");
}

base::Result<Session> Sts::read_role_session(secret::Bytes body, const std::string& name) const {
  const auto reply = TRY(XmlReply::parse(std::move(body)));
  const auto result = TRY(reply.root().child(name));
  auto out = TRY(read_session_of(result, client_));
  out.assumed_role_arn = TRY(result.text("AssumedRoleUser/Arn"));
  out.assumed_role_id = TRY(result.text("AssumedRoleUser/AssumedRoleId"));
  out.source_identity = TRY(result.optional_text("SourceIdentity")).value_or("");
  if (const auto size = TRY(result.optional_text("PackedPolicySize")))
    if (const auto value = base::parse_integer(*size); value && *value >= 0 && *value <= 1000)
      out.packed_policy_size = static_cast<int>(*value);
  out.credentials.account_id = account_of(out.assumed_role_arn);
  return out;
}

base::Result<Session> Sts::get_federation_token(const Credentials& credentials,
                                                const GetFederationTokenRequest& request) {
  TRY(check(request));
  QueryForm form("GetFederationToken", kStsVersion);
  form.add("Name", request.name);
  add_policies(form, request);
  auto body = TRY(client_.call(endpoint_, credentials, std::move(form), Repeat::freely));
  const auto reply = TRY(XmlReply::parse(std::move(body)));
  const auto result = TRY(reply.root().child("GetFederationTokenResult"));
  auto out = TRY(read_session_of(result, client_));
  out.assumed_role_arn = TRY(result.text("FederatedUser/Arn"));
  out.credentials.account_id = account_of(out.assumed_role_arn);
  return out;
}

base::Result<CallerIdentity> Sts::get_caller_identity(const Credentials& credentials) {
  auto body = TRY(client_.call(endpoint_, credentials, QueryForm("GetCallerIdentity", kStsVersion), Repeat::freely));
  const auto reply = TRY(XmlReply::parse(std::move(body)));
  const auto result = TRY(reply.root().child("GetCallerIdentityResult"));
  CallerIdentity out;
  out.account = TRY(result.text("Account"));
  out.arn = TRY(result.text("Arn"));
  out.user_id = TRY(result.text("UserId"));
  return out;
}

base::Result<std::string> Sts::get_access_key_info(const Credentials& credentials, const std::string& access_key_id) {
  QueryForm form("GetAccessKeyInfo", kStsVersion);
  form.add("AccessKeyId", access_key_id);
  auto body = TRY(client_.call(endpoint_, credentials, std::move(form), Repeat::freely));
  const auto reply = TRY(XmlReply::parse(std::move(body)));
  return reply.root().text("GetAccessKeyInfoResult/Account");
}

}  // namespace aws
