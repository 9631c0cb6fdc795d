// A role by a SAML assertion, as the first step: AssumeRoleWithSAML. AWS's files have no keys for it; these are ours
// (doc/cmd/explain.md).
#include "credentials/assertion_step.h"
#include "credentials/first_step.h"

namespace credentials {
namespace {

constexpr AssertionKeys kKeys{.file = "saml_assertion_file",
                              .process = "saml_assertion_process",
                              .noun = "assertion",
                              .action = "AssumeRoleWithSAML"};
constexpr std::string_view kProvider = "saml_provider_arn";

}  // namespace

FoundStep saml_step(const Facts& facts, const Link& link) {
  auto hop = TRY(assertion_hop(facts, link, kKeys));
  if (!hop) return std::nullopt;
  hop->kind = HopKind::saml;
  hop->provider_arn = link.value(kProvider);
  if (hop->provider_arn.empty())
    return base::fail(
        base::ErrorKind::failure,
        link.called() + " takes a role by a SAML assertion" + link.said_by("role_arn") +
            ", but has no saml_provider_arn",
        "run kabuto profile set " + link.word() + " saml_provider_arn=arn:aws:iam::ACCOUNT:saml-provider/NAME");
  hop->details.push_back({"provider", hop->provider_arn, link.where(kProvider)});
  hop->cache_fields.push_back(hop->provider_arn);
  FirstStep step{std::move(*hop), Lifetime::temporary, unused_keys(link, kKeys)};
  if (link.has("role_session_name"))
    step.warnings.push_back(link.called() + ": role_session_name" + link.said_by("role_session_name") +
                            " is not used: the assertion says the session's name");
  return step;
}

}  // namespace credentials
