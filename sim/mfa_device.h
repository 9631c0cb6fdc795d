// A virtual MFA device, of an IAM user or of a user of Identity Center.
#pragma once

#include "base/clock.h"

#include <cstdint>
#include <set>
#include <string>

namespace sim {

struct MfaDevice {
  std::string arn;  // the serial number; empty in Identity Center
  std::string name;
  std::string secret;  // raw bytes
  base::Instant enabled;
  std::set<std::int64_t> used_steps;
};

}  // namespace sim
