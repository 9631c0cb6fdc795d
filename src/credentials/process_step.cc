// credential_process as the first step.
#include "credentials/first_step.h"
#include "credentials/own_process.h"

namespace credentials {

FoundStep process_step(const Facts&, const Link& link) {
  if (!link.has("credential_process")) return std::nullopt;
  const aws::Setting setting = *link.profile->get("credential_process");
  if (is_own_process(setting.value, link.name))
    return base::fail(base::ErrorKind::not_found,
                      "no key of " + link.word() + " is in the store, and its credential_process" +
                          link.said_by("credential_process") + " is kabuto itself",
                      "run kabuto add " + link.word());
  FirstStep step;
  step.hop.kind = HopKind::process;
  step.hop.profile = link.name;
  step.hop.where = setting.where();
  step.hop.why = "credential_process gives this profile's credentials";
  step.hop.title = "the program that credential_process of " + link.name + " names";
  step.hop.gives = "the credentials of " + link.name + "'s credential_process";
  step.hop.cached_as = "credential_process";
  step.hop.cache_why = "sealed until it expires, where the program says when; else not at all";
  take_command(step.hop, setting);
  if (link.pair_in_files() == Pair::whole)
    step.warnings.push_back(link.called() + " has credential_process and keys in clear" +
                            link.said_by("aws_access_key_id") + ": the keys are not used");
  return step;
}

}  // namespace credentials
