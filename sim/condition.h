// Condition blocks of policies: operators, quantifiers, absent keys, policy variables.
#pragma once

#include "policy.h"

#include <string>
#include <string_view>
#include <vector>

namespace sim {

/// Whether an operator of that name (without quantifier and IfExists) is known.
bool is_operator(std::string_view name);
/// True where every condition holds; no conditions hold.
bool all_hold(const std::vector<Condition>& conditions, const Context& context);
/// `text` with ${aws:username} and the like replaced; an absent variable leaves text that matches nothing.
std::string with_variables(std::string_view text, const Context& context);

}  // namespace sim
