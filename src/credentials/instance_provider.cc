// The role of the instance that kabuto runs on, of its metadata service.
#include "aws/imds.h"
#include "credentials/providers.h"

#include <unistd.h>

namespace credentials {
namespace {

using base::ErrorKind;

aws::Reach reach_of(const base::Environment& environment) {
  const bool container = environment.get_nonempty("KUBERNETES_SERVICE_HOST") || environment.get_nonempty("container") ||
                         access("/.dockerenv", F_OK) == 0 || access("/run/.containerenv", F_OK) == 0;
  return container ? aws::Reach::through_a_container : aws::Reach::direct;
}

/// Nobody named the service: what is missing is a profile.
base::Error nothing_found(const Hop& hop, const base::Error& error) {
  return {ErrorKind::not_found, "no credentials were found: " + hop.why + ", and " + error.what,
          "run kabuto add default, or name a profile: kabuto list shows them"};
}

}  // namespace

base::Result<Given> instance_credentials(const Errand& errand, const Hop& hop) {
  const Surroundings& around = errand.around;
  const bool is_named = !hop.profile.empty();
  aws::ImdsSettings settings = *hop.imds;
  if (!is_named) settings.attempts = 1;  // a laptop has no such service, and a person waits
  const auto http = around.make_http({});
  auto got =
      aws::Imds(*http, around.clock, around.jitter, std::move(settings), reach_of(around.environment)).credentials();
  if (!got && got.error().kind == ErrorKind::unreachable && !is_named)
    return std::unexpected(nothing_found(hop, got.error()));
  if (!got) return std::unexpected(std::move(got).error());
  if (!got->notice.empty()) around.note(got->notice);
  return Given{std::move(got->credentials)};
}

}  // namespace credentials
