// credential_source: the credentials of the environment, the container or the instance that kabuto runs in.
#include "base/text.h"
#include "credentials/first_step.h"

namespace credentials {
namespace {

using base::ErrorKind;
using base::fail;

FoundStep by_environment(const Facts& facts, const Link& link) {
  auto step = TRY(environment_step(facts.environment));
  if (!step)
    return fail(ErrorKind::not_found,
                "credential_source of " + link.called() + " is Environment" + link.said_by("credential_source") +
                    ", and the environment holds no keys",
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  step->hop.why = "credential_source = Environment" + link.said_by("credential_source");
  return step;
}

}  // namespace

FoundStep credential_source_step(const Facts& facts, const Link& link) {
  if (!link.has("credential_source")) return std::nullopt;
  const std::string source = link.value("credential_source");
  if (base::equals_ignoring_case(source, "Environment")) return by_environment(facts, link);
  const bool known =
      base::equals_ignoring_case(source, "Ec2InstanceMetadata") || base::equals_ignoring_case(source, "EcsContainer");
  return fail(ErrorKind::failure, "the credential_source \"" + base::printable(source, 100) + "\" of " + link.called() +
                                      link.said_by("credential_source") +
                                      (known ? " is one that this version cannot do yet"
                                             : " is none of Environment, Ec2InstanceMetadata, EcsContainer"));
}

}  // namespace credentials
