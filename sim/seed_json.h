// What the readers of the seed's parts share.
#pragma once

#include "base/result.h"
#include "policy.h"

#include <nlohmann/json_fwd.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

/// Errors: usage, naming the key and the place.
base::Result<void> only_keys(const nlohmann::json& object, const std::string& where,
                             std::initializer_list<std::string_view> allowed);
/// The identity policies under "policies"; none where the key is absent.
base::Result<std::vector<Policy>> policies_of(const nlohmann::json& object, const std::string& where);
/// A text, or a list of texts; none where the key is absent.
base::Result<std::vector<std::string>> texts_of(const nlohmann::json& object, const std::string& key,
                                                const std::string& where);

/// The text under "password"; made up where it says true; empty where the key is absent.
base::Result<std::string> password_of(const nlohmann::json& object, const std::string& where);
/// A fresh one.
std::string make_password();

}  // namespace sim
