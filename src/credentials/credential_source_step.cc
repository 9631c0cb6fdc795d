// credential_source: the credentials of the environment, the container or the instance that kabuto runs in.
#include "base/text.h"
#include "credentials/first_step.h"

namespace credentials {
namespace {

using base::ErrorKind;
using base::fail;

std::unexpected<base::Error> missing(const Link& link, const std::string& what, std::string hint) {
  return fail(ErrorKind::not_found,
              "credential_source of " + link.called() + " is " + link.value("credential_source") +
                  link.said_by("credential_source") + ", and " + what,
              std::move(hint));
}

}  // namespace

FoundStep credential_source_step(const Facts& facts, const Link& link) {
  if (!link.has("credential_source")) return std::nullopt;
  const std::string source = link.value("credential_source");
  std::optional<FirstStep> step;
  if (base::equals_ignoring_case(source, "Environment")) {
    step = TRY(environment_step(facts.environment));
    if (!step) return missing(link, "the environment holds no keys", "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  } else if (base::equals_ignoring_case(source, "EcsContainer")) {
    step = TRY(container_step(facts));
    if (!step)
      return missing(link, "the environment names no credentials endpoint",
                     "run it inside the container, where AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or "
                     "AWS_CONTAINER_CREDENTIALS_FULL_URI is set");
  } else if (base::equals_ignoring_case(source, "Ec2InstanceMetadata")) {
    step = TRY(instance_step(facts, link.profile ? &*link.profile : nullptr));
    if (!step) return missing(link, "AWS_EC2_METADATA_DISABLED is true", "unset AWS_EC2_METADATA_DISABLED");
  } else {
    return fail(ErrorKind::failure, "the credential_source \"" + base::printable(source, 100) + "\" of " +
                                        link.called() + link.said_by("credential_source") +
                                        " is none of Environment, Ec2InstanceMetadata, EcsContainer");
  }
  step->hop.why = "credential_source = " + source + link.said_by("credential_source");
  if (step->hop.kind != HopKind::environment) step->hop.profile = link.name;
  return step;
}

}  // namespace credentials
