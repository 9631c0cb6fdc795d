// Which function performs a first step: one per kind, each in its own file.
#include "credentials/providers.h"

#include <cassert>

namespace credentials {

base::Result<Given> sealed_credentials(const Errand& errand, const Hop& hop) {
  auto& keys = errand.around.keys;
  return Given{TRY(errand.use == KeyUse::to_sign ? keys.open_to_sign(hop.profile) : keys.open(hop.profile))};
}

base::Result<Given> first_credentials(const Errand& errand, const Hop& hop) {
  switch (hop.kind) {
    case HopKind::environment:
      return environment_credentials(errand, hop);
    case HopKind::file_keys:
      return file_credentials(errand, hop);
    case HopKind::sealed_keys:
      return sealed_credentials(errand, hop);
    case HopKind::process:
      return process_credentials(errand, hop);
    case HopKind::web_identity:
      return web_identity_credentials(errand, hop);
    case HopKind::saml:
      return saml_credentials(errand, hop);
    case HopKind::container:
      return container_credentials(errand, hop);
    case HopKind::instance:
      return instance_credentials(errand, hop);
    case HopKind::roles_anywhere:
      return roles_anywhere_credentials(errand, hop);
    case HopKind::login_session:
      return login_session_credentials(errand, hop);
    case HopKind::identity_center:
      return identity_center_credentials(errand, hop);
    case HopKind::session_token:
    case HopKind::assume_role:
      break;
  }
  assert(false && "a call is no first step");
  return base::fail(base::ErrorKind::failure, "a call is no first step");
}

}  // namespace credentials
