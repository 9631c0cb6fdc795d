// Names, issuers and audiences.
#include "identity_provider_seed.h"

#include "seed_json.h"

#include <nlohmann/json.hpp>

namespace sim {
namespace {

using base::ErrorKind;
using base::Result;
using nlohmann::json;

Result<std::unique_ptr<OidcProvider>> oidc_provider_of(const std::string& account, const std::string& name,
                                                       const json& object) {
  const std::string where = "OIDC provider " + name;
  TRY(only_keys(object, where, {"url", "audiences"}));
  auto provider = std::make_unique<OidcProvider>();
  provider->account = account;
  provider->name = name;
  provider->url = object.value("url", "");
  provider->audiences = TRY(texts_of(object, "audiences", where));
  if (!provider->url.starts_with("https://") || provider->host().empty())
    return base::fail(ErrorKind::usage, where + " needs an https url");
  if (provider->audiences.empty()) return base::fail(ErrorKind::usage, where + " needs audiences");
  provider->arn = "arn:aws:iam::" + account + ":oidc-provider/" + provider->host();
  return provider;
}

Result<std::unique_ptr<SamlProvider>> saml_provider_of(const std::string& account, const std::string& name,
                                                       const json& object) {
  TRY(only_keys(object, "SAML provider " + name, {"issuer"}));
  auto provider = std::make_unique<SamlProvider>();
  provider->account = account;
  provider->name = name;
  provider->issuer = object.value("issuer", "");
  if (provider->issuer.empty()) return base::fail(ErrorKind::usage, "SAML provider " + name + " needs an issuer");
  provider->arn = "arn:aws:iam::" + account + ":saml-provider/" + name;
  return provider;
}

Result<void> read_oidc_providers(const std::string& account, const json& object, State& state) {
  if (!object.contains("oidc_providers")) return {};
  for (const auto& [name, value] : object.at("oidc_providers").items()) {
    auto provider = TRY(oidc_provider_of(account, name, value));
    if (provider_of_issuer(state, account, provider->url) != nullptr)
      return base::fail(ErrorKind::usage,
                        "two OIDC providers of account " + account + " have the url " + provider->url);
    state.oidc_providers.push_back(std::move(provider));
  }
  return {};
}

}  // namespace

Result<void> read_identity_providers(const std::string& account, const json& object, State& state) {
  TRY(read_oidc_providers(account, object, state));
  if (!object.contains("saml_providers")) return {};
  for (const auto& [name, value] : object.at("saml_providers").items())
    state.saml_providers.push_back(TRY(saml_provider_of(account, name, value)));
  return {};
}

}  // namespace sim
