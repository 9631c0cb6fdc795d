// A role by the token of an identity provider, as the first step: the token lies in a file or comes from a program, and
// no key signs. AssumeRoleWithWebIdentity.
#include "credentials/assertion_step.h"
#include "credentials/first_step.h"

namespace credentials {
namespace {

constexpr AssertionKeys kKeys{.file = "web_identity_token_file",
                              .process = "web_identity_token_process",
                              .noun = "token",
                              .action = "AssumeRoleWithWebIdentity"};
constexpr std::string_view kFileVariable = "AWS_WEB_IDENTITY_TOKEN_FILE";
constexpr std::string_view kRoleVariable = "AWS_ROLE_ARN";
constexpr std::string_view kNameVariable = "AWS_ROLE_SESSION_NAME";

}  // namespace

FoundStep web_identity_step(const Facts& facts, const Link& link) {
  auto hop = TRY(assertion_hop(facts, link, kKeys));
  if (!hop) return std::nullopt;
  hop->kind = HopKind::web_identity;
  hop->session_name = link.reasoned("role_session_name");
  return FirstStep{std::move(*hop), Lifetime::temporary, unused_keys(link, kKeys)};
}

FoundStep web_identity_of_environment(const Facts& facts) {
  const auto file = facts.environment.get_nonempty(kFileVariable);
  if (!file) return std::nullopt;
  const auto role = facts.environment.get_nonempty(kRoleVariable);
  if (!role)
    return base::fail(base::ErrorKind::failure,
                      std::string(kFileVariable) + " is set, and " + std::string(kRoleVariable) + " is not",
                      "export " + std::string(kRoleVariable) + "=arn:aws:iam::ACCOUNT:role/NAME");
  Hop hop;
  hop.kind = HopKind::web_identity;
  hop.where = "the environment";
  hop.why =
      std::string(kFileVariable) + " and " + std::string(kRoleVariable) + " are set, and nothing comes before them";
  take_role(hop, std::string(*role), kKeys);
  take_file(hop, facts, std::string(*file), std::string(kFileVariable), kKeys);
  if (const auto name = facts.environment.get_nonempty(kNameVariable))
    hop.session_name = {std::string(*name), std::string(kNameVariable)};
  return FirstStep{std::move(hop), Lifetime::temporary, {}};
}

}  // namespace credentials
