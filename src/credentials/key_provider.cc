// A key pair of the profile: the sealed one where the store has it, else the files' with a warning.
#include "credentials/providers.h"

namespace credentials {

base::Result<aws::Credentials> key_credentials(const Surroundings& around, const aws::Profiles& profiles,
                                               const Hop& hop) {
  switch (hop.kind) {
    case HopKind::environment:
      return environment_credentials(around.environment);
    case HopKind::file_keys:
      return file_credentials(profiles, hop);
    default:
      return around.keys.open(hop.profile);
  }
}

}  // namespace credentials
