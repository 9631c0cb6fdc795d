// Sessions of machines.
#include "machines.h"

#include "authorization.h"
#include "crypto.h"
#include "sts.h"

namespace sim {

std::string new_container_token() { return base64url_encode(random_bytes(48)); }

Checked<Session*> machine_session(World& world, MachineRole& machine, const std::string& service) {
  constexpr auto renewed_before_end = std::chrono::minutes(5);
  Context context;
  set_time(context, world.now());
  const PrincipalNames who{.account = {}, .arn = service, .session_arn = {}, .kind = "Service"};
  if (auto good = check_trust(world, machine.role, who, {"sts:AssumeRole"}, context); !good)
    return std::unexpected(good.error());
  const auto found = world.state.sessions.find(machine.key_id);
  const bool lives = found != world.state.sessions.end() && world.now() + renewed_before_end < found->second->expires;
  if (lives && !world.machine_credentials) return found->second.get();
  Session session;
  session.role = machine.role;
  session.name = machine.session_name;
  Session& opened = open_session(world, std::move(session), machine.role->account, machine.seconds);
  if (world.machine_credentials)
    opened.expires = std::chrono::floor<std::chrono::seconds>(world.now()) + *world.machine_credentials;
  machine.key_id = opened.key_id;
  machine.updated = world.now();
  return &opened;
}

}  // namespace sim
