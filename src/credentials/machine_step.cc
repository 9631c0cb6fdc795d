// What the machine itself gives: the credentials endpoint of a container or pod, and the instance metadata service.
#include "base/text.h"
#include "credentials/first_step.h"
#include "secret/digest.h"

namespace credentials {

FoundStep container_step(const Facts& facts) {
  auto endpoint = TRY(aws::container_endpoint(facts.environment));
  if (!endpoint) return std::nullopt;
  FirstStep step;
  Hop& hop = step.hop;
  hop.kind = HopKind::container;
  hop.where = "the environment";
  hop.why = endpoint->variable + " is set, and nothing comes before it";
  hop.title = "the credentials endpoint of this container";
  hop.gives = "the credentials of this container";
  hop.cached_as = "container";
  hop.length_why = "the container's endpoint says how long its credentials last";
  hop.details.push_back({"from", endpoint->url, endpoint->variable});
  if (!endpoint->token_variable.empty())
    hop.details.push_back({"token from", endpoint->token_file.empty() ? "the environment" : endpoint->token_file,
                           endpoint->token_variable});
  hop.cache_fields = {endpoint->url,
                      endpoint->token_file.empty()
                          ? secret::Digest().add(facts.environment.get(endpoint->token_variable).value_or("")).hex()
                          : facts.token_digest(endpoint->token_file)};
  hop.container = std::move(endpoint);
  return step;
}

FoundStep instance_step(const Facts& facts, const aws::Profile* profile) {
  if (aws::imds_is_disabled(facts.environment)) return std::nullopt;
  FirstStep step;
  Hop& hop = step.hop;
  hop.kind = HopKind::instance;
  hop.where = "this machine";
  hop.why = "no profile, no key and no other source is configured";
  hop.title = "the role of this instance, of its metadata service";
  hop.gives = "the role of this instance";
  hop.cached_as = "instance";
  hop.length_why = "the instance metadata service says how long its credentials last";
  hop.imds = TRY(aws::imds_settings({facts.environment, &facts.profiles, profile, {}, {}}));
  hop.details.push_back({"from", hop.imds->endpoint.value, hop.imds->endpoint.origin});
  hop.details.push_back(hop.imds->v1
                            ? Detail{"version", "IMDSv2, or IMDSv1 where it gives no token", hop.imds->v1->origin}
                            : Detail{"version", "IMDSv2 only", ""});
  hop.cache_fields = {hop.imds->endpoint.value};
  return step;
}

FoundStep first_step_of_machine(const Facts& facts, const aws::Profile* profile) {
  if (auto step = TRY(web_identity_of_environment(facts))) return step;
  if (auto step = TRY(container_step(facts))) return step;
  return instance_step(facts, profile);
}

}  // namespace credentials
