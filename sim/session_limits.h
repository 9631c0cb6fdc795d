// What a call may ask to limit and mark its session with: policies and tags, as AssumeRole and GetFederationToken share
// them.
#pragma once

#include "call.h"
#include "fields.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sim {

struct SessionLimits {
  std::optional<std::string> policy;
  std::vector<std::string> policy_arns;
  Pairs tags;
};

/// Policy, PolicyArns and Tags; what is wrong with their lengths goes to `fields`.
SessionLimits read_limits(const Call& call, Fields& fields);

/// In lower case.
using TagKeys = std::set<std::string>;
/// InvalidParameterValue where a key stands twice.
Checked<TagKeys> tag_keys(const Pairs& tags);

/// nullopt where none was given: the session's own policies say nothing.
Checked<std::optional<std::vector<Policy>>> session_policies(const World& world, const SessionLimits& limits);

/// How long sessions of a role may be asked for, and how long they are where nobody asks.
constexpr std::int64_t kShortestRoleSession = 900;
constexpr std::int64_t kLongestRoleSession = 43'200;
constexpr std::int64_t kUsualRoleSession = 3'600;
/// The role's own MaxSessionDuration.
Checked<void> check_longest_session(const World& world, const Role& role, std::int64_t seconds);

/// Percent of the allotted space that the policies and `tags` take; nullopt where nothing is packed.
Checked<std::optional<std::size_t>> packed_size(const World& world, const SessionLimits& limits, const Tags& tags);

}  // namespace sim
