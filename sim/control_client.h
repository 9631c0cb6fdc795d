// The other end of /_sim/: one small HTTP request to a running simulator on loopback.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace sim {

struct ControlAnswer {
  int status = 0;
  std::string body;
};

/// `url` as KABUTO_SIM_URL has it, http://127.0.0.1:PORT. Errors: unreachable, usage.
base::Result<ControlAnswer> ask_simulator(std::string_view url, std::string_view method, std::string_view path,
                                          std::string_view body);

}  // namespace sim
