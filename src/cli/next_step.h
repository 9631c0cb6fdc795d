// The command to type next, from what is set up: what `kabuto status` ends with. It unlocks nothing and calls nobody.
#pragma once

#include "aws/profile.h"
#include "secret/names_index.h"

#include <optional>
#include <string>
#include <vector>

namespace cli {

/// The sessions of Identity Center, by the name that `kabuto login` takes.
struct SignInsFound {
  std::vector<std::string> live;
  std::vector<std::string> ended;  // a person was signed in
  std::vector<std::string> never;  // configured, and no more
};

/// One line: a command and what it does.
std::string next_step(const aws::Profiles& profiles, const std::optional<secret::NamesIndex>& index,
                      const SignInsFound& sign_ins);

}  // namespace cli
