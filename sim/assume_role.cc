// AssumeRole: fields, MFA, trust, length, tags, source identity; in that order.
#include "authorization.h"
#include "base/text.h"
#include "fields.h"
#include "mfa.h"
#include "sts.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sim {
namespace {

constexpr std::int64_t kShortest = 900;
constexpr std::int64_t kLongest = 43'200;
constexpr std::int64_t kDefault = 3'600;
constexpr std::int64_t kLongestChained = 3'600;
constexpr std::size_t kMostTags = 50;
constexpr std::size_t kMostPolicyArns = 10;
// AWS does not publish how it packs; these let 50 small tags or one full policy through, and refuse what is far too
// big.
constexpr std::size_t kPackedBytes = 4096;

struct Wanted {
  std::string role_arn, session_name, source_identity;
  std::optional<std::string> external_id, serial, code, policy;
  std::vector<std::string> policy_arns;
  std::int64_t seconds = kDefault;
  Pairs tags;
  std::vector<std::string> transitive;
};

Checked<Wanted> read_wanted(const Call& call) {
  Fields fields(call.parameters, call.world.checks);
  Wanted wanted;
  wanted.role_arn = fields.required("RoleArn", kRoleArnRule);
  wanted.session_name = fields.required("RoleSessionName", kSessionNameRule);
  wanted.source_identity = fields.optional("SourceIdentity", kSessionNameRule).value_or("");
  wanted.external_id = fields.optional("ExternalId", kExternalIdRule);
  wanted.serial = fields.optional("SerialNumber", kSerialRule);
  wanted.code = fields.optional("TokenCode", kTokenCodeRule);
  wanted.policy = fields.optional("Policy", kPolicyRule);
  wanted.seconds = fields.integer("DurationSeconds", kShortest, kLongest, kDefault);
  wanted.policy_arns = call.parameters.list("PolicyArns", "arn");
  wanted.transitive = call.parameters.list("TransitiveTagKeys");
  const std::vector<std::string> keys = call.parameters.list("Tags", "Key");
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string name = "Tags.member." + std::to_string(i + 1);
    const std::string value = call.parameters.get_or(name + ".Value", "");
    if (keys[i].empty() || keys[i].size() > 128)
      fields.fail("tags." + std::to_string(i + 1) + ".member.key", keys[i],
                  "Member must have length between 1 and 128");
    if (value.size() > 256)
      fields.fail("tags." + std::to_string(i + 1) + ".member.value", value,
                  "Member must have length less than or equal to 256");
    if (base::lower_ascii(keys[i]).starts_with("aws:"))
      fields.fail("tags." + std::to_string(i + 1) + ".member.key", keys[i], "Tag keys cannot start with aws:");
    wanted.tags.emplace_back(keys[i], value);
  }
  if (keys.size() > kMostTags)
    fields.fail("tags", "", "Member must have length less than or equal to " + std::to_string(kMostTags));
  if (wanted.policy_arns.size() > kMostPolicyArns)
    fields.fail("policyArns", "", "Member must have length less than or equal to " + std::to_string(kMostPolicyArns));
  if (base::lower_ascii(wanted.source_identity).starts_with("aws:"))
    fields.fail("SourceIdentity", wanted.source_identity, "Member must not start with aws:");
  if (auto good = fields.verdict(); !good) return std::unexpected(good.error());
  if (call.world.checks.on("fields") && !arn_like("arn:aws*:iam::*:role/*", wanted.role_arn))
    return refuse(400, "ValidationError", wanted.role_arn + " is invalid");
  return wanted;
}

