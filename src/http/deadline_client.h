// A client none of whose requests goes on past one moment, whatever each of them may take: for a caller whom somebody
// waits for.
#pragma once

#include "base/clock.h"
#include "http/client.h"

#include <memory>

namespace http {

/// `deadline` in Clock::monotonic. A request that would begin later fails as unreachable, without one.
std::unique_ptr<Client> make_deadline_client(std::unique_ptr<Client> through, base::Clock& clock,
                                             base::Duration deadline);

}  // namespace http
