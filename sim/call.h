// One authenticated call of the query protocol: what the actions of STS and IAM are given.
#pragma once

#include "error.h"
#include "message.h"
#include "world.h"
#include "xml.h"

namespace sim {

struct Call {
  World& world;
  const Parameters& parameters;
  Caller caller;
  Notes& notes;
  Xml& result;  // open at <ActionResult>
};

using Action = Checked<void> (*)(Call& call);

struct ActionEntry {
  std::string_view service;
  std::string_view name;
  Action action;
};

}  // namespace sim
