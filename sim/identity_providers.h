// The identity providers of the seed's accounts, as IAM knows them, and the other half that the simulator plays for
// them: keys, discovery document, key set, and the tokens that their people and pipelines show.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "signing_key.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

struct State;

struct OidcProvider {
  std::string account, name;           // `name` is the seed's, for kabuto-sim's own commands
  std::string url, arn;                // url: the issuer, https
  std::vector<std::string> audiences;  // client ids
  std::vector<SigningKey> keys;        // an RSA and an EC key, made when first needed

  /// The issuer without its scheme: how policies name it.
  std::string host() const;
};

struct SamlProvider {
  std::string account, name;
  std::string issuer, arn;
  std::optional<SigningKey> key;  // RSA, made when first needed
};

/// By its ARN, or by its name as below; nullptr where none or several fit.
SamlProvider* saml_provider_of(const State& state, std::string_view arn);
SamlProvider* find_saml_provider(const State& state, std::string_view name);
const SigningKey& key_of(SamlProvider& provider);

/// A signed response in base64, good for 5 minutes. `wishes`: "role", "user", "expires_in" seconds, "session_seconds"
/// (of the provider's session), "sign" (assertion, response, foreign or nothing), "issuer", "audience", "recipient",
/// "issued_ago" seconds, and "attributes" (null takes one away). Errors: usage.
base::Result<std::string> issue_assertion(SamlProvider& provider, const nlohmann::json& wishes, base::Instant now);

/// `name` is a provider's name, or ACCOUNT/NAME where two accounts have one of that name; nullptr where none or several
/// fit.
OidcProvider* find_oidc_provider(const State& state, std::string_view name);
/// The account's provider for tokens of that issuer; nullptr where there is none.
OidcProvider* provider_of_issuer(const State& state, std::string_view account, std::string_view issuer);

const std::vector<SigningKey>& keys_of(OidcProvider& provider);
/// {"keys":[…]}, RFC 7517.
nlohmann::json key_set(OidcProvider& provider);

/// A signed token. `wishes`: "key" (rsa, ec, or foreign: in no key set), "expires_in" seconds, and "header" and
/// "claims", which are merged into the usual ones as RFC 7396 says (null takes one away). Errors: usage.
base::Result<std::string> issue_token(OidcProvider& provider, const nlohmann::json& wishes, base::Instant now);

}  // namespace sim
