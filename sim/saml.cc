// AssumeRoleWithSAML: the response's form, its provider's issuer and signature, audience, recipient, times and role;
// then the role's trust.
#include "crypto.h"
#include "federated_session.h"
#include "saml_assertion.h"
#include "sts.h"

#include <algorithm>

namespace sim {
namespace {

constexpr TextRule kArnRule{20, 2048};
constexpr TextRule kAssertionRule{4, 100'000};
constexpr auto kRedeemedWithin = std::chrono::minutes(5);
constexpr std::string_view kNameIdFormat = "urn:oasis:names:tc:SAML:2.0:nameid-format:";
constexpr std::string_view kPrincipalTag = "PrincipalTag:";

std::unexpected<AwsError> invalid(std::string message) {
  return refuse(400, "InvalidIdentityToken", std::move(message));
}
std::unexpected<AwsError> too_late() {
  return refuse(400, "ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance");
}

std::vector<std::string> attribute_of(const SamlAssertion& assertion, std::string_view name) {
  const auto found = assertion.attributes.find(std::string(kAttributePrefix) + std::string(name));
  return found == assertion.attributes.end() ? std::vector<std::string>() : found->second;
}

Checked<void> check_times(const World& world, const SamlAssertion& assertion) {
  const base::Instant now = world.now();
  if (world.checks.on("saml-expiry") && (!assertion.not_on_or_after || *assertion.not_on_or_after <= now))
    return too_late();
  if (world.checks.on("saml-redeemed") && (!assertion.issued || *assertion.issued + kRedeemedWithin < now))
    return too_late();
  const bool early = (assertion.not_before && *assertion.not_before > now + kRedeemedWithin) ||
                     (assertion.issued && *assertion.issued > now + kRedeemedWithin);
  if (world.checks.on("saml-not-before") && early) return invalid("Response is not valid yet");
  return {};
}

/// Each value of the attribute Role is the role's ARN and the provider's, in either order.
bool names_role(const SamlAssertion& assertion, const std::string& role, const std::string& provider) {
  return std::ranges::any_of(attribute_of(assertion, "Role"), [&](const std::string& pair) {
    return pair == role + "," + provider || pair == provider + "," + role;
  });
}

Checked<void> check_assertion(const World& world, const ReadSaml& read, const SamlProvider& provider,
                              const std::string& role_arn) {
  const Checks& checks = world.checks;
  const SamlAssertion& assertion = read.assertion;
  if (checks.on("saml-issuer") && assertion.issuer != provider.issuer)
    return invalid("Issuer not present in specified provider");
  if (checks.on("saml-signature") && !read.is_signed) return invalid("Response signature invalid");
  if (checks.on("saml-audience") && std::ranges::find(assertion.audiences, kSamlAudience) == assertion.audiences.end())
    return invalid("Response does not contain the required audience.");
  if (checks.on("saml-recipient") && assertion.recipient != kSamlAudience)
    return invalid("Response is not for this recipient");
  if (auto good = check_times(world, assertion); !good) return good;
  if (checks.on("saml-role") && !names_role(assertion, role_arn, provider.arn))
    return refuse(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML");
  return {};
}

Checked<std::string> session_name(const World& world, const SamlAssertion& assertion) {
  const std::vector<std::string> names = attribute_of(assertion, "RoleSessionName");
  if (names.size() != 1) return invalid("RoleSessionName is required in AuthnResponse");
  if (world.checks.on("saml-session-name") && !fits(names.front(), kSessionNameRule))
    return invalid("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}");
  return names.front();
}

void read_tags(const SamlAssertion& assertion, FederatedRequest& request) {
  const std::string prefix = std::string(kAttributePrefix) + std::string(kPrincipalTag);
  for (const auto& [name, values] : assertion.attributes)
    if (name.starts_with(prefix) && values.size() == 1)
      request.limits.tags.emplace_back(name.substr(prefix.size()), values.front());
  for (const std::string& key : attribute_of(assertion, "TransitiveTagKeys")) request.transitive.insert(key);
  if (const auto identity = attribute_of(assertion, "SourceIdentity"); identity.size() == 1)
    request.source_identity = identity.front();
}

/// The session ends with the provider's, where that is sooner.
std::int64_t granted_seconds(const World& world, const SamlAssertion& assertion, std::int64_t asked) {
  if (!assertion.session_end) return asked;
  const auto left = std::chrono::floor<std::chrono::seconds>(*assertion.session_end - world.now()).count();
  return std::min<std::int64_t>(asked, left);
}

}  // namespace

Checked<void> assume_role_with_saml(Call& call) {
  World& world = call.world;
  Fields fields(call.parameters, world.checks);
  FederatedRequest request;
  request.action = "sts:AssumeRoleWithSAML";
  request.role_arn = fields.required("RoleArn", kRoleArnRule);
  request.provider = fields.required("PrincipalArn", kArnRule);
  const std::string text = fields.secret("SAMLAssertion", kAssertionRule);
  request.seconds = fields.integer("DurationSeconds", kShortestRoleSession, kLongestRoleSession, kUsualRoleSession);
  request.limits = read_limits(call, fields);
  request.limits.tags.clear();  // attributes set them, parameters cannot
  if (auto good = fields.verdict(); !good) return good;
  call.notes.role = request.role_arn;

  SamlProvider* provider = saml_provider_of(world.state, request.provider);
  if (provider == nullptr || provider->account != account_of_arn(request.role_arn))
    return invalid("Specified provider doesn't exist");
  const std::optional<std::string> xml = base64_decode(text);
  if (!xml) return invalid("Invalid base64 SAMLResponse");
  const std::optional<ReadSaml> read = read_saml_response(*xml, key_of(*provider));
  if (!read) return invalid("Invalid SAMLResponse");
  const SamlAssertion& assertion = read->assertion;
  if (auto good = check_assertion(world, *read, *provider, request.role_arn); !good) return good;
  Checked<std::string> name = session_name(world, assertion);
  if (!name) return std::unexpected(name.error());
  request.session_name = std::move(*name);
  request.seconds = granted_seconds(world, assertion, request.seconds);
  if (request.seconds <= 0) return too_late();
  read_tags(assertion, request);
  call.notes.principal = provider->arn + ":" + assertion.subject;

  const bool plain = !assertion.subject_type.starts_with(kNameIdFormat);
  const std::string type = plain ? assertion.subject_type : assertion.subject_type.substr(kNameIdFormat.size());
  const std::string qualifier = base64_encode(sha1(provider->issuer + provider->account + "/" + provider->name));
  request.context.set("SAML:aud", assertion.recipient);
  request.context.set("SAML:sub", assertion.subject);
  request.context.set("SAML:sub_type", type);
  request.context.set("SAML:iss", assertion.issuer);
  request.context.set("SAML:doc", provider->account + "/" + provider->name);
  request.context.set("SAML:namequalifier", qualifier);

  if (auto done = open_federated_session(call, std::move(request)); !done) return done;
  call.result.element("Subject", assertion.subject);
  call.result.element("SubjectType", type);
  call.result.element("Issuer", assertion.issuer);
  call.result.element("Audience", assertion.recipient);
  call.result.element("NameQualifier", qualifier);
  return {};
}

}  // namespace sim
