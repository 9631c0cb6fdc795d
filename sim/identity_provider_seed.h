// The seed's `oidc_providers` and `saml_providers` of an account.
#pragma once

#include "base/result.h"
#include "state.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace sim {

/// The providers that `object`, an account of the seed, names; their keys are made when they are first needed.
base::Result<void> read_identity_providers(const std::string& account, const nlohmann::json& object, State& state);

}  // namespace sim
