// ImdsToken, ImdsRoles, ImdsRole, ImdsData.
#include "instance_metadata.h"

#include "base/text.h"
#include "crypto.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace sim {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kTokenPath = "/latest/api/token";
constexpr std::string_view kRolesPath = "/latest/meta-data/iam/security-credentials";
constexpr std::string_view kExtendedPath = "/latest/meta-data/iam/security-credentials-extended";
constexpr std::string_view kTtlHeader = "X-Aws-Ec2-Metadata-Token-Ttl-Seconds";
constexpr std::string_view kTokenHeader = "X-Aws-Ec2-Metadata-Token";
constexpr std::int64_t kLongestToken = 21'600;
constexpr std::size_t kTokenBytes = 40;

Reply page(int status, const std::string& text) {
  return {.status = status,
          .headers = {{"Content-Type", "text/html"}, {"Server", "EC2ws"}},
          .body = fmt::format(
              "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n<html><head><title>{0} - {1}</title></head>\n"
              "<body><h1>{0} - {1}</h1></body></html>\n",
              status, text)};
}

Reply refuse_as_metadata(const AwsError& error) { return page(error.status, error.message); }

/// The instance's answer to a GET; `ttl`: the seconds that the request's token has left.
Reply text(std::string body, std::optional<std::int64_t> ttl, std::string_view type = "text/plain") {
  Reply reply{
      .status = 200, .headers = {{"Content-Type", std::string(type)}, {"Server", "EC2ws"}}, .body = std::move(body)};
  if (ttl) reply.headers.emplace_back(kTtlHeader, std::to_string(*ttl));
  return reply;
}

std::unexpected<AwsError> unauthorized() { return refuse(401, "Unauthorized", "Unauthorized"); }
std::unexpected<AwsError> not_found() { return refuse(404, "NotFound", "Not Found"); }

/// PUT /latest/api/token.
Checked<Reply> make_token(RestCall& call) {
  const Checks& checks = call.world.checks;
  if (call.request.method != "PUT") return refuse(405, "MethodNotAllowed", "Method Not Allowed");
  if (checks.on("imds-forwarded") && call.request.header("X-Forwarded-For"))
    return refuse(403, "Forbidden", "Forbidden");
  const std::optional<std::int64_t> asked = base::parse_integer(call.request.header(kTtlHeader).value_or(""));
  const bool good = asked && *asked >= 1 && *asked <= kLongestToken;
  if (checks.on("imds-ttl") && !good) return refuse(400, "BadRequest", "Bad Request");
  const std::int64_t seconds = good ? *asked : kLongestToken;
  auto& tokens = call.world.state.instance->tokens;
  const base::Instant now = call.world.now();
  std::erase_if(tokens, [&](const auto& token) { return token.second <= now; });
  std::string token = base64url_encode(random_bytes(kTokenBytes)) + "==";
  tokens[token] = now + std::chrono::seconds(seconds);
  return text(std::move(token), seconds);
}

/// The seconds that the request's token has left; nullopt where it has none and needs none.
Checked<std::optional<std::int64_t>> check_token(const RestCall& call) {
  const World& world = call.world;
  const Instance& instance = *world.state.instance;
  if (call.request.method != "GET") return refuse(405, "MethodNotAllowed", "Method Not Allowed");
  const std::optional<std::string_view> token = call.request.header(kTokenHeader);
  const auto found = instance.tokens.find(std::string(token.value_or("")));
  if (found == instance.tokens.end()) {
    const bool without = !token && instance.v1;
    if (world.checks.on("imds-token") && !without) return unauthorized();
    return std::nullopt;
  }
  const auto left = std::chrono::floor<std::chrono::seconds>(found->second - world.now()).count();
  if (world.checks.on("imds-token-expiry") && found->second <= world.now()) return unauthorized();
  return left;
}

Checked<Reply> list_roles(RestCall& call) {
  const auto ttl = check_token(call);
  if (!ttl) return std::unexpected(ttl.error());
  return text(call.world.state.instance->role.role->name, *ttl);
}

/// AWS says so with status 200.
Reply cannot_assume(RestCall& call, std::optional<std::int64_t> ttl) {
  const MachineRole& machine = call.world.state.instance->role;
  call.record.code = "AssumeRoleUnauthorizedAccess";
  const ordered_json said{
      {"Code", "AssumeRoleUnauthorizedAccess"},
      {"Message", "EC2 cannot assume the role " + machine.role->name +
                      ". Please see documentation at https://docs.aws.amazon.com/IAM/latest/UserGuide/"
                      "troubleshoot_iam-ec2.html#troubleshoot_iam-ec2_errors-info-doc."},
      {"LastUpdated", base::iso8601(call.world.now())}};
  return text(said.dump(2), ttl);
}

