// Where the first credentials of a chain come from: one function per source, each in a file of its own, and the order
// in which they are looked for. A source here only plans; x_provider.cc performs what it planned.
#pragma once

#include "base/environment.h"
#include "base/result.h"
#include "credentials/chain.h"
#include "credentials/link.h"

#include <optional>
#include <string>
#include <vector>

namespace credentials {

/// How long the first credentials last, as far as the files tell.
enum class Lifetime { long_term, temporary };

struct FirstStep {
  Hop hop;  // an empty profile: the credentials are not the profile's own, but the environment's
  Lifetime lifetime = Lifetime::temporary;
  std::vector<std::string> warnings;
};

/// What one source finds; nullopt where the profile's settings do not name it. Errors: settings that contradict.
using FoundStep = base::Result<std::optional<FirstStep>>;

/// The first credentials of a profile, as the SDKs' base_provider, a sealed key before all; nullopt where it names
/// none.
FoundStep first_step_of(const Facts& facts, const Link& link);

/// Where no profile was asked for and [default] names nothing: what the environment, the container or the instance
/// gives, as the SDKs' default chain; nullopt where AWS_EC2_METADATA_DISABLED forbids the last. `profile`: [default].
FoundStep first_step_of_machine(const Facts& facts, const aws::Profile* profile);

FoundStep credential_source_step(const Facts& facts, const Link& link);
FoundStep web_identity_step(const Facts& facts, const Link& link);
FoundStep saml_step(const Facts& facts, const Link& link);
FoundStep roles_anywhere_step(const Facts& facts, const Link& link);
FoundStep login_session_step(const Facts& facts, const Link& link);
FoundStep identity_center_step(const Facts& facts, const Link& link);
/// The role that a credential_process of `kabuto config sync` names, without the detour over the program.
FoundStep own_process_step(const Facts& facts, const Link& link);
FoundStep process_step(const Facts& facts, const Link& link);
FoundStep file_keys_step(const Facts& facts, const Link& link);
/// The link must have a sealed key.
FirstStep sealed_key_step(const Link& link);
/// The environment's key pair; failure where there is half a pair.
FoundStep environment_step(const base::Environment& environment);
FoundStep web_identity_of_environment(const Facts& facts);
FoundStep container_step(const Facts& facts);
/// `profile` may say where and how the service is asked; null: none does.
FoundStep instance_step(const Facts& facts, const aws::Profile* profile);

}  // namespace credentials
