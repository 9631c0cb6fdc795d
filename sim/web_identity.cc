// AssumeRoleWithWebIdentity: the token's form, its issuer, its signature, audience and times; then the role's trust.
#include "federated_session.h"
#include "identity_providers.h"
#include "jwt.h"
#include "sts.h"

#include <algorithm>
#include <array>

namespace sim {
namespace {

using nlohmann::json;

constexpr TextRule kTokenRule{4, 20'000};
constexpr std::array<std::string_view, 2> kAlgorithms{"RS256", "ES256"};
constexpr std::array kRequired{"iss", "aud", "sub", "iat", "exp"};
constexpr std::int64_t kClockSkewSeconds = 300;
constexpr const char* kTagsClaim = "https://aws.amazon.com/tags";
constexpr const char* kSourceIdentityClaim = "https://aws.amazon.com/source_identity";

std::unexpected<AwsError> invalid(std::string message) {
  return refuse(400, "InvalidIdentityToken", std::move(message));
}

Checked<void> check_claims(const World& world, const Jwt& token) {
  if (!world.checks.on("web-claims")) return {};
  for (const char* name : kRequired)
    if (!token.claims.contains(name)) return invalid("Missing a required claim: " + std::string(name));
  return {};
}

/// By the key that the header names, among the provider's.
Checked<void> check_signature(const World& world, OidcProvider& provider, const Jwt& token) {
  const std::string algorithm = token.header_text("alg").value_or("");
  if (world.checks.on("web-algorithm") && std::ranges::find(kAlgorithms, algorithm) == kAlgorithms.end())
    return invalid("Token signing algorithm is not supported");
  if (!world.checks.on("web-signature")) return {};
  const std::string id = token.header_text("kid").value_or("");
  const std::vector<SigningKey>& keys = keys_of(provider);
  const auto key = std::ranges::find(keys, id, &SigningKey::id);
  if (key == keys.end())
    return invalid(
        "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity "
        "documentation for requirements");
  if (!key->verify(algorithm, token.signed_text, token.signature)) return invalid("Token signature invalid");
  return {};
}

/// The audience that the provider's client ids and the token have in common.
Checked<std::string> check_audience(const World& world, const OidcProvider& provider, const Jwt& token) {
  const std::vector<std::string> audiences = token.texts("aud");
  for (const std::string& audience : audiences)
    if (std::ranges::find(provider.audiences, audience) != provider.audiences.end()) return audience;
  if (world.checks.on("web-audience")) return invalid("Incorrect token audience");
  return audiences.empty() ? std::string() : audiences.front();
}

Checked<void> check_times(const World& world, const Jwt& token) {
  const std::int64_t now = std::chrono::floor<std::chrono::seconds>(world.now()).time_since_epoch().count();
  if (world.checks.on("web-expiry")) {
    const std::int64_t end = token.seconds("exp").value_or(0);
    if (now >= end + kClockSkewSeconds)
      return refuse(400, "ExpiredTokenException",
                    "Token expired: current date/time " + std::to_string(now) +
                        " must be before the expiration date/time " + std::to_string(end));
  }
  if (!world.checks.on("web-not-before")) return {};
  for (const char* name : {"iat", "nbf"}) {
    if (!token.claims.contains(name)) continue;
    const std::optional<std::int64_t> begin = token.seconds(name);
    if (!begin || now < *begin - kClockSkewSeconds) return invalid("Token is not valid yet: " + std::string(name));
  }
  return {};
}

/// {"principal_tags":{"Key":["value"]},"transitive_tag_keys":["Key"]}
Checked<void> read_tags(const Jwt& token, FederatedRequest& request) {
  const auto found = token.claims.find(kTagsClaim);
  if (found == token.claims.end()) return {};
  const auto bad = invalid("The claim " + std::string(kTagsClaim) + " is malformed");
  if (!found->is_object()) return bad;
  const json tags = found->value("principal_tags", json::object());
  const json transitive = found->value("transitive_tag_keys", json::array());
  if (!tags.is_object() || !transitive.is_array()) return bad;
  for (const auto& [key, values] : tags.items()) {
    const json& value = values.is_array() && values.size() == 1 ? values.front() : values;
    if (!value.is_string()) return bad;
    request.limits.tags.emplace_back(key, value.get<std::string>());
  }
  for (const json& key : transitive) {
    if (!key.is_string()) return bad;
    request.transitive.insert(key.get<std::string>());
  }
  return {};
}

struct Verified {
  OidcProvider& provider;
  std::string subject, audience;
};

Checked<Verified> verify(World& world, const Jwt& token, const std::string& role_arn) {
  if (auto good = check_claims(world, token); !good) return std::unexpected(good.error());
  const std::string issuer = token.text("iss").value_or("");
  OidcProvider* provider = provider_of_issuer(world.state, account_of_arn(role_arn), issuer);
  if (provider == nullptr) return invalid("No OpenIDConnect provider found in your account for " + issuer);
  if (auto good = check_signature(world, *provider, token); !good) return std::unexpected(good.error());
  Checked<std::string> audience = check_audience(world, *provider, token);
  if (!audience) return std::unexpected(audience.error());
  if (auto good = check_times(world, token); !good) return std::unexpected(good.error());
  return Verified{.provider = *provider, .subject = token.text("sub").value_or(""), .audience = std::move(*audience)};
}

}  // namespace

Checked<void> assume_role_with_web_identity(Call& call) {
  World& world = call.world;
  Fields fields(call.parameters, world.checks);
  FederatedRequest request;
  request.action = "sts:AssumeRoleWithWebIdentity";
  request.role_arn = fields.required("RoleArn", kRoleArnRule);
  request.session_name = fields.required("RoleSessionName", kSessionNameRule);
  const std::string text = fields.secret("WebIdentityToken", kTokenRule);
  request.seconds = fields.integer("DurationSeconds", kShortestRoleSession, kLongestRoleSession, kUsualRoleSession);
  request.limits = read_limits(call, fields);
  request.limits.tags.clear();  // a token's claims set them, parameters cannot
  if (auto good = fields.verdict(); !good) return good;
  call.notes.role = request.role_arn;
  if (world.checks.on("web-provider-id") && call.parameters.get("ProviderId"))
    return refuse(400, "ValidationError", "ProviderId is for OAuth 2.0 access tokens only");

  const std::optional<Jwt> token = read_jwt(text);
  if (!token)
    return invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");
  const Checked<Verified> verified = verify(world, *token, request.role_arn);
  if (!verified) return std::unexpected(verified.error());
  request.provider = verified->provider.arn;
  call.notes.principal = request.provider + ":" + verified->audience + ":" + verified->subject;
  request.source_identity = token->text(kSourceIdentityClaim).value_or("");
  if (auto good = read_tags(*token, request); !good) return good;
  const std::string prefix = verified->provider.host() + ":";
  request.context.set(prefix + "sub", verified->subject);
  request.context.set(prefix + "aud", verified->audience);
  if (const auto methods = token->texts("amr"); !methods.empty()) request.context.set(prefix + "amr", methods);

  if (auto done = open_federated_session(call, std::move(request)); !done) return done;
  call.result.element("SubjectFromWebIdentityToken", verified->subject);
  call.result.element("Provider", verified->provider.arn);
  call.result.element("Audience", verified->audience);
  return {};
}

}  // namespace sim
