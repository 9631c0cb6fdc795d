#include "credentials/profile_choice.h"

#include "aws/settings.h"

#include <utility>

namespace credentials {
namespace {

constexpr std::string_view kDefault = "default";

base::Result<ProfileChoice> named(const Facts& facts, const Request& request, std::string name, std::string origin) {
  ProfileChoice choice{name, {name, std::move(origin)}, {}};
  choice.found = TRY(request.session == SessionUse::own_user ? resolve_sealed_key(facts, name) : resolve(facts, name));
  return choice;
}

/// Whether [default] names credentials, be it in vain.
base::Result<bool> names_credentials(const Facts& facts, const Link& link) {
  if (link.sealed || link.has("role_arn") || link.has("sso_session") || link.has("sso_start_url")) return true;
  return TRY(first_step_of(facts, link)).has_value();
}

/// What the machine gives where [default] names no credentials.
base::Result<ProfileChoice> machine_or_default(const Facts& facts, const Request& request, std::string origin) {
  Link link;
  link.name = kDefault;
  link.profile = TRY(facts.profiles.find(kDefault));
  link.sealed = TRY(facts.sealed_key(kDefault));
  const bool is_enough = TRY(names_credentials(facts, link));
  std::optional<FirstStep> step;
  if (!is_enough) step = TRY(first_step_of_machine(facts, link.profile ? &*link.profile : nullptr));
  if (!step) return named(facts, request, std::string(kDefault), std::move(origin));
  ProfileChoice choice;
  choice.why.why = link.profile ? "[default] names no credentials" : "there is no [default]";
  // Its region and other settings count.
  if (link.profile) choice.found.links.push_back(std::move(link));
  choice.found.take(std::move(*step));
  return choice;
}

}  // namespace

base::Result<ProfileChoice> choose_profile(const Facts& facts, const Request& request) {
  if (!request.profile.empty()) return named(facts, request, request.profile, "the command line");
  if (auto keys = TRY(environment_step(facts.environment))) {
    ProfileChoice choice;
    choice.why.why = "keys in the environment come before every profile, as in AWS's SDKs";
    choice.found.take(std::move(*keys));
    return choice;
  }
  aws::Choice choice = aws::selected_profile(facts.environment, "");
  const bool by_variable =
      facts.environment.get_nonempty("AWS_PROFILE") || facts.environment.get_nonempty("AWS_DEFAULT_PROFILE");
  if (by_variable) return named(facts, request, std::move(choice.value), std::move(choice.origin));
  return machine_or_default(facts, request, std::move(choice.origin));
}

}  // namespace credentials
