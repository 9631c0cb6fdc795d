// What a person may choose where no profile is named: the profiles of the files and of the store, then the roles that
// Identity Center gives and no profile names; what was used comes first. It calls nobody and unlocks nothing.
#pragma once

#include "base/result.h"

#include <optional>
#include <string>

namespace cli {

class Context;

/// Either a profile, or a role of an account.
struct Choice {
  std::string profile;
  std::string session;  // the sign-in's id
  std::string account_id;
  std::string role;
};

/// `picker`: --picker as given. Errors: usage for another than own and fzf; not_found where there is nothing to choose
/// from; nobody_to_ask where there is no terminal; failure where none was chosen.
base::Result<Choice> choose_profile(Context& context, const std::optional<std::string>& picker);

}  // namespace cli
