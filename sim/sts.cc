// GetCallerIdentity, GetSessionToken, GetAccessKeyInfo, and what they share with AssumeRole.
#include "sts.h"

#include "authorization.h"
#include "crypto.h"
#include "fields.h"
#include "mfa.h"

#include <array>

namespace sim {
namespace {

constexpr std::int64_t kShortest = 900;
constexpr std::int64_t kLongestSessionToken = 129'600;
constexpr std::int64_t kDefaultSessionToken = 43'200;
constexpr std::size_t kTokenLength = 344;
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

Checked<void> get_caller_identity(Call& call) {
  call.result.element("Arn", call.caller.arn());
  call.result.element("UserId", call.caller.user_id());
  call.result.element("Account", call.caller.account());
  return {};
}

Checked<void> get_session_token(Call& call) {
  Fields fields(call.parameters, call.world.checks);
  const std::int64_t seconds = fields.integer("DurationSeconds", kShortest, kLongestSessionToken, kDefaultSessionToken);
  const std::optional<std::string> serial = fields.optional("SerialNumber", kSerialRule);
  const std::optional<std::string> code = fields.optional("TokenCode", kTokenCodeRule);
  if (auto good = fields.verdict(); !good) return good;
  if (call.caller.session != nullptr) {
    if (call.world.checks.on("session-calls") || call.caller.is_role())
      return refuse(403, "AccessDenied", "Cannot call GetSessionToken with session credentials");
  }
  const Checked<const MfaDevice*> device = check_mfa(call.world, call.caller, serial, code);
  if (!device) return std::unexpected(device.error());
  Session session;
  session.user = call.caller.user;
  if (*device != nullptr) {
    session.mfa_time = call.world.now();
    call.notes.mfa = (*device)->arn;
  }
  call.notes.duration_seconds = seconds;
  write_credentials(call.result, open_session(call.world, std::move(session), call.caller.account(), seconds));
  return {};
}

Checked<void> get_access_key_info(Call& call) {
  Fields fields(call.parameters, call.world.checks);
  const std::string id = fields.required("AccessKeyId", kAccessKeyIdRule);
  if (auto good = fields.verdict(); !good) return good;
  const std::optional<std::string> account = account_of_key_id(id);
  if (!account) return refuse(400, "ValidationError", "Invalid access key id");
  call.result.element("Account", *account);
  return {};
}

constexpr std::array kActions{
    ActionEntry{"sts", "AssumeRole", assume_role},
    ActionEntry{"sts", "AssumeRoleWithSAML", assume_role_with_saml, ActionEntry::Door::open},
    ActionEntry{"sts", "AssumeRoleWithWebIdentity", assume_role_with_web_identity, ActionEntry::Door::open},
    ActionEntry{"sts", "GetAccessKeyInfo", get_access_key_info},
    ActionEntry{"sts", "GetCallerIdentity", get_caller_identity},
    ActionEntry{"sts", "GetFederationToken", get_federation_token},
    ActionEntry{"sts", "GetSessionToken", get_session_token},
};

}  // namespace

std::span<const ActionEntry> sts_actions() { return kActions; }

Session& open_session(World& world, Session session, std::string_view account, std::int64_t seconds) {
  constexpr auto kept_after_expiry = std::chrono::hours(48);
  forget_sessions(world.state, world.now() - kept_after_expiry);
  session.key_id = make_access_key_id("ASIA", account);
  session.secret = random_text(40, kBase64);
  session.token = "IQoJb3JpZ2lu" + random_text(kTokenLength, kBase64) + "==";
  session.expires = std::chrono::floor<std::chrono::seconds>(world.now()) + std::chrono::seconds(seconds);
  auto& slot = world.state.sessions[session.key_id];
  slot = std::make_unique<Session>(std::move(session));
  return *slot;
}

void write_credentials(Xml& xml, const Session& session) {
  xml.open("Credentials");
  xml.element("AccessKeyId", session.key_id);
  xml.element("SecretAccessKey", session.secret);
  xml.element("SessionToken", session.token);
  xml.element("Expiration", base::iso8601(session.expires));
  xml.close();
}

void write_role_session(Xml& xml, Session& session, std::optional<std::size_t> packed) {
  write_credentials(xml, session);
  const Caller assumed{.user = nullptr, .key = nullptr, .session = &session};
  xml.open("AssumedRoleUser");
  xml.element("AssumedRoleId", assumed.user_id());
  xml.element("Arn", assumed.arn());
  xml.close();
  if (packed) xml.element("PackedPolicySize", std::to_string(*packed));
  if (!session.source_identity.empty()) xml.element("SourceIdentity", session.source_identity);
}

}  // namespace sim
