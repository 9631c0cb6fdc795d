// Inside AWS Lambda each call carries the trace of the request that caused it, so that AWS can end a loop of functions
// that call each other.
#pragma once

#include "base/environment.h"
#include "http/message.h"

#include <vector>

namespace aws {

/// Adds X-Amzn-Trace-Id where AWS_LAMBDA_FUNCTION_NAME and _X_AMZN_TRACE_ID are set; one that is there stays.
void add_trace_header(std::vector<http::Header>& headers, const base::Environment& environment);

}  // namespace aws
