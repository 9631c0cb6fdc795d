#include "credentials/next_asking.h"

#include "base/text.h"

#include <algorithm>

namespace credentials {
namespace {

/// What a step asks a person for; empty: it asks nobody.
std::string asks_for(const Hop& hop, KeyOpening opening) {
  if (hop.kind == HopKind::sealed_keys && opening == KeyOpening::by_a_person) return "the store's passphrase";
  if (is_call(hop.kind) && !hop.mfa_serial.value.empty() && hop.mfa_process.value.empty())
    return "an MFA code of " + base::printable(hop.mfa_serial.value, 200);
  return {};
}

}  // namespace

std::optional<NextAsking> next_asking(const Chain& chain, KeyOpening opening, const TimeLeft& time_left) {
  // The step that asks is not performed again as long as its result, or that of a later step, is good.
  base::Duration spared{0};
  std::optional<NextAsking> found;
  for (std::size_t step = chain.hops.size(); step-- > 0;) {
    const Hop& hop = chain.hops[step];
    if (hop.cached) spared = std::max(spared, time_left(hop));
    if (auto what = asks_for(hop, opening); !what.empty() && (!found || spared < found->in))
      found = NextAsking{spared, std::move(what)};
  }
  return found;
}

std::optional<NextAsking> next_asking_when_new(const Chain& chain, KeyOpening opening) {
  return next_asking(chain, opening, [](const Hop& hop) { return base::Duration(hop.duration); });
}

}  // namespace credentials
