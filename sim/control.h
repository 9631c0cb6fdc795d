// The control interface under /_sim/ on the simulator's port: the log, faults, checks, access keys and MFA codes. For
// tests and for kabuto-sim's own commands; loopback only, and never for a browser.
#pragma once

#include "message.h"

namespace sim {

class Service;

bool is_control(const Request& request);
Reply answer_control(Service& service, const Request& request);

}  // namespace sim
