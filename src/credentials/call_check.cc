#include "credentials/call_check.h"

#include "credentials/providers.h"

namespace credentials {

base::Result<void> check_call(const Hop& hop) {
  if (!is_call(hop.kind)) return {};
  if (!hop.mfa_serial.value.empty()) TRY(aws::check_mfa_serial(hop.mfa_serial.value));
  return hop.kind == HopKind::session_token ? aws::check(session_token_request(hop))
                                            : aws::check(assume_role_request(hop));
}

base::Result<void> check_calls(const Chain& chain) {
  for (const Hop& hop : chain.hops) TRY(check_call(hop));
  return {};
}

}  // namespace credentials
