#include "aws/trace_header.h"

#include "aws/service_for_test.h"
#include "aws/vectors_for_test.h"

namespace aws {
namespace {

std::vector<std::string> lines_of(const std::vector<http::Header>& headers) {
  std::vector<std::string> out;
  for (const auto& header : headers) out.push_back(header.name + ": " + header.value);
  return out;
}

TEST(TraceHeader, is_sent_as_the_recursion_vectors_say) {
  if (!vectors_present()) GTEST_SKIP();
  const std::string name = "smithy-rs-aws-runtime/recursion-detection.json";
  const auto vectors = vector_json(name);
  std::size_t ran = 0;
  for (const auto& test : vectors) {
    std::vector<std::string> entries;
    for (const auto& [key, value] : test["env"].items()) entries.push_back(key + "=" + value.get<std::string>());
    const auto environment = base::Environment::of_entries({entries.begin(), entries.end()});
    std::vector<http::Header> headers;
    for (const std::string line : test["requestHeadersBefore"]) {
      const auto colon = line.find(": ");
      headers.push_back({line.substr(0, colon), line.substr(colon + 2)});
    }
    add_trace_header(headers, environment);
    EXPECT_EQ(lines_of(headers), test["requestHeadersAfter"].get<std::vector<std::string>>()) << test.dump();
    ++ran;
  }
  vectors_ran(name, ran, 5);
}

TEST(TraceHeader, goes_out_with_calls_of_aws_and_outside_the_signature) {
  Bench bench;
  const base::Environment lambda{"AWS_LAMBDA_FUNCTION_NAME=f", "_X_AMZN_TRACE_ID=Root=1-5759e988"};
  Client client(bench.http, bench.clock, bench.jitter, lambda);
  bench.http.then(200, "<a/>");
  ASSERT_TRUE(
      client.call(bench.endpoint, bench.credentials, QueryForm("GetCallerIdentity", "2011-06-15"), Repeat::freely));
  EXPECT_EQ(bench.http.sent.at(0).trace, "Root=1-5759e988");
  EXPECT_EQ(bench.http.sent.at(0).authorization.find("trace"), std::string::npos);
}

}  // namespace
}  // namespace aws
