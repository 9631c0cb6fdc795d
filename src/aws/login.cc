#include "aws/login.h"

#include "aws/dpop.h"
#include "aws/json_reply.h"
#include "secret/json_writer.h"
#include "secret/signing_key.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>

namespace aws {
namespace {

using base::ErrorKind;
using secret::JsonReader;

constexpr std::size_t kBodyLimit = std::size_t{1} << 20;
constexpr std::size_t kLongestWord = 4096;
constexpr std::int64_t kLongestLife = std::int64_t{24} * 3600;  // in seconds; AWS says 900 at most

base::Result<secret::KeyFile> key_of(const LoginToken& token) {
  return secret::read_key_file(
      token.dpop_key,
      []() -> base::Result<secret::Bytes> {
        return base::fail(ErrorKind::failure, "the key of the sign-in is encrypted, which aws login never does");
      },
      "the key of the sign-in");
}

}  // namespace

std::optional<LoginRefusal> login_refusal(const ServiceError& refusal) {
  constexpr std::array<std::pair<std::string_view, LoginRefusal>, 4> kWords{
      {{"TOKEN_EXPIRED", LoginRefusal::token_expired},
       {"AUTHCODE_EXPIRED", LoginRefusal::code_expired},
       {"USER_CREDENTIALS_CHANGED", LoginRefusal::credentials_changed},
       {"INSUFFICIENT_PERMISSIONS", LoginRefusal::insufficient_permissions}}};
  const auto* const found = std::ranges::find(kWords, refusal.word, &std::pair<std::string_view, LoginRefusal>::first);
  if (refusal.code != "AccessDenied" || found == kWords.end()) return std::nullopt;
  return found->second;
}

base::Result<LoginToken> read_login_reply(secret::Bytes body, const LoginToken& old, base::Instant now) {
  LoginToken out = old.clone();
  out.access = {};
  out.refresh_token = {};
  std::int64_t seconds = 0;
  const auto member = [&](JsonReader& json, std::string_view name) -> base::Result<bool> {
    if (name == "accessToken") {
      const auto key = [&](JsonReader&, std::string_view each) {
        return json_key_member(json, each, kLongestWord, out.access);
      };
      TRY(read_json_object(json, key));
    } else if (name == "tokenType") {
      out.token_type = TRY(json_word(json, name, kLongestWord));
    } else if (name == "expiresIn") {
      seconds = TRY(json_integer(json, name, 1, kLongestLife));
    } else if (name == "refreshToken") {
      out.refresh_token = TRY(json_secret(json, name));
    } else if (name == "idToken") {
      out.id_token = TRY(json_secret(json, name));
    } else {
      return false;
    }
    return true;
  };
  TRY(read_json_reply(std::move(body), member));
  if (out.access.access_key_id.empty() || out.access.secret_access_key.empty() || out.access.session_token.empty() ||
      seconds == 0)
    return not_as_documented("a part of the credentials is missing");
  // The old one is good until AWS has given another; one that gives none is not as documented, but no loss.
  if (out.refresh_token.empty()) out.refresh_token = old.refresh_token.clone();
  out.access.expiration = now + std::chrono::seconds(seconds);
  out.access.account_id = old.access.account_id;
  if (out.access.account_id.empty())
    if (const auto identity = login_identity(out.id_token)) out.access.account_id = identity->account_id;
  return out;
}

base::Result<LoginReply> refresh_login(Client& client, const Endpoint& endpoint, const LoginToken& token) {
  const auto key = TRY(key_of(token));
  const std::string url = endpoint.url + "/v1/token";
  secret::JsonWriter json(kBodyLimit);
  json.text("clientId", token.client_id).text("grantType", "refresh_token").secret("refreshToken", token.refresh_token);
  const auto body = std::move(json).take();
  KeyedCall call;
  call.request = [&](base::Instant when) -> base::Result<http::Request> {
    http::Request request;
    request.url = url;
    request.headers.push_back({"Content-Type", "application/json"});
    request.headers.push_back({"DPoP", TRY(dpop_proof(*key.key, url, when, make_uuid()))});
    request.body = body.clone();
    return request;
  };
  call.sent = {&token.refresh_token};
  auto reply = TRY(client.call_keyed(call, Repeat::unless_acted_on));
  if (!reply) {
    if (const auto refusal = login_refusal(reply.error())) return LoginReply(*refusal);
    return std::unexpected(explained(reply.error()));
  }
  return LoginReply(TRY(read_login_reply(std::move(*reply), token, client.server_now())));
}

}  // namespace aws
