// Plans of texts, for tests: the config files, the sealed keys and the environment that a test names.
#pragma once

#include "base/text.h"
#include "credentials/chain.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace credentials {

inline constexpr std::string_view kTwoProfiles =
    "[profile base]\nregion = eu-west-1\nmfa_serial = arn:aws:iam::111122223333:mfa/alice\n"
    "[profile dev]\nrole_arn = arn:aws:iam::444455556666:role/dev\nsource_profile = base\n"
    "mfa_serial = arn:aws:iam::111122223333:mfa/alice\nregion = eu-central-1\n";

/// A plan made from texts, with the sealed keys and the environment a test names.
struct Scene {
  std::string config;
  std::string credentials;
  std::map<std::string, SealedKey, std::less<>> sealed;
  std::map<std::string, std::string, std::less<>> devices;
  base::Environment environment{"USER=alice"};
  Request request;

  base::Result<Chain> plan_for(const std::string& profile) {
    auto profiles = aws::Profiles::of_texts(config, credentials);
    if (!profiles) return std::unexpected(profiles.error());
    request.profile = profile;
    return plan({*profiles, environment,
                 [this](std::string_view name) -> base::Result<std::optional<SealedKey>> {
                   const auto found = sealed.find(name);
                   if (found == sealed.end()) return std::nullopt;
                   return found->second;
                 },
                 [this](std::string_view name) -> base::Result<std::string> {
                   const auto found = devices.find(name);
                   return found == devices.end() ? std::string() : found->second;
                 },
                 [](const std::string&) -> base::Result<std::string> { return "{}"; }},
                request);
  }
  Chain chain(const std::string& profile) {
    auto made = plan_for(profile);
    EXPECT_TRUE(made) << made.error().what;
    return made ? std::move(*made) : Chain{};
  }
  std::string error(const std::string& profile) {
    auto made = plan_for(profile);
    EXPECT_FALSE(made);
    return made ? "" : made.error().what;
  }
};

inline std::string kinds(const Chain& chain) {
  std::vector<std::string> names;
  for (const auto& hop : chain.hops) names.emplace_back(name_of(hop.kind));
  return base::join(names, " ");
}

inline Scene sealed_base(std::string_view config = kTwoProfiles) {
  Scene scene;
  scene.config = config;
  scene.sealed["base"] = {"AKIABASE"};
  return scene;
}

}  // namespace credentials
