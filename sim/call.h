// One call of the query protocol: what the actions of STS and IAM are given.
#pragma once

#include "error.h"
#include "message.h"
#include "world.h"
#include "xml.h"

namespace sim {

struct Call {
  World& world;
  const Parameters& parameters;
  Caller caller;  // nobody, where the action's door is open
  Notes& notes;
  Xml& result;  // open at <ActionResult>
};

using Action = Checked<void> (*)(Call& call);

struct ActionEntry {
  std::string_view service;
  std::string_view name;
  Action action;
  enum class Door { signed_only, open } door = Door::signed_only;  // open: the call itself proves who calls
};

}  // namespace sim
