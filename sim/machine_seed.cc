// Roles and settings of machines; ids and the container's token are made here.
#include "machine_seed.h"

#include "crypto.h"
#include "seed_json.h"

#include <nlohmann/json.hpp>

namespace sim {
namespace {

using base::ErrorKind;
using base::Result;
using nlohmann::json;

constexpr std::int64_t kShortest = 900;
constexpr std::int64_t kLongest = 43'200;
constexpr int kMostHops = 64;

Result<MachineRole> role_of(const json& object, const std::string& where, const State& state) {
  const std::string arn = object.value("role", "");
  MachineRole machine;
  machine.role = state.find_role(arn);
  if (machine.role == nullptr) return base::fail(ErrorKind::usage, where + " needs the ARN of a role of the seed");
  machine.seconds = object.value("credential_seconds", machine.seconds);
  if (machine.seconds < kShortest || machine.seconds > kLongest)
    return base::fail(ErrorKind::usage, "credential_seconds of " + where + " must be 900 to 43200");
  return machine;
}

Result<Instance> instance_of(const json& object, const State& state) {
  TRY(only_keys(object, "instance", {"role", "credential_seconds", "v1", "hop_limit"}));
  Instance instance;
  instance.role = TRY(role_of(object, "instance", state));
  instance.id = "i-0" + hex_text(random_bytes(8));
  instance.role.session_name = instance.id;
  instance.region = state.region;
  instance.v1 = object.value("v1", false);
  instance.hop_limit = object.value("hop_limit", 1);
  if (instance.hop_limit < 1 || instance.hop_limit > kMostHops)
    return base::fail(ErrorKind::usage, "hop_limit of instance must be 1 to 64");
  return instance;
}

Result<Container> container_of(const json& object, const State& state) {
  TRY(only_keys(object, "container", {"role", "credential_seconds"}));
  Container container;
  container.role = TRY(role_of(object, "container", state));
  container.id = random_uuid();
  container.role.session_name = hex_text(random_bytes(16));
  container.token = new_container_token();
  return container;
}

}  // namespace

Result<void> read_machines(const json& seed, State& state) {
  if (seed.contains("instance")) state.instance = TRY(instance_of(seed.at("instance"), state));
  if (seed.contains("container")) state.container = TRY(container_of(seed.at("container"), state));
  return {};
}

}  // namespace sim
