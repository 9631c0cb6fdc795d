#include "aws/trace_header.h"

#include "base/text.h"

#include <algorithm>

namespace aws {
namespace {

constexpr char kName[] = "X-Amzn-Trace-Id";
constexpr std::string_view kAsTheyAre = "=;:+&[]{}\"',";  // beside letters, digits and "-._~"

}  // namespace

void add_trace_header(std::vector<http::Header>& headers, const base::Environment& environment) {
  const auto trace = environment.get_nonempty("_X_AMZN_TRACE_ID");
  if (!trace || !environment.get_nonempty("AWS_LAMBDA_FUNCTION_NAME")) return;
  const auto is_trace = [](const http::Header& header) { return base::equals_ignoring_case(header.name, kName); };
  if (std::ranges::none_of(headers, is_trace)) headers.push_back({kName, base::percent_encode(*trace, kAsTheyAre)});
}

}  // namespace aws