Checked<void> check_tags(const Call& call, const Wanted& wanted) {
  if (!call.world.checks.on("tags")) return {};
  std::set<std::string> seen;
  for (const auto& [key, value] : wanted.tags)
    if (!seen.insert(base::lower_ascii(key)).second)
      return refuse(400, "InvalidParameterValue",
                    "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  for (const std::string& key : wanted.transitive)
    if (!seen.contains(base::lower_ascii(key)))
      return refuse(400, "InvalidParameterValue",
                    "The specified transitive tag key must be included in the requested tags.");
  if (call.caller.session != nullptr)
    for (const std::string& key : call.caller.session->transitive)
      if (seen.contains(base::lower_ascii(key)))
        return refuse(
            400, "InvalidParameterValue",
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag "
            "key from the calling session.");
  return {};
}

Context request_context(const Call& call, const Wanted& wanted, const std::string& source_identity) {
  const MfaCode code = wanted.code && wanted.serial ? MfaCode::given_now : MfaCode::none;
  Context context = caller_context(call.world, call.caller, code);
  context.set("sts:RoleSessionName", wanted.session_name);
  context.set("sts:DurationSeconds", std::to_string(wanted.seconds));
  if (wanted.external_id) context.set("sts:ExternalId", *wanted.external_id);
  if (!source_identity.empty()) context.set("sts:SourceIdentity", source_identity);
  std::vector<std::string> keys;
  for (const auto& [key, value] : wanted.tags) {
    context.set("aws:RequestTag/" + key, value);
    keys.push_back(key);
  }
  if (!keys.empty()) context.set("aws:TagKeys", keys);
  if (!wanted.transitive.empty()) context.set("sts:TransitiveTagKeys", wanted.transitive);
  return context;
}

Checked<void> check_duration(const Call& call, const Role& role, std::int64_t seconds) {
  const Checks& checks = call.world.checks;
  if (checks.on("chaining") && call.caller.is_role() && seconds > kLongestChained)
    return refuse(400, "ValidationError",
                  "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.");
  if (checks.on("duration") && seconds > role.max_session_seconds)
    return refuse(400, "ValidationError",
                  "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  return {};
}

Checked<std::optional<std::vector<Policy>>> session_policies(const Call& call, const Wanted& wanted) {
  std::optional<std::vector<Policy>> policies;
  if (wanted.policy) {
    base::Result<Policy> policy = parse_policy_text(*wanted.policy);
    if (!policy) return refuse(400, "MalformedPolicyDocument", "Syntax errors in policy: " + policy.error().what);
    policies.emplace().push_back(std::move(*policy));
  }
  for (const std::string& arn : wanted.policy_arns) {
    const auto found = call.world.state.managed_policies.find(arn);
    if (found == call.world.state.managed_policies.end())
      return refuse(400, "MalformedPolicyDocument", "Policy " + arn + " does not exist or is not attachable.");
    if (!policies) policies.emplace();
    policies->insert(policies->end(), found->second.begin(), found->second.end());
  }
  return policies;
}

/// Percent of the allotted space; nullopt where nothing is packed.
Checked<std::optional<std::size_t>> packed_size(const Call& call, const Wanted& wanted, const Tags& tags) {
  std::size_t policy_bytes = wanted.policy.value_or("").size();
  for (const std::string& arn : wanted.policy_arns) policy_bytes += arn.size();
  std::size_t tag_bytes = 0;
  for (const auto& [key, value] : tags) tag_bytes += key.size() + value.size();
  if (policy_bytes + tag_bytes == 0) return std::nullopt;
  const std::size_t percent = std::max<std::size_t>(1, (policy_bytes + tag_bytes) * 100 / kPackedBytes);
  if (call.world.checks.on("packed") && percent > 100)
    return refuse(400, "PackedPolicyTooLarge",
                  "Packed size of session " + std::string(policy_bytes > tag_bytes ? "policy" : "tags") + " consumes " +
                      std::to_string(percent) + "% of allotted space.");
  return percent;
}

/// The tags asked for, and those that the calling session hands on; transitive keys are kept as the tags spell them.
void carry_tags(const Wanted& wanted, const Session* from, Session& session) {
  for (const auto& [key, value] : wanted.tags) {
    session.tags[key] = value;
    for (const std::string& transitive : wanted.transitive)
      if (base::equals_ignoring_case(transitive, key)) session.transitive.insert(key);
  }
  if (from == nullptr) return;
  for (const std::string& key : from->transitive) {
    session.tags[key] = from->tags.at(key);
    session.transitive.insert(key);
  }
}

}  // namespace

Checked<void> assume_role(Call& call) {
  World& world = call.world;
  const Checked<Wanted> read = read_wanted(call);
  if (!read) return std::unexpected(read.error());
  const Wanted& wanted = *read;
  call.notes.role = wanted.role_arn;
  if (auto good = check_tags(call, wanted); !good) return good;
  const Checked<const MfaDevice*> device = check_mfa(world, call.caller, wanted.serial, wanted.code);
  if (!device) return std::unexpected(device.error());
  if (*device != nullptr) call.notes.mfa = (*device)->arn;

  const Session* from = call.caller.session;
  const std::string inherited = from == nullptr ? "" : from->source_identity;
  if (world.checks.on("source-identity") && !inherited.empty() && !wanted.source_identity.empty() &&
      wanted.source_identity != inherited)
    return refuse(403, "AccessDenied",
                  "User: " + call.caller.arn() + " is not authorized to perform: sts:SetSourceIdentity on resource: " +
                      wanted.role_arn + ": the source identity of a session cannot be changed");
  const std::string source_identity = wanted.source_identity.empty() ? inherited : wanted.source_identity;
  const bool inherits_tags = from != nullptr && !from->transitive.empty();

  std::vector<std::string_view> actions{"sts:AssumeRole"};
  if (!wanted.tags.empty() || inherits_tags) actions.emplace_back("sts:TagSession");
  if (!source_identity.empty()) actions.emplace_back("sts:SetSourceIdentity");
  const Role* role = world.state.find_role(wanted.role_arn);
  if (auto good = check_assume(world, call.caller, role, wanted.role_arn, actions,
                               request_context(call, wanted, source_identity));
      !good)
    return good;
  if (auto good = check_duration(call, *role, wanted.seconds); !good) return good;

  Session session;
  session.role = world.state.find_role(wanted.role_arn);
  session.name = wanted.session_name;
  session.source_identity = source_identity;
  carry_tags(wanted, from, session);
  Checked<std::optional<std::vector<Policy>>> policies = session_policies(call, wanted);
  if (!policies) return std::unexpected(policies.error());
  session.session_policies = std::move(*policies);
  const Checked<std::optional<std::size_t>> packed = packed_size(call, wanted, session.tags);
  if (!packed) return std::unexpected(packed.error());

  call.notes.duration_seconds = wanted.seconds;
  const Session& opened = open_session(world, std::move(session), role->account, wanted.seconds);
  write_credentials(call.result, opened);
  const Caller assumed{.user = nullptr, .key = nullptr, .session = const_cast<Session*>(&opened)};
  call.result.open("AssumedRoleUser");
  call.result.element("AssumedRoleId", assumed.user_id());
  call.result.element("Arn", assumed.arn());
  call.result.close();
  if (*packed) call.result.element("PackedPolicySize", std::to_string(**packed));
  if (!source_identity.empty()) call.result.element("SourceIdentity", source_identity);
  return {};
}

}  // namespace sim
