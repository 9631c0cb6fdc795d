// One call of a service that speaks REST, and the rows of the table of such calls: method and path choose the action.
// Nothing of the request is logged by itself: an action writes what may be seen into the record.
#pragma once

#include "authentication.h"
#include "call_log.h"
#include "error.h"
#include "message.h"
#include "world.h"

#include <string_view>

namespace sim {

struct RestCall {
  World& world;
  const Request& request;
  const Endpoint& endpoint;
  CallRecord& record;
};

using RestAction = Checked<Reply> (*)(RestCall& call);

/// How a service says no: its form, and what it says when it is throttled.
struct RestService {
  std::string_view name;  // as endpoint_of() has it
  Reply (*refuse)(const AwsError& error);
  int throttled_status;
  std::string_view throttled_code;
};

struct RestRoute {
  const RestService* service;
  std::string_view method, path, action;
  RestAction perform;
  std::string_view parameter = {};  // the value of the parameter Action, where it chooses too
};

}  // namespace sim
