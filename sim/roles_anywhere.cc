// CreateSession: signature, certificate, trust anchor, profile, role, trust policy, session; in that order.
#include "roles_anywhere.h"

#include "authorization.h"
#include "base/text.h"
#include "crypto.h"
#include "fields.h"
#include "oidc.h"
#include "session_limits.h"
#include "sts.h"
#include "x509_request.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace sim {
namespace {

using nlohmann::json;

constexpr std::int64_t kShortest = 900;
constexpr std::int64_t kLongest = 43'200;
constexpr std::int64_t kUsual = 3'600;
constexpr std::string_view kServicePrincipal = "rolesanywhere.amazonaws.com";

std::unexpected<AwsError> denied(std::string words) { return refuse(403, "AccessDeniedException", std::move(words)); }
std::unexpected<AwsError> invalid(std::string words) { return refuse(400, "ValidationException", std::move(words)); }

Reply refuse_as_roles_anywhere(const AwsError& error) {
  Reply reply = json_reply({{"message", error.message}});
  reply.status = error.status;
  reply.headers.emplace_back("x-amzn-errortype", error.code);
  return reply;
}

struct Wanted {
  std::string anchor_arn, profile_arn, role_arn;
  std::optional<std::string> session_name;
  std::optional<std::int64_t> seconds;
};

/// AWS takes the names in the query or in the body.
Checked<Wanted> read_wanted(const RestCall& call) {
  const Parameters query(parse_query(call.request.query(), PlusSign::is_itself));
  const json parsed = json::parse(call.request.body, nullptr, false);
  if (!call.request.body.empty() && !parsed.is_object()) return invalid("Could not parse request body into json");
  const json body = parsed.is_object() ? parsed : json::object();
  Pairs texts;
  for (const std::string name : {"trustAnchorArn", "profileArn", "roleArn", "roleSessionName"}) {
    if (const auto value = query.get(name)) texts.emplace_back(name, *value);
    if (!body.contains(name)) continue;
    if (!body.at(name).is_string()) return invalid(name + " must be text");
    texts.emplace_back(name, body.at(name).get<std::string>());
  }
  const json duration = body.value("durationSeconds", json());
  if (duration.is_number_integer()) texts.emplace_back("durationSeconds", duration.dump());
  if (!duration.is_null() && !duration.is_number_integer()) return invalid("durationSeconds must be a number");
  if (const auto value = query.get("durationSeconds")) texts.emplace_back("durationSeconds", *value);

  const Parameters given(std::move(texts));
  call.record.parameters = given;
  Fields fields(given, call.world.checks);
  Wanted wanted;
  wanted.anchor_arn = fields.required("trustAnchorArn", {1, 1011});
  wanted.profile_arn = fields.required("profileArn", {1, 1011});
  wanted.role_arn = fields.required("roleArn", {1, 1011});
  wanted.session_name = fields.optional("roleSessionName", kSessionNameRule);
  if (given.get("durationSeconds")) wanted.seconds = fields.integer("durationSeconds", kShortest, kLongest, kShortest);
  if (auto good = fields.verdict(); !good) return invalid(good.error().message);
  return wanted;
}

/// X.509v3, CA:FALSE, digitalSignature, SHA-256 and a path to the anchor, as the user guide lists them.
Checked<void> check_certificates(const World& world, const Presented& presented, const TrustAnchor& anchor) {
  const Checks& checks = world.checks;
  const PresentedCertificate& leaf = presented.leaf;
  const bool end_entity = leaf.is_version_3() && leaf.is_end_entity();
  const auto hashed_well = [](const PresentedCertificate& certificate) { return certificate.is_hashed_well(); };
  const bool well = leaf.is_hashed_well() && std::ranges::all_of(presented.chain, hashed_well);
  if ((checks.on("anywhere-end-entity") && !end_entity) || (checks.on("anywhere-key-usage") && !leaf.may_sign()) ||
      (checks.on("anywhere-hash") && !well))
    return denied("Untrusted certificate. Insufficient certificate");
  if (!checks.on("anywhere-chain")) return {};
  using TimeCheck = PresentedCertificate::TimeCheck;
  const TimeCheck time = checks.on("anywhere-validity") ? TimeCheck::on : TimeCheck::off;
  switch (leaf.path_to(anchor.authority->root(), presented.chain, world.now(), time)) {
    case PresentedCertificate::Path::good:
      return {};
    case PresentedCertificate::Path::out_of_time:
      return denied("Untrusted certificate. Certificate is expired or not yet valid");
    case PresentedCertificate::Path::broken:
      break;
  }
  return denied("Untrusted signing certificate");
}

/// The region of the endpoint; on loopback, which serves all, that of the trust anchor.
bool is_of_endpoint(const RestCall& call, const std::string& region) {
  return call.endpoint.service.empty() || call.endpoint.regions.front() == region ||
         !call.world.checks.on("anywhere-region");
}

Checked<const AnywhereProfile*> check_profile(const RestCall& call, const Wanted& wanted, const TrustAnchor& anchor) {
  const Checks& checks = call.world.checks;
  const AnywhereProfile* profile = call.world.state.roles_anywhere.find_profile(wanted.profile_arn);
  const bool usable = profile != nullptr && (profile->enabled || !checks.on("anywhere-enabled")) &&
                      (profile->region == anchor.region || !checks.on("anywhere-region")) &&
                      (profile->account == anchor.account || !checks.on("anywhere-account"));
  if (!usable) return denied("Invalid or empty profile provided.");
  if (checks.on("anywhere-role") && std::ranges::find(profile->roles, wanted.role_arn) == profile->roles.end())
    return denied("Requested Role isn't one of those listed in the Profile.");
  if (checks.on("anywhere-session-name") && wanted.session_name && !profile->accepts_session_name)
    return denied("The profile does not accept a custom role session name.");
  return profile;
}

Context context_of(const World& world, const TrustAnchor& anchor, const Session& session, std::int64_t seconds) {
  Context context;
  set_time(context, world.now());
  context.set("aws:SourceArn", anchor.arn);
  context.set("aws:SourceAccount", anchor.account);
  context.set("sts:RoleSessionName", session.name);
  context.set("sts:DurationSeconds", std::to_string(seconds));
  if (!session.source_identity.empty()) context.set("sts:SourceIdentity", session.source_identity);
  std::vector<std::string> keys;
  for (const auto& [key, value] : session.tags) {
    context.set("aws:PrincipalTag/" + key, value);
    context.set("aws:RequestTag/" + key, value);
    keys.push_back(key);
  }
  context.set("aws:TagKeys", keys);
  return context;
}

Checked<void> check_trust(const RestCall& call, const TrustAnchor& anchor, const Role* role,
                          const std::string& role_arn, const Session& session, std::int64_t seconds) {
  const Checks& checks = call.world.checks;
  const std::unexpected<AwsError> refused = denied("Unable to assume role for " + role_arn);
  if (role == nullptr || (checks.on("anywhere-account") && role->account != anchor.account)) return refused;
  const PrincipalNames service{
      .account = {}, .arn = std::string(kServicePrincipal), .session_arn = {}, .kind = "Service"};
  const Context context = context_of(call.world, anchor, session, seconds);
  for (const std::string_view action : {"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"}) {
    if (action == "sts:SetSourceIdentity" && session.source_identity.empty()) continue;
    const Verdict verdict = evaluate(role->trust, action, role->arn, &service, context);
    if (checks.on("trust") && verdict != Verdict::allow_principal) return refused;
  }
  if (checks.on("duration") && seconds > role->max_session_seconds)
    return denied("Unable to assume role for " + role_arn +
                  ". The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  return {};
}

/// One for each subject of an account, the same whenever it comes.
std::string subject_arn(const TrustAnchor& anchor, const PresentedCertificate& leaf) {
  std::string seed = anchor.account;
  for (const auto& [key, value] : leaf.attributes())
    if (key.starts_with("x509Subject/")) seed += "\n" + key + "=" + value;
  return "arn:aws:rolesanywhere:" + anchor.region + ":" + anchor.account + ":subject/" +
         with_uuid_dashes(sha256_hex(seed).substr(0, 32));
}

json entry_of(const Session& session, std::size_t packed) {
  const Caller assumed{.user = nullptr, .key = nullptr, .session = const_cast<Session*>(&session)};
  return {{"assumedRoleUser", {{"arn", assumed.arn()}, {"assumedRoleId", assumed.user_id()}}},
          {"credentials",
           {{"accessKeyId", session.key_id},
            {"expiration", base::iso8601(session.expires)},
            {"secretAccessKey", session.secret},
            {"sessionToken", session.token}}},
          {"packedPolicySize", packed},
          {"roleArn", session.role->arn},
          {"sourceIdentity", session.source_identity}};
}

Checked<Reply> create_session(RestCall& call) {
  World& world = call.world;
  const Checked<Wanted> wanted = read_wanted(call);
  if (!wanted) return std::unexpected(wanted.error());
  call.record.notes.role = wanted->role_arn;
  const Checked<Presented> presented = read_certificates(call.request);
  if (!presented) return std::unexpected(presented.error());
  const TrustAnchor* anchor = world.state.roles_anywhere.find_trust_anchor(wanted->anchor_arn);
  const bool usable = anchor != nullptr && is_of_endpoint(call, anchor->region) &&
                      (anchor->enabled || !world.checks.on("anywhere-enabled"));
  if (!usable) return refuse(404, "ResourceNotFoundException", "Specified Trust Anchor wasn't found.");
  const std::string& region = call.endpoint.service.empty() ? anchor->region : call.endpoint.regions.front();
  if (auto good = check_x509_signature(call, presented->leaf, region); !good) return std::unexpected(good.error());
  if (auto good = check_certificates(world, *presented, *anchor); !good) return std::unexpected(good.error());
  call.record.principal = "x509:" + presented->leaf.common_name();
  call.record.key_id = presented->leaf.serial_decimal();
  call.record.credentials = "certificate";
  const Checked<const AnywhereProfile*> profile = check_profile(call, *wanted, *anchor);
  if (!profile) return std::unexpected(profile.error());

  Session session;
  session.role = world.state.find_role(wanted->role_arn);
  session.name = wanted->session_name.value_or(presented->leaf.serial_hex());
  session.source_identity = presented->leaf.common_name();
  for (const auto& [key, value] : presented->leaf.attributes()) session.tags[key] = value;
  const std::int64_t seconds = std::min(wanted->seconds.value_or(kUsual), (*profile)->duration_seconds);
  if (auto good = check_trust(call, *anchor, session.role, wanted->role_arn, session, seconds); !good)
    return std::unexpected(good.error());
  const SessionLimits limits{
      .policy = (*profile)->session_policy, .policy_arns = (*profile)->managed_policies, .tags = {}};
  Checked<std::optional<std::vector<Policy>>> policies = session_policies(world, limits);
  if (!policies) return std::unexpected(policies.error());
  session.session_policies = std::move(*policies);
  const Checked<std::optional<std::size_t>> packed = packed_size(world, limits, session.tags);
  if (!packed) return std::unexpected(packed.error());

  call.record.notes.duration_seconds = seconds;
  const std::string account = session.role->account;
  const Session& opened = open_session(world, std::move(session), account, seconds);
  Reply reply = json_reply({{"credentialSet", json::array({entry_of(opened, packed->value_or(0))})},
                            {"subjectArn", subject_arn(*anchor, presented->leaf)}});
  reply.status = 201;
  return reply;
}

constexpr RestService kRolesAnywhere{.name = "rolesanywhere",
                                     .refuse = refuse_as_roles_anywhere,
                                     .throttled_status = 429,
                                     .throttled_code = "ThrottlingException"};

constexpr std::array kRoutes{
    RestRoute{&kRolesAnywhere, "POST", "/sessions", "CreateSession", create_session},
};

}  // namespace

std::span<const RestRoute> roles_anywhere_routes() { return kRoutes; }

}  // namespace sim
