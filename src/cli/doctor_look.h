// What the doctor looks at, on this machine: files, variables, profiles, the store, sign-ins, the clock, PATH. It opens
// nothing that is sealed, asks nobody and changes nothing; what cannot be looked at is a finding, never an end.
#pragma once

#include "doctor/finding.h"

namespace cli {

class Context;

enum class Network { asked, left_out };

/// In the order of topics; the checks themselves are doctor/'s.
doctor::Findings look_at_everything(Context& context, Network network);

}  // namespace cli
