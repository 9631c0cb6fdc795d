// The credentials endpoint of a container or pod: the token is read anew, as the platform renews it.
#include "aws/container.h"
#include "aws/settings.h"
#include "credentials/providers.h"

namespace credentials {

base::Result<Given> container_credentials(const Errand& errand, const Hop& hop) {
  const Surroundings& around = errand.around;
  const secret::Bytes token = TRY(aws::container_token(*hop.container, around.environment));
  const auto bundle = aws::ca_bundle({around.environment, &errand.profiles, nullptr, {}, {}});
  const auto http = around.make_http({bundle ? bundle->value : ""});
  return Given{TRY(aws::container_credentials(*http, around.clock, *hop.container, token))};
}

}  // namespace credentials
