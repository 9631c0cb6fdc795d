#include "aws/sso_oidc.h"

#include "aws/json_reply.h"
#include "base/base64.h"
#include "base/text.h"
#include "http/url.h"
#include "secret/cipher.h"
#include "secret/digest.h"
#include "secret/json_writer.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <span>
#include <string_view>

namespace aws {
namespace {

using base::Duration;
using base::ErrorKind;
using secret::JsonReader;

constexpr std::size_t kBodyLimit = std::size_t{1} << 20;
constexpr std::size_t kLongestId = 4096;  // of a client; AWS's are 22 characters
constexpr std::size_t kLongestCode = 64;  // that a person types
constexpr std::size_t kLongestUrl = 2048;
constexpr std::int64_t kLongestLife = std::int64_t{10} * 366 * 24 * 3600;  // of a token, in seconds
constexpr std::int64_t kEndOfTime = 253'402'300'799;                       // the year 9999, in epoch seconds
constexpr std::int64_t kLongestInterval = 60;
constexpr std::string_view kDefaultScope = "sso:account:access";

constexpr char kSigns[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kVerifierSize = 64;

UnsignedCall post(std::string target, secret::JsonWriter json) {
  UnsignedCall call;
  call.target = std::move(target);
  call.content_type = "application/json";
  call.body = std::move(json).take();
  return call;
}

secret::JsonWriter with_client(const ClientRegistration& registration) {
  secret::JsonWriter json(kBodyLimit);
  json.text("clientId", registration.client_id).secret("clientSecret", registration.client_secret);
  return json;
}

/// A fragment, which parse_url does not have, is how the newer portals name their page.
base::Result<std::string> page_url(JsonReader& json, std::string_view name) {
  auto text = TRY(json_word(json, name, kLongestUrl));
  const auto url = http::parse_url(std::string_view(text).substr(0, text.find('#')));
  if (!url) return not_as_documented(std::string(name) + " is no URL");
  if (url->scheme != http::Scheme::https && !http::is_loopback_host(url->host))
    return base::fail(ErrorKind::refused, "AWS's reply leads to a page that is not https: " + base::printable(text));
  return text;
}

base::Result<ClientRegistration> read_registration(secret::Bytes body, base::Instant now) {
  ClientRegistration out;
  std::int64_t expires = 0;
  const auto member = [&](JsonReader& json, std::string_view name) -> base::Result<bool> {
    if (name == "clientId") {
      out.client_id = TRY(json_word(json, name, kLongestId));
    } else if (name == "clientSecret") {
      out.client_secret = TRY(json_secret(json, name));
    } else if (name == "clientSecretExpiresAt") {
      expires = TRY(json_integer(json, name, 0, kEndOfTime));
    } else {
      return false;
    }
    return true;
  };
  TRY(read_json_reply(std::move(body), member));
  if (out.client_id.empty() || out.client_secret.empty()) return not_as_documented("no clientId or clientSecret");
  out.expires = base::Instant(std::chrono::seconds(expires));
  if (out.expires <= now) return not_as_documented("clientSecretExpiresAt is over already");
  return out;
}

base::Result<DeviceAuthorization> read_device_authorization(secret::Bytes body, base::Instant now) {
  DeviceAuthorization out;
  std::int64_t seconds = 0;
  const auto member = [&](JsonReader& json, std::string_view name) -> base::Result<bool> {
    if (name == "deviceCode") {
      out.device_code = TRY(json_secret(json, name));
    } else if (name == "userCode") {
      out.user_code = TRY(json_word(json, name, kLongestCode));
    } else if (name == "verificationUri") {
      out.verification_uri = TRY(page_url(json, name));
    } else if (name == "verificationUriComplete") {
      out.verification_uri_complete = TRY(page_url(json, name));
    } else if (name == "expiresIn") {
      seconds = TRY(json_integer(json, name, 1, kLongestLife));
    } else if (name == "interval") {
      const std::int64_t interval = TRY(json_integer(json, name, 0, kLongestLife));
      out.interval = std::chrono::seconds(std::clamp<std::int64_t>(interval, 1, kLongestInterval));
    } else {
      return false;
    }
    return true;
  };
  TRY(read_json_reply(std::move(body), member));
  if (out.device_code.empty() || out.user_code.empty() || out.verification_uri.empty() || seconds == 0)
    return not_as_documented("no deviceCode, userCode, verificationUri or expiresIn");
  out.expires = now + std::chrono::seconds(seconds);
  return out;
}

base::Result<SsoTokens> read_tokens(secret::Bytes body, base::Instant now) {
  SsoTokens out;
  std::int64_t seconds = 0;
  const auto member = [&](JsonReader& json, std::string_view name) -> base::Result<bool> {
    if (name == "accessToken") {
      out.access_token = TRY(json_secret(json, name));
    } else if (name == "refreshToken") {
      out.refresh_token = TRY(json_secret(json, name));
    } else if (name == "expiresIn") {
      seconds = TRY(json_integer(json, name, 1, kLongestLife));
    } else {
      return false;
    }
    return true;
  };
  TRY(read_json_reply(std::move(body), member));
  if (out.access_token.empty() || seconds == 0) return not_as_documented("no accessToken or expiresIn");
  out.expires = now + std::chrono::seconds(seconds);
  return out;
}

std::optional<TokenRefusal> token_refusal(const std::string& code) {
  if (code == "AuthorizationPending") return TokenRefusal::pending;
  if (code == "SlowDown") return TokenRefusal::slow_down;
  if (code == "ExpiredToken") return TokenRefusal::expired;
  if (code == "AccessDenied") return TokenRefusal::denied;
  if (code == "InvalidGrant") return TokenRefusal::invalid_grant;
  if (code == "InvalidClient" || code == "UnauthorizedClient") return TokenRefusal::invalid_client;
  return std::nullopt;
}

base::Result<TokenReply> token(Client& client, const Endpoint& endpoint, secret::JsonWriter json, Repeat repeat,
                               Attempts attempts = Attempts::several) {
  auto reply = TRY(client.call_unsigned(endpoint, post("/token", std::move(json)), repeat, attempts));
  if (!reply) {
    if (const auto refusal = token_refusal(reply.error().code)) return TokenReply(*refusal);
    return std::unexpected(explained(reply.error()));
  }
  return TokenReply(TRY(read_tokens(std::move(*reply), client.server_now())));
}

}  // namespace

base::Result<ClientRegistration> SsoOidc::register_client(const RegisterClientRequest& request) {
  const bool is_code = request.flow == SsoFlow::authorization_code;
  secret::JsonWriter json(kBodyLimit);
  json.text("clientName", request.client_name).text("clientType", "public");
  if (!request.scopes.empty()) json.texts("scopes", request.scopes);
  if (is_code) {
    const std::string uris[] = {request.redirect_uri};
    json.texts("redirectUris", uris);
  }
  const std::string grants[] = {is_code ? "authorization_code" : "urn:ietf:params:oauth:grant-type:device_code",
                                "refresh_token"};
  json.texts("grantTypes", grants);
  if (!request.issuer_url.empty()) json.text("issuerUrl", request.issuer_url);
  auto reply = TRY(client_.call_unsigned(endpoint_, post("/client/register", std::move(json)), Repeat::freely));
  if (!reply) return std::unexpected(explained(reply.error()));
  return read_registration(std::move(*reply), client_.server_now());
}

base::Result<DeviceAuthorization> SsoOidc::start_device_authorization(const ClientRegistration& registration,
                                                                      const std::string& start_url) {
  auto json = with_client(registration);
  json.text("startUrl", start_url);
  auto reply = TRY(client_.call_unsigned(endpoint_, post("/device_authorization", std::move(json)), Repeat::freely));
  if (!reply) return std::unexpected(explained(reply.error()));
  return read_device_authorization(std::move(*reply), client_.server_now());
}

base::Result<TokenReply> SsoOidc::token_for_device(const ClientRegistration& registration,
                                                   const secret::Bytes& device_code) {
  auto json = with_client(registration);
  json.text("grantType", "urn:ietf:params:oauth:grant-type:device_code").secret("deviceCode", device_code);
  // "Slow down" is for the one who asks again and again, not for this one call.
  return token(client_, endpoint_, std::move(json), Repeat::freely, Attempts::unless_throttled);
}

base::Result<TokenReply> SsoOidc::token_for_code(const ClientRegistration& registration, const secret::Bytes& code,
                                                 const secret::Bytes& verifier, const std::string& redirect_uri) {
  auto json = with_client(registration);
  json.text("grantType", "authorization_code").secret("code", code).text("redirectUri", redirect_uri);
  json.secret("codeVerifier", verifier);
  return token(client_, endpoint_, std::move(json), Repeat::unless_acted_on);
}

base::Result<TokenReply> SsoOidc::refresh(const ClientRegistration& registration, const secret::Bytes& refresh_token) {
  auto json = with_client(registration);
  json.text("grantType", "refresh_token").secret("refreshToken", refresh_token);
  return token(client_, endpoint_, std::move(json), Repeat::unless_acted_on);
}

std::string authorize_url(const Endpoint& endpoint, const AuthorizeRequest& request) {
  // The order and the word "scopes" are AWS's own client's.
  return endpoint.url + "/authorize?response_type=code&client_id=" + base::percent_encode(request.client_id) +
         "&redirect_uri=" + base::percent_encode(request.redirect_uri) +
         "&state=" + base::percent_encode(request.state) + "&code_challenge_method=S256&scopes=" +
         base::percent_encode(request.scopes.empty() ? std::string(kDefaultScope) : base::join(request.scopes, " ")) +
         "&code_challenge=" + base::percent_encode(request.challenge);
}

secret::Bytes make_verifier() {
  secret::Bytes out(kVerifierSize);
  const auto low = secret::random_key(), high = secret::random_key();
  static_assert(kVerifierSize == 2 * secret::kKeySize && sizeof kSigns == 64 + 1);
  out.edit([&](std::span<std::byte> to) {
    secret::Bytes::concatenated(low, high).reveal([&](std::span<const std::byte> random) {
      std::ranges::transform(random, to.begin(), [](std::byte b) {
        return static_cast<std::byte>(kSigns[std::to_integer<unsigned>(b) & 63U]);
      });
    });
  });
  return out;
}

std::string code_challenge(const secret::Bytes& verifier) { return base::base64url(secret::sha256(verifier)); }

}  // namespace aws
