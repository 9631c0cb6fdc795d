// AssumeRole: fields, MFA, trust, length, tags, source identity; in that order.
#include "authorization.h"
#include "base/text.h"
#include "fields.h"
#include "mfa.h"
#include "session_limits.h"
#include "sts.h"

#include <algorithm>

namespace sim {
namespace {

constexpr std::int64_t kLongestChained = 3'600;

struct Wanted {
  std::string role_arn, session_name, source_identity;
  std::optional<std::string> external_id, serial, code;
  std::int64_t seconds = kUsualRoleSession;
  SessionLimits limits;
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
  wanted.seconds = fields.integer("DurationSeconds", kShortestRoleSession, kLongestRoleSession, kUsualRoleSession);
  wanted.limits = read_limits(call, fields);
  wanted.transitive = call.parameters.list("TransitiveTagKeys");
  if (base::lower_ascii(wanted.source_identity).starts_with("aws:"))
    fields.fail("SourceIdentity", wanted.source_identity, "Member must not start with aws:");
  if (auto good = fields.verdict(); !good) return std::unexpected(good.error());
  if (call.world.checks.on("fields") && !arn_like("arn:aws*:iam::*:role/*", wanted.role_arn))
    return refuse(400, "ValidationError", wanted.role_arn + " is invalid");
  return wanted;
}

Checked<void> check_tags(const Call& call, const Wanted& wanted) {
  if (!call.world.checks.on("tags")) return {};
  const Checked<TagKeys> seen = tag_keys(wanted.limits.tags);
  if (!seen) return std::unexpected(seen.error());
  for (const std::string& key : wanted.transitive)
    if (!seen->contains(base::lower_ascii(key)))
      return refuse(400, "InvalidParameterValue",
                    "The specified transitive tag key must be included in the requested tags.");
  if (call.caller.session != nullptr)
    for (const std::string& key : call.caller.session->transitive)
      if (seen->contains(base::lower_ascii(key)))
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
  set_tags_asked_for(context, wanted.limits.tags);
  if (!wanted.transitive.empty()) context.set("sts:TransitiveTagKeys", wanted.transitive);
  return context;
}

Checked<void> check_duration(const Call& call, const Role& role, std::int64_t seconds) {
  if (call.world.checks.on("chaining") && call.caller.is_role() && seconds > kLongestChained)
    return refuse(400, "ValidationError",
                  "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.");
  return check_longest_session(call.world, role, seconds);
}

/// The tags asked for, and those that the calling session hands on; transitive keys are kept as the tags spell them.
void carry_tags(const Wanted& wanted, const Session* from, Session& session) {
  for (const auto& [key, value] : wanted.limits.tags) {
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
  if (!wanted.limits.tags.empty() || inherits_tags) actions.emplace_back("sts:TagSession");
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
  session.chained = call.caller.is_role();
  session.source_identity = source_identity;
  carry_tags(wanted, from, session);
  Checked<std::optional<std::vector<Policy>>> policies = session_policies(call.world, wanted.limits);
  if (!policies) return std::unexpected(policies.error());
  session.session_policies = std::move(*policies);
  const Checked<std::optional<std::size_t>> packed = packed_size(call.world, wanted.limits, session.tags);
  if (!packed) return std::unexpected(packed.error());

  call.notes.duration_seconds = wanted.seconds;
  write_role_session(call.result, open_session(world, std::move(session), role->account, wanted.seconds), *packed);
  return {};
}

}  // namespace sim
