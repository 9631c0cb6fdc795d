// The copies of a hop, written once for all who plan and perform chains.
#include "credentials/chain.h"

namespace credentials {

Hop::Hop() = default;
Hop::Hop(const Hop&) = default;
Hop::Hop(Hop&&) noexcept = default;
Hop& Hop::operator=(const Hop&) = default;
Hop& Hop::operator=(Hop&&) noexcept = default;
Hop::~Hop() = default;

}  // namespace credentials
