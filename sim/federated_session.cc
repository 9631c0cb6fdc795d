// The checks of a federated role session, and its reply.
#include "federated_session.h"

#include "authorization.h"
#include "base/text.h"
#include "sts.h"

#include <algorithm>

namespace sim {
namespace {

void set_request_context(const World& world, FederatedRequest& request) {
  Context& context = request.context;
  set_time(context, world.now());
  context.set("aws:FederatedProvider", request.provider);
  context.set("sts:RoleSessionName", request.session_name);
  context.set("sts:DurationSeconds", std::to_string(request.seconds));
  if (!request.source_identity.empty()) context.set("sts:SourceIdentity", request.source_identity);
  set_tags_asked_for(context, request.limits.tags);
  if (!request.transitive.empty())
    context.set("sts:TransitiveTagKeys",
                std::vector<std::string>(request.transitive.begin(), request.transitive.end()));
}

Checked<void> check_provided_tags(const World& world, const FederatedRequest& request) {
  if (!world.checks.on("tags")) return {};
  const Checked<TagKeys> keys = tag_keys(request.limits.tags);
  if (!keys) return std::unexpected(keys.error());
  const bool all_there =
      std::ranges::all_of(request.transitive, [&](const auto& key) { return keys->contains(base::lower_ascii(key)); });
  if (!all_there)
    return refuse(400, "InvalidParameterValue",
                  "The specified transitive tag key must be included in the requested tags.");
  return {};
}

}  // namespace

std::string account_of_arn(std::string_view arn) {
  constexpr std::size_t account_part = 4;
  const std::vector<std::string_view> parts = base::split(arn, ':');
  return parts.size() > account_part ? std::string(parts[account_part]) : std::string();
}

Checked<void> open_federated_session(Call& call, FederatedRequest request) {
  World& world = call.world;
  if (auto good = check_provided_tags(world, request); !good) return good;
  set_request_context(world, request);
  std::vector<std::string_view> actions{request.action};
  if (!request.limits.tags.empty()) actions.emplace_back("sts:TagSession");
  if (!request.source_identity.empty()) actions.emplace_back("sts:SetSourceIdentity");
  Role* role = world.state.find_role(request.role_arn);
  const PrincipalNames provider{.account = {}, .arn = request.provider, .session_arn = {}, .kind = "Federated"};
  if (auto good = check_trust(world, role, provider, actions, request.context); !good) return good;
  if (auto good = check_longest_session(world, *role, request.seconds); !good) return good;

  Session session;
  session.role = role;
  session.name = request.session_name;
  session.source_identity = request.source_identity;
  for (const auto& [key, value] : request.limits.tags) {
    session.tags[key] = value;
    if (request.transitive.contains(key)) session.transitive.insert(key);
  }
  Checked<std::optional<std::vector<Policy>>> policies = session_policies(world, request.limits);
  if (!policies) return std::unexpected(policies.error());
  session.session_policies = std::move(*policies);
  const Checked<std::optional<std::size_t>> packed = packed_size(world, request.limits, session.tags);
  if (!packed) return std::unexpected(packed.error());

  call.notes.duration_seconds = request.seconds;
  write_role_session(call.result, open_session(world, std::move(session), role->account, request.seconds), *packed);
  return {};
}

}  // namespace sim
