// EcsCredentials and PodIdentity.
#include "container_endpoint.h"

#include "crypto.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sim {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kEcsPrefix = "/v2/credentials/";

Reply json_reply(int status, const ordered_json& said) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = said.dump()};
}

Reply refuse_as_agent(const AwsError& error) {
  return json_reply(error.status, {{"code", error.code}, {"message", error.message}});
}

Checked<ordered_json> credentials(RestCall& call, const std::string& service) {
  MachineRole& machine = call.world.state.container->role;
  call.record.notes.role = machine.role->arn;
  const auto& faults = call.record.faults;
  if (std::ranges::find(faults, "unauthorized") != faults.end())
    return refuse(400, "AccessDenied", "Unable to assume the role " + machine.role->arn);
  const Checked<Session*> session = machine_session(call.world, machine, service);
  if (!session) return refuse(400, "AccessDenied", "Unable to assume the role " + machine.role->arn);
  return ordered_json{{"AccessKeyId", (*session)->key_id},
                      {"SecretAccessKey", (*session)->secret},
                      {"Token", (*session)->token},
                      {"Expiration", base::iso8601((*session)->expires)}};
}

Checked<Reply> ecs_credentials(RestCall& call) {
  const Container& container = *call.world.state.container;
  if (call.world.checks.on("container-id") && call.request.path() != relative_uri(container))
    return refuse(400, "InvalidIdInRequest", "CredentialsV2Request: ID not found");
  Checked<ordered_json> said = credentials(call, "ecs-tasks.amazonaws.com");
  if (!said) return std::unexpected(said.error());
  (*said)["RoleArn"] = container.role.role->arn;
  return json_reply(200, *said);
}

Checked<Reply> pod_identity(RestCall& call) {
  const Container& container = *call.world.state.container;
  const std::string_view token = call.request.header("Authorization").value_or("");
  if (call.world.checks.on("container-token")) {
    if (token.empty()) return refuse(400, "InvalidTokenException", "Service account token cannot be empty");
    if (!equal_constant_time(token, container.token))
      return refuse(403, "AccessDeniedException", "Unauthorized: the service account token is not valid");
  }
  Checked<ordered_json> said = credentials(call, "pods.eks.amazonaws.com");
  if (!said) return std::unexpected(said.error());
  (*said)["AccountId"] = container.role.role->account;
  return json_reply(200, *said);
}

Checked<Reply> nothing(RestCall& call) {
  const bool get = call.request.method == "GET";
  return refuse(get ? 404 : 405, get ? "NotFound" : "MethodNotAllowed", get ? "not found" : "method not allowed");
}

constexpr RestService kService{.name = kContainerEndpoint,
                               .refuse = refuse_as_agent,
                               .throttled_status = 429,
                               .throttled_code = "ThrottlingException"};
constexpr RestRoute kEcs{&kService, "GET", kEcsPrefix, "EcsCredentials", ecs_credentials};
constexpr RestRoute kPod{&kService, "GET", kPodIdentityPath, "PodIdentity", pod_identity};
constexpr RestRoute kNothing{&kService, "", "", "ContainerNothing", nothing};

}  // namespace

std::string relative_uri(const Container& container) { return std::string(kEcsPrefix) + container.id; }

const RestRoute& container_route(const Request& request) {
  if (request.method == "GET" && request.path().starts_with(kEcsPrefix)) return kEcs;
  if (request.method == "GET" && request.path() == kPodIdentityPath) return kPod;
  return kNothing;
}

}  // namespace sim
