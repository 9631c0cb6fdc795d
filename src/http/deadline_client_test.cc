// A client with one deadline for all: each request gets what is left, and none begins when nothing is.
#include "http/deadline_client.h"

#include "base/fake_clock_for_test.h"

#include <gtest/gtest.h>

#include <vector>

namespace http {
namespace {

class Recorder final : public Client {
 public:
  Recorder(std::vector<Limits>& seen, base::FakeClock& clock) : seen_(seen), clock_(clock) {}
  base::Result<Response> send(const Request&, const Limits& limits) override {
    seen_.push_back(limits);
    clock_.sleep(base::Duration{3'000});
    return Response{};
  }

 private:
  std::vector<Limits>& seen_;
  base::FakeClock& clock_;
};

TEST(DeadlineClient, gives_each_request_what_is_left_and_refuses_to_begin_late) {
  base::FakeClock clock;
  std::vector<Limits> seen;
  const auto client =
      make_deadline_client(std::make_unique<Recorder>(seen, clock), clock, clock.monotonic() + base::Duration{5'000});
  EXPECT_TRUE(client->send({}, {}).has_value());
  EXPECT_TRUE(client->send({}, {}).has_value());
  const auto late = client->send({}, {});
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().kind, base::ErrorKind::unreachable);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].total, base::Duration{5'000});
  EXPECT_EQ(seen[0].connect, base::Duration{4'000});
  EXPECT_EQ(seen[1].total, base::Duration{2'000});
  EXPECT_EQ(seen[1].connect, base::Duration{2'000});
}

TEST(DeadlineClient, never_gives_more_than_was_asked_for) {
  base::FakeClock clock;
  std::vector<Limits> seen;
  const auto client =
      make_deadline_client(std::make_unique<Recorder>(seen, clock), clock, clock.monotonic() + base::Duration{60'000});
  Limits limits;
  limits.total = base::Duration{700};
  limits.connect = base::Duration{300};
  EXPECT_TRUE(client->send({}, limits).has_value());
  EXPECT_EQ(seen[0].total, base::Duration{700});
  EXPECT_EQ(seen[0].connect, base::Duration{300});
}

}  // namespace
}  // namespace http
