// Look-ups, key sets and tokens.
#include "identity_providers.h"

#include "crypto.h"
#include "jwt.h"
#include "saml_assertion.h"
#include "state.h"

#include <algorithm>
#include <map>

namespace sim {

using base::ErrorKind;
using nlohmann::json;

std::string OidcProvider::host() const { return url.substr(std::string_view("https://").size()); }

namespace {

template <class Provider>
Provider* find_by_name(const std::vector<std::unique_ptr<Provider>>& providers, std::string_view name) {
  Provider* found = nullptr;
  for (const auto& provider : providers) {
    if (provider->account + "/" + provider->name == name) return provider.get();
    if (provider->name != name) continue;
    if (found != nullptr) return nullptr;
    found = provider.get();
  }
  return found;
}

}  // namespace

OidcProvider* find_oidc_provider(const State& state, std::string_view name) {
  return find_by_name(state.oidc_providers, name);
}

SamlProvider* find_saml_provider(const State& state, std::string_view name) {
  return find_by_name(state.saml_providers, name);
}

SamlProvider* saml_provider_of(const State& state, std::string_view arn) {
  const auto found = std::ranges::find_if(state.saml_providers, [&](const auto& one) { return one->arn == arn; });
  return found == state.saml_providers.end() ? nullptr : found->get();
}

const SigningKey& key_of(SamlProvider& provider) {
  if (!provider.key) provider.key = SigningKey::create(SigningKey::Kind::rsa);
  return *provider.key;
}

OidcProvider* provider_of_issuer(const State& state, std::string_view account, std::string_view issuer) {
  const auto found = std::ranges::find_if(state.oidc_providers, [&](const auto& provider) {
    return provider->account == account && provider->url == issuer;
  });
  return found == state.oidc_providers.end() ? nullptr : found->get();
}

const std::vector<SigningKey>& keys_of(OidcProvider& provider) {
  if (provider.keys.empty())
    for (const auto kind : {SigningKey::Kind::rsa, SigningKey::Kind::ec})
      provider.keys.push_back(SigningKey::create(kind));
  return provider.keys;
}

json key_set(OidcProvider& provider) {
  json keys = json::array();
  for (const SigningKey& key : keys_of(provider)) keys.push_back(key.public_jwk());
  return {{"keys", keys}};
}

base::Result<std::string> issue_token(OidcProvider& provider, const json& wishes, base::Instant now) {
  constexpr std::int64_t usual_seconds = 3600;
  const std::string wanted = wishes.value("key", "rsa");
  if (wanted != "rsa" && wanted != "ec" && wanted != "foreign")
    return base::fail(ErrorKind::usage, "the key must be rsa, ec or foreign");
  const SigningKey foreign = SigningKey::create(SigningKey::Kind::ec);
  const SigningKey& key = wanted == "foreign" ? foreign : keys_of(provider)[wanted == "rsa" ? 0 : 1];
  const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  json header{{"alg", key.algorithm()}, {"typ", "JWT"}, {"kid", key.id()}};
  json claims{{"iss", provider.url},
              {"aud", provider.audiences.front()},
              {"iat", seconds},
              {"nbf", seconds},
              {"exp", seconds + wishes.value("expires_in", usual_seconds)},
              {"jti", random_uuid()}};
  header.merge_patch(wishes.value("header", json::object()));
  claims.merge_patch(wishes.value("claims", json::object()));
  return write_jwt(header, claims, key);
}

base::Result<std::string> issue_assertion(SamlProvider& provider, const json& wishes, base::Instant now) {
  using enum SamlWishes::Signed;
  const std::map<std::string, SamlWishes::Signed> ways{
      {"assertion", assertion}, {"response", response}, {"foreign", foreign}, {"nothing", nothing}};
  const auto way = ways.find(wishes.value("sign", "assertion"));
  if (way == ways.end())
    return base::fail(ErrorKind::usage, "what is signed must be assertion, response, foreign or nothing");
  const auto seconds = [&](const char* name, std::int64_t usual) {
    return std::chrono::seconds(wishes.value(name, usual));
  };
  constexpr std::int64_t usual_seconds = 300;
  const std::string user = wishes.value("user", "");
  const std::string prefix(kAttributePrefix);
  json attributes{{prefix + "Role", wishes.value("role", "") + "," + provider.arn}, {prefix + "RoleSessionName", user}};
  attributes.merge_patch(wishes.value("attributes", json::object()));
  SamlWishes saml{.assertion = {}, .how = way->second};
  saml.assertion.issuer = wishes.value("issuer", provider.issuer);
  saml.assertion.subject = user;
  saml.assertion.subject_type = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
  saml.assertion.recipient = wishes.value("recipient", std::string(kSamlAudience));
  saml.assertion.audiences = {wishes.value("audience", std::string(kSamlAudience))};
  saml.assertion.issued = now - seconds("issued_ago", 0);
  saml.assertion.not_before = saml.assertion.issued;
  saml.assertion.not_on_or_after = now + seconds("expires_in", usual_seconds);
  if (wishes.contains("session_seconds")) saml.assertion.session_end = now + seconds("session_seconds", 0);
  for (const auto& [name, value] : attributes.items())
    saml.assertion.attributes[name] =
        value.is_array() ? value.get<std::vector<std::string>>() : std::vector{value.get<std::string>()};
  return base64_encode(write_saml_response(saml, key_of(provider)));
}

}  // namespace sim
