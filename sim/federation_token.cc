// GetFederationToken: a user's session under another name, that may do what its policy and the user's own both allow.
#include "authorization.h"
#include "session_limits.h"
#include "sts.h"

namespace sim {
namespace {

constexpr std::int64_t kShortest = 900;
constexpr std::int64_t kLongest = 129'600;
constexpr std::int64_t kDefault = 43'200;

}  // namespace

Checked<void> get_federation_token(Call& call) {
  World& world = call.world;
  Fields fields(call.parameters, world.checks);
  Session session;
  session.name = fields.required("Name", kFederatedNameRule);
  const std::int64_t seconds = fields.integer("DurationSeconds", kShortest, kLongest, kDefault);
  const SessionLimits limits = read_limits(call, fields);
  if (auto good = fields.verdict(); !good) return good;
  const bool by_session = call.caller.session != nullptr && world.checks.on("session-calls");
  if (by_session || call.caller.is_role())
    return refuse(403, "AccessDenied", "Cannot call GetFederationToken with session credentials");
  if (world.checks.on("tags"))
    if (const Checked<TagKeys> keys = tag_keys(limits.tags); !keys) return std::unexpected(keys.error());

  session.user = call.caller.user;
  session.federated = true;
  for (const auto& [key, value] : limits.tags) session.tags[key] = value;
  const Caller federated{.user = session.user, .key = nullptr, .session = &session};
  const std::string arn = federated.arn();
  std::vector<std::string_view> actions{"sts:GetFederationToken"};
  if (!limits.tags.empty()) actions.emplace_back("sts:TagSession");
  for (const std::string_view action : actions)
    if (auto good = check_own_permission(world, call.caller, action, arn, arn); !good) return good;
  Checked<std::optional<std::vector<Policy>>> policies = session_policies(world, limits);
  if (!policies) return std::unexpected(policies.error());
  session.session_policies = std::move(*policies);
  const Checked<std::optional<std::size_t>> packed = packed_size(world, limits, session.tags);
  if (!packed) return std::unexpected(packed.error());

  call.notes.duration_seconds = seconds;
  const std::string id = federated.user_id();
  write_credentials(call.result, open_session(world, std::move(session), call.caller.account(), seconds));
  call.result.open("FederatedUser");
  call.result.element("FederatedUserId", id);
  call.result.element("Arn", arn);
  call.result.close();
  if (*packed) call.result.element("PackedPolicySize", std::to_string(**packed));
  return {};
}

}  // namespace sim
