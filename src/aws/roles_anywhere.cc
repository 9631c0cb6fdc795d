#include "aws/roles_anywhere.h"

#include "aws/arn.h"
#include "aws/json_reply.h"
#include "aws/reply_credentials.h"
#include "base/text.h"
#include "secret/json_writer.h"

#include <fmt/format.h>

#include <string_view>

namespace aws {
namespace {

using base::ErrorKind;
using secret::JsonReader;

constexpr std::size_t kLongestWord = 2048;

base::Result<bool> read_keys(JsonReader& json, std::string_view name, Credentials& out) {
  if (TRY(json_key_member(json, name, kLongestWord, out))) return true;
  if (name == "expiration") {
    out.expiration = base::parse_iso8601(TRY(json_word(json, name, kLongestWord)));
    if (!out.expiration) return not_as_documented("expiration is no time with a zone");
  } else {
    return false;
  }
  return true;
}

base::Result<void> read_set(JsonReader& json, Credentials& out) {
  return read_json_object(json, [&](JsonReader&, std::string_view name) -> base::Result<bool> {
    if (name == "credentials") {
      TRY(read_json_object(json, [&](JsonReader&, std::string_view key) { return read_keys(json, key, out); }));
    } else if (name == "roleArn") {
      const auto role = parse_arn(TRY(json_word(json, name, kLongestWord)));
      if (role) out.account_id = role->account;
    } else {
      return false;
    }
    return true;
  });
}

base::Error told(const ServiceError& refusal, const CreateSessionRequest& request) {
  auto error = explained(refusal);
  if (error.kind == ErrorKind::unreachable) return error;
  if (refusal.code == "AccessDenied") {
    error.kind = ErrorKind::denied;
    error.hint =
        "the trust anchor must be the certificate's issuer and enabled, the Roles Anywhere profile must allow " +
        base::printable(request.role_arn, 200) + ", and that role must trust rolesanywhere.amazonaws.com";
  } else if (refusal.code == "ResourceNotFound") {
    error.kind = ErrorKind::not_found;
    error.hint = "check roles_anywhere_trust_anchor_arn and roles_anywhere_profile_arn: run kabuto explain PROFILE";
  } else if (refusal.code == "Validation") {
    error.hint = "check the settings of the source: run kabuto explain PROFILE";
  }
  return error;
}

}  // namespace

http::Request create_session_request(const Endpoint& endpoint, const CreateSessionRequest& request) {
  http::Request out;
  out.method = "POST";
  out.url = endpoint.url + "/sessions?profileArn=" + base::percent_encode(request.profile_arn) +
            "&roleArn=" + base::percent_encode(request.role_arn) +
            "&trustAnchorArn=" + base::percent_encode(request.trust_anchor_arn);
  out.headers.push_back({"Content-Type", "application/json"});
  std::string body = fmt::format("{{\"durationSeconds\":{}", request.duration.count());
  // The name's alphabet was checked: nothing in it needs an escape.
  if (!request.role_session_name.empty()) body += fmt::format(",\"roleSessionName\":\"{}\"", request.role_session_name);
  out.body = secret::Bytes::copy_of(body + "}");
  return out;
}

base::Result<Credentials> read_create_session_reply(secret::Bytes body) {
  Credentials out;
  std::size_t sets = 0;
  const auto member = [&](JsonReader& json, std::string_view name) -> base::Result<bool> {
    if (name != "credentialSet") return false;
    TRY(json.array([&]() -> base::Result<void> { return sets++ == 0 ? read_set(json, out) : json.skip(); }));
    return true;
  };
  TRY(read_json_reply(std::move(body), member));
  if (sets == 0) return not_as_documented("no credentials in it");
  if (!is_access_key_id(out.access_key_id)) return not_as_documented("accessKeyId is no key id");
  if (out.secret_access_key.empty() || out.session_token.empty() || !out.expiration)
    return not_as_documented("a part of the credentials is missing");
  return out;
}

base::Result<Credentials> create_session(Client& client, const Endpoint& endpoint, const X509Identity& identity,
                                         const CreateSessionRequest& request) {
  KeyedCall call;
  call.request = [&](base::Instant when) -> base::Result<http::Request> {
    auto out = create_session_request(endpoint, request);
    TRY(sign_with_certificate(out, identity, endpoint, when));
    return out;
  };
  auto reply = TRY(client.call_keyed(call, Repeat::freely));
  if (!reply) return std::unexpected(told(reply.error(), request));
  auto credentials = TRY(read_create_session_reply(std::move(*reply)));
  if (*credentials.expiration <= client.server_now())
    return base::fail(ErrorKind::failure,
                      "AWS gave credentials that have expired already: " + base::iso8601(*credentials.expiration));
  return credentials;
}

}  // namespace aws
