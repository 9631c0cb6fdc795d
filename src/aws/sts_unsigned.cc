// The calls of STS that no key signs: a token or an assertion of an identity provider in place of a signature.
#include "aws/reply_credentials.h"
#include "aws/sts.h"
#include "aws/sts_form.h"
#include "base/text.h"

#include <algorithm>
#include <cstddef>
#include <span>

namespace aws {
namespace {

using base::ErrorKind;

// AWS's limits.
constexpr std::size_t kLongestToken = 20'000;
constexpr std::size_t kLongestAssertion = 100'000;

bool is_blank(std::byte byte) {
  const char c = static_cast<char>(byte);
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

base::Result<secret::Bytes> checked(secret::Bytes text, const std::string& what, std::size_t longest) {
  if (text.empty()) return base::fail(ErrorKind::refused, what + " is empty");
  if (text.size() > longest)
    return base::fail(ErrorKind::refused,
                      what + " is longer than the " + std::to_string(longest) + " characters that AWS takes");
  if (!text.reveal_text(is_plain_secret))
    return base::fail(ErrorKind::refused, what + " holds blanks or characters that no token has");
  return text;
}

}  // namespace

base::Result<secret::Bytes> bare_token(secret::Bytes text, const std::string& what) {
  const auto size = text.edit([](std::span<std::byte> bytes) {
    const auto first = std::ranges::find_if_not(bytes, is_blank);
    auto last = bytes.end();
    while (last != first && is_blank(*(last - 1))) --last;
    return static_cast<std::size_t>(std::copy(first, last, bytes.begin()) - bytes.begin());
  });
  text.shrink(size);
  return checked(std::move(text), what, kLongestToken);
}

base::Result<secret::Bytes> bare_assertion(secret::Bytes text, const std::string& what) {
  const auto size = text.edit(
      [](std::span<std::byte> bytes) { return bytes.size() - std::ranges::remove_if(bytes, is_blank).size(); });
  text.shrink(size);
  if (text.reveal_text([](std::string_view bare) { return bare.starts_with('<'); }))
    return base::fail(ErrorKind::refused, what + " is XML, and AWS takes it in base64", "encode it with base64 -w0");
  return checked(std::move(text), what, kLongestAssertion);
}

base::Result<Session> Sts::assume_unsigned(QueryForm form, const std::string& action) {
  UnsignedCall call;
  call.target = "/";
  call.content_type = "application/x-www-form-urlencoded; charset=utf-8";
  call.body = std::move(form).take();
  auto reply = TRY(client_.call_unsigned(endpoint_, std::move(call), Repeat::freely));
  if (!reply) return std::unexpected(explained(reply.error()));
  return read_role_session(std::move(*reply), action + "Result");
}

base::Result<Session> Sts::assume_role_with_web_identity(const WebIdentityRequest& request) {
  TRY(check(request));
  const std::string action = "AssumeRoleWithWebIdentity";
  QueryForm form(action, kStsVersion);
  form.add("RoleArn", request.role_arn).add("RoleSessionName", request.role_session_name);
  form.add_secret("WebIdentityToken", request.token);
  add_policies(form, request);
  return assume_unsigned(std::move(form), action);
}

base::Result<Session> Sts::assume_role_with_saml(const SamlRequest& request) {
  TRY(check(request));
  const std::string action = "AssumeRoleWithSAML";
  QueryForm form(action, kStsVersion);
  form.add("RoleArn", request.role_arn).add("PrincipalArn", request.principal_arn);
  form.add_secret("SAMLAssertion", request.assertion);
  add_policies(form, request);
  return assume_unsigned(std::move(form), action);
}

}  // namespace aws