Checked<Reply> show_role(RestCall& call) {
  const auto ttl = check_token(call);
  if (!ttl) return std::unexpected(ttl.error());
  MachineRole& machine = call.world.state.instance->role;
  const std::string_view path = call.request.path();
  if (path.substr(path.rfind('/') + 1) != machine.role->name) return not_found();
  call.record.notes.role = machine.role->arn;
  const auto& faults = call.record.faults;
  if (std::ranges::find(faults, "unauthorized") != faults.end()) return cannot_assume(call, *ttl);
  const Checked<Session*> session = machine_session(call.world, machine, "ec2.amazonaws.com");
  if (!session) return cannot_assume(call, *ttl);
  ordered_json said{{"Code", "Success"},
                    {"LastUpdated", base::iso8601(machine.updated)},
                    {"Type", "AWS-HMAC"},
                    {"AccessKeyId", (*session)->key_id},
                    {"SecretAccessKey", (*session)->secret},
                    {"Token", (*session)->token},
                    {"Expiration", base::iso8601((*session)->expires)}};
  if (path.starts_with(kExtendedPath)) said["AccountId"] = machine.role->account;
  return text(said.dump(2), *ttl);
}

std::string identity_document(const Instance& instance) {
  const ordered_json said{{"accountId", instance.role.role->account},
                          {"architecture", "x86_64"},
                          {"availabilityZone", instance.region + "a"},
                          {"imageId", "ami-0123456789abcdef0"},
                          {"instanceId", instance.id},
                          {"instanceType", "t3.micro"},
                          {"privateIp", "10.0.0.10"},
                          {"region", instance.region},
                          {"version", "2017-09-30"}};
  return said.dump(2);
}

std::string profile_info(const World& world) {
  const Role& role = *world.state.instance->role.role;
  const ordered_json said{{"Code", "Success"},
                          {"LastUpdated", base::iso8601(world.now())},
                          {"InstanceProfileArn", "arn:aws:iam::" + role.account + ":instance-profile/" + role.name},
                          {"InstanceProfileId", "AIPA" + role.id.substr(4)}};
  return said.dump(2);
}

Checked<Reply> show_data(RestCall& call) {
  const auto ttl = check_token(call);
  if (!ttl) return std::unexpected(ttl.error());
  const Instance& instance = *call.world.state.instance;
  std::string_view path = call.request.path();
  if (path.ends_with('/')) path.remove_suffix(1);
  if (path == "/latest/dynamic/instance-identity/document") return text(identity_document(instance), *ttl);
  if (path == "/latest/meta-data/iam/info") return text(profile_info(call.world), *ttl);
  if (path == "/latest/meta-data/instance-id") return text(instance.id, *ttl);
  if (path == "/latest/meta-data/placement/region") return text(instance.region, *ttl);
  if (path == "/latest/meta-data/placement/availability-zone") return text(instance.region + "a", *ttl);
  if (path == "/latest/meta-data/services/domain") return text("amazonaws.com", *ttl);
  if (path == "/latest/meta-data/services/partition") return text("aws", *ttl);
  if (path == "/latest/meta-data/iam") return text("info\nsecurity-credentials/", *ttl);
  if (path == "/latest/meta-data") return text("iam/\ninstance-id\nplacement/\nservices/", *ttl);
  return not_found();
}

constexpr RestService kService{
    .name = kInstanceMetadata, .refuse = refuse_as_metadata, .throttled_status = 503, .throttled_code = "SlowDown"};
constexpr RestRoute kToken{&kService, "PUT", kTokenPath, kTokenAction, make_token};
constexpr RestRoute kRoles{&kService, "GET", kRolesPath, "ImdsRoles", list_roles};
constexpr RestRoute kRole{&kService, "GET", kRolesPath, "ImdsRole", show_role};
constexpr RestRoute kData{&kService, "GET", "", "ImdsData", show_data};

}  // namespace

const RestRoute& instance_metadata_route(const Request& request) {
  std::string_view path = request.path();
  if (path.ends_with('/')) path.remove_suffix(1);
  if (path == kTokenPath) return kToken;
  for (const std::string_view roles : {kRolesPath, kExtendedPath}) {
    if (path == roles) return kRoles;
    if (path.starts_with(roles) && path[roles.size()] == '/') return kRole;
  }
  return kData;
}

}  // namespace sim
