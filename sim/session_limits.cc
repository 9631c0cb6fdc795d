// Reading, checking and weighing of session policies and session tags.
#include "session_limits.h"

#include "base/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sim {
namespace {

constexpr std::size_t kMostTags = 50;
constexpr std::size_t kMostPolicyArns = 10;
constexpr std::size_t kLongestTagKey = 128;
constexpr std::size_t kLongestTagValue = 256;
// AWS does not publish how it packs; this lets 50 small tags or one full policy through, and refuses what is far too
// big.
constexpr std::size_t kPackedBytes = 4096;

void read_tags(const Parameters& parameters, Fields& fields, Pairs& tags) {
  const std::vector<std::string> keys = parameters.list("Tags", "Key");
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    const std::string value = parameters.get_or("Tags.member." + number + ".Value", "");
    if (keys[i].empty() || keys[i].size() > kLongestTagKey)
      fields.fail("tags." + number + ".member.key", keys[i], "Member must have length between 1 and 128");
    if (value.size() > kLongestTagValue)
      fields.fail("tags." + number + ".member.value", value, "Member must have length less than or equal to 256");
    if (base::lower_ascii(keys[i]).starts_with("aws:"))
      fields.fail("tags." + number + ".member.key", keys[i], "Tag keys cannot start with aws:");
    tags.emplace_back(keys[i], value);
  }
  if (keys.size() > kMostTags)
    fields.fail("tags", "", "Member must have length less than or equal to " + std::to_string(kMostTags));
}

}  // namespace

SessionLimits read_limits(const Call& call, Fields& fields) {
  SessionLimits limits;
  limits.policy = fields.optional("Policy", kPolicyRule);
  limits.policy_arns = call.parameters.list("PolicyArns", "arn");
  read_tags(call.parameters, fields, limits.tags);
  if (limits.policy_arns.size() > kMostPolicyArns)
    fields.fail("policyArns", "", "Member must have length less than or equal to " + std::to_string(kMostPolicyArns));
  return limits;
}

Checked<TagKeys> tag_keys(const Pairs& tags) {
  TagKeys seen;
  for (const auto& [key, value] : tags)
    if (!seen.insert(base::lower_ascii(key)).second)
      return refuse(400, "InvalidParameterValue",
                    "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  return seen;
}

Checked<std::optional<std::vector<Policy>>> session_policies(const World& world, const SessionLimits& limits) {
  std::optional<std::vector<Policy>> policies;
  if (limits.policy) {
    base::Result<Policy> policy = parse_policy_text(*limits.policy);
    if (!policy) return refuse(400, "MalformedPolicyDocument", "Syntax errors in policy: " + policy.error().what);
    policies.emplace().push_back(std::move(*policy));
  }
  for (const std::string& arn : limits.policy_arns) {
    const auto found = world.state.managed_policies.find(arn);
    if (found == world.state.managed_policies.end())
      return refuse(400, "MalformedPolicyDocument", "Policy " + arn + " does not exist or is not attachable.");
    if (!policies) policies.emplace();
    policies->insert(policies->end(), found->second.begin(), found->second.end());
  }
  return policies;
}

Checked<void> check_longest_session(const World& world, const Role& role, std::int64_t seconds) {
  if (world.checks.on("duration") && seconds > role.max_session_seconds)
    return refuse(400, "ValidationError",
                  "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  return {};
}

Checked<std::optional<std::size_t>> packed_size(const World& world, const SessionLimits& limits, const Tags& tags) {
  std::size_t policy_bytes = limits.policy.value_or("").size();
  for (const std::string& arn : limits.policy_arns) policy_bytes += arn.size();
  std::size_t tag_bytes = 0;
  for (const auto& [key, value] : tags) tag_bytes += key.size() + value.size();
  if (policy_bytes + tag_bytes == 0) return std::nullopt;
  const std::size_t percent = std::max<std::size_t>(1, (policy_bytes + tag_bytes) * 100 / kPackedBytes);
  if (world.checks.on("packed") && percent > 100)
    return refuse(400, "PackedPolicyTooLarge",
                  "Packed size of session " + std::string(policy_bytes > tag_bytes ? "policy" : "tags") + " consumes " +
                      std::to_string(percent) + "% of allotted space.");
  return percent;
}

}  // namespace sim
