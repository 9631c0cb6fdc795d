// The threads behind the listing, against a server in this process that answers at once.
#include "credentials/portal_calls.h"

#include "credentials/listing.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>

namespace credentials {
namespace {

struct Server {
  std::atomic<int> clients{0};
  std::atomic<int> calls{0};
};

/// 40 accounts, each with two roles; every tenth call is refused for its rate.
class FakeHttp final : public http::Client {
 public:
  explicit FakeHttp(Server& server) : server_(server) { ++server_.clients; }

  base::Result<http::Response> send(const http::Request& request, const http::Limits&) override {
    EXPECT_EQ(request.secret_headers.size(), 1U);
    EXPECT_EQ(in_use_.fetch_add(1), 0) << "one client, two threads";
    const int number = ++server_.calls;
    http::Response response;
    response.status = number % 10 == 0 ? 429 : 200;
    response.body = secret::Bytes::copy_of(body(request.url, response.status));
    in_use_.fetch_sub(1);
    return response;
  }

 private:
  static std::string body(const std::string& url, int status) {
    if (status == 429) return R"({"message":"slow down"})";
    if (url.find("/assignment/roles") != std::string::npos)
      return R"({"roleList":[{"roleName":"B"},{"roleName":"A"}]})";
    std::string rows;
    for (int i = 0; i < 40; ++i)
      rows += fmt::format(R"({}{{"accountId":"{:012}","accountName":"team {}"}})", i == 0 ? "" : ",", i + 1, i);
    return R"({"accountList":[)" + rows + "]}";
  }

  Server& server_;
  std::atomic<int> in_use_{0};
};

TEST(PortalCalls, a_listing_over_threads_is_whole_and_each_has_a_client_of_its_own) {
  Server server;
  base::SystemClock clock;
  Assignments listing;
  {
    const auto calls =
        threaded_portal_calls([&] { return std::make_unique<FakeHttp>(server); }, clock,
                              {"https://portal.sso.eu-central-1.amazonaws.com", "eu-central-1", "sso", "", false});
    const ListingTask task{*calls, clock, [](const secret::Bytes*) { return secret::Bytes::copy_of("token"); },
                           [](const Assignments&, const FetchProgress&) {}};
    const auto done = complete_listing(listing, task);
    ASSERT_TRUE(done) << done.error().what;
    EXPECT_GE(done->throttled, 1U);
  }
  ASSERT_EQ(listing.accounts.size(), 40U);
  for (const auto& account : listing.accounts) EXPECT_EQ(account.roles, (std::vector<std::string>{"A", "B"}));
  EXPECT_GE(server.clients, 1);
  EXPECT_LE(static_cast<std::size_t>(server.clients), 16U);
}

TEST(PortalCalls, nothing_under_way_is_nothing_ended) {
  Server server;
  base::SystemClock clock;
  const auto calls =
      threaded_portal_calls([&] { return std::make_unique<FakeHttp>(server); }, clock,
                            {"https://portal.sso.eu-central-1.amazonaws.com", "eu-central-1", "sso", "", false});
  EXPECT_FALSE(calls->next(base::Duration(1)));
  for (std::uint64_t number = 1; number <= 100; ++number) calls->start(number, {}, secret::Bytes::copy_of("t"));
  // Left with calls under way, it ends them and goes.
}

}  // namespace
}  // namespace credentials
