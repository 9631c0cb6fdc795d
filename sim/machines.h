// What runs inside the simulated AWS and gets its role's credentials from there: an instance, a container. Plain data,
// and the one way in which such a machine comes to a session.
#pragma once

#include "base/clock.h"
#include "error.h"

#include <cstdint>
#include <map>
#include <string>

namespace sim {

struct Role;
struct Session;
struct World;

/// A role that an AWS service assumes for a machine, and the session that it hands out now.
struct MachineRole {
  Role* role = nullptr;
  std::string session_name;
  std::int64_t seconds = 21'600;
  std::string key_id;  // of the session; empty before the first
  base::Instant updated;
};

struct Instance {
  MachineRole role;
  std::string id;  // i-…
  std::string region;
  bool v1 = false;  // whether requests without a token are answered
  int hop_limit = 1;
  std::map<std::string, base::Instant> tokens;  // with their ends
  std::uint16_t port = 0;
};

struct Container {
  MachineRole role;
  std::string id;     // of the relative URI
  std::string token;  // of the full URI
  std::uint16_t port = 0;
};

std::string new_container_token();

/// The machine's session, a new one from 5 minutes before its end on, if the role's trust policy lets `service` in.
Checked<Session*> machine_session(World& world, MachineRole& machine, const std::string& service);

}  // namespace sim
