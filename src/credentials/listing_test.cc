// The listing against a fake server with a token bucket, on a fake clock: no thread, no wait.
#include "credentials/listing.h"

#include "base/fake_clock_for_test.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>

namespace credentials {
namespace {

using base::Duration;
using base::ErrorKind;

struct Server {
  double rate = 20;   // tokens a second
  double burst = 20;  // of the bucket
  Duration latency{60};
  std::optional<Duration> wish;
  std::size_t accounts = 700;
  std::size_t page = 100;
  std::size_t most = 16;
  std::map<std::uint64_t, base::Error> failing;  // the call of that number fails, once
  std::string good_token = "one";
  bool dead = false;     // refuses everything for its rate
  bool endless = false;  // every page has a next one
  std::string odd_role;  // instead of the third role
};

std::string id_of(std::size_t index) { return fmt::format("{:012}", index + 1); }

class FakeCalls final : public PortalCalls {
 public:
  FakeCalls(base::FakeClock& clock, Server& server) : clock_(clock), server_(server), tokens_(server.burst) {}

  std::size_t most() const override { return server_.most; }

  void start(std::uint64_t number, const PortalCall& call, const secret::Bytes& token) override {
    ASSERT_LT(under_way_.size(), server_.most);
    under_way_.push_back({clock_.gone + server_.latency, {number, answer(number, call, token)}});
  }

  std::optional<PortalDone> next(Duration at_most) override {
    const auto first = std::ranges::min_element(under_way_, {}, &Event::when);
    const Duration until = clock_.gone + at_most;
    if (first == under_way_.end() || first->when > until) {
      clock_.gone = until;
      return std::nullopt;
    }
    clock_.gone = std::max(clock_.gone, first->when);
    PortalDone done = std::move(first->done);
    under_way_.erase(first);
    return done;
  }

  std::size_t calls = 0;
  std::size_t refused = 0;

 private:
  struct Event {
    Duration when;
    PortalDone done;
  };

  base::Result<PortalReply> answer(std::uint64_t number, const PortalCall& call, const secret::Bytes& token) {
    ++calls;
    if (const auto failing = server_.failing.find(number); failing != server_.failing.end())
      return std::unexpected(failing->second);
    const auto gone = static_cast<double>((clock_.gone - filled_).count());
    tokens_ = std::min(server_.burst, tokens_ + gone * server_.rate / 1000);
    filled_ = clock_.gone;
    if (tokens_ < 1 || server_.dead) {
      ++refused;
      return PortalReply(aws::Throttled{server_.wish});
    }
    tokens_ -= 1;
    if (token.reveal_text([&](std::string_view text) { return text != server_.good_token; }))
      return base::fail(ErrorKind::expired, "the token is no longer good");
    if (!call.account_id.empty()) return roles(call);
    const std::size_t from = call.next_token.empty() ? 0 : std::stoul(call.next_token);
    const std::size_t to = std::min(server_.accounts, from + server_.page);
    aws::SsoPage<aws::SsoAccount> page;
    for (std::size_t i = from; i < to; ++i)
      page.items.push_back({id_of(i), fmt::format("team {}", i), fmt::format("team{}@example.com", i)});
    if (to < server_.accounts) page.next_token = std::to_string(to);
    if (server_.endless) page.next_token = std::to_string(number);
    return PortalReply(std::move(page));
  }

  base::Result<PortalReply> roles(const PortalCall& call) {
    aws::SsoPage<std::string> page;
    // Two pages each for the first ten accounts.
    const bool paged = call.account_id <= id_of(9);
    if (!paged || call.next_token.empty()) page.items = {"ReadOnly", "Admin"};
    if (!paged || !call.next_token.empty())
      page.items.push_back(server_.odd_role.empty() ? "Billing" : server_.odd_role);
    if (paged && call.next_token.empty()) page.next_token = "more";
    return PortalReply(std::move(page));
  }

  base::FakeClock& clock_;
  Server& server_;
  double tokens_;
  Duration filled_{0};
  std::deque<Event> under_way_;
};

struct World {
  base::FakeClock clock;
  Server server;
  Assignments listing;
  std::string token = "one";
  std::size_t renewals = 0;
  std::vector<Assignments> kept;
  std::size_t calls = 0;
  std::size_t refused = 0;

  base::Result<FetchProgress> run() {
    FakeCalls fake(clock, server);
    const ListingTask task{fake, clock,
                           [&](const secret::Bytes* old) -> base::Result<secret::Bytes> {
                             if (old != nullptr) {
                               ++renewals;
                               token = server.good_token;
                             }
                             return secret::Bytes::copy_of(token);
                           },
                           [&](const Assignments& so_far, const FetchProgress&) { kept.push_back(so_far); }};
    auto done = complete_listing(listing, task);
    calls = fake.calls;
    refused = fake.refused;
    return done;
  }
};

void expect_whole(const Assignments& listing, std::size_t accounts) {
  EXPECT_TRUE(listing.complete);
  ASSERT_EQ(listing.accounts.size(), accounts);
  const std::vector<std::string> roles = {"Admin", "Billing", "ReadOnly"};
  for (const auto& account : listing.accounts) {
    EXPECT_TRUE(account.complete);
    EXPECT_EQ(account.roles, roles) << account.id;
  }
}

TEST(Listing, seven_hundred_accounts_complete_at_the_servers_rate_with_little_wasted) {
  for (const double rate : {5.0, 10.0, 20.0, 50.0}) {
    for (const double burst : {5.0, 20.0, 50.0}) {
      for (const int latency : {5, 100}) {
        World world;
        world.server.rate = rate;
        world.server.burst = burst;
        world.server.latency = Duration(latency);
        const auto done = world.run();
        ASSERT_TRUE(done) << done.error().what;
        expect_whole(world.listing, 700);
        const std::string where = fmt::format("rate {} burst {} latency {}", rate, burst, latency);
        const auto needed = static_cast<double>(world.calls - world.refused);
        EXPECT_EQ(needed, 717) << where;  // 7 pages of accounts, 710 of roles
        EXPECT_LE(static_cast<double>(world.refused), 0.05 * static_cast<double>(world.calls)) << where;
        EXPECT_LE(static_cast<double>(world.clock.gone.count()) / 1000, 1.05 * needed / rate) << where;
        EXPECT_EQ(done->throttled, world.refused);
      }
    }
  }
}

TEST(Listing, a_server_that_says_when_to_come_back_is_obeyed_and_still_complete) {
  World world;
  world.server.wish = Duration(1000);
  world.server.burst = 40;
  ASSERT_TRUE(world.run());
  expect_whole(world.listing, 700);
  EXPECT_LE(world.refused * 20, world.calls);
  EXPECT_LE(static_cast<double>(world.clock.gone.count()) / 1000, 1.05 * 717 / world.server.rate);
}

TEST(Listing, a_server_without_limits_is_asked_as_fast_as_it_answers) {
  World world;
  world.server.rate = 1e6;
  world.server.burst = 1e6;
  world.server.latency = Duration(100);
  ASSERT_TRUE(world.run());
  EXPECT_LT(world.clock.gone, Duration(10'000));
}

TEST(Listing, stops_after_a_minute_without_an_answer_and_keeps_what_it_has) {
  World world;
  world.server.dead = true;
  const auto done = world.run();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::unreachable);
  EXPECT_LT(world.clock.gone, Duration(130'000));
}

TEST(Listing, goes_on_where_an_interrupted_one_stopped) {
  World world;
  world.server.failing[400] = {ErrorKind::failure, "broken", ""};
  ASSERT_FALSE(world.run());
  ASSERT_FALSE(world.kept.empty());
  const Assignments left = world.kept.back();
  const auto known = std::ranges::count_if(left.accounts, &AssignedAccount::complete);
  EXPECT_GT(known, 300);
  World second;
  second.listing = left;
  ASSERT_TRUE(second.run());
  expect_whole(second.listing, 700);
  EXPECT_EQ(second.calls - second.refused, 717 - static_cast<std::size_t>(known) - 10);
}

TEST(Listing, keeps_what_it_has_every_second) {
  World world;
  ASSERT_TRUE(world.run());
  EXPECT_GE(world.kept.size(), static_cast<std::size_t>(world.clock.gone.count() / 1100));
  EXPECT_FALSE(world.kept.front().complete);
}

TEST(Listing, a_token_that_ends_on_the_way_is_renewed_once_for_all_calls) {
  World world;
  world.token = "old";
  ASSERT_TRUE(world.run());
  EXPECT_EQ(world.renewals, 1);
  expect_whole(world.listing, 700);
}

TEST(Listing, a_token_that_is_never_good_ends_the_fetch) {
  World world;
  for (std::uint64_t i = 1; i < 1000; ++i) world.server.failing[i] = {ErrorKind::expired, "no", ""};
  const auto done = world.run();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::expired);
  EXPECT_LE(world.renewals, 3);
}

TEST(Listing, a_call_that_finds_nobody_is_made_again_and_many_in_a_row_end_the_fetch) {
  World world;
  world.server.failing[5] = world.server.failing[9] = {ErrorKind::unreachable, "nobody", ""};
  ASSERT_TRUE(world.run());
  expect_whole(world.listing, 700);
  World dead;
  for (std::uint64_t i = 3; i < 1000; ++i) dead.server.failing[i] = {ErrorKind::unreachable, "nobody", ""};
  const auto done = dead.run();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what, "nobody");
}

TEST(Listing, an_account_that_is_taken_away_on_the_way_is_left_out) {
  World world;
  world.server.failing[300] = {ErrorKind::not_found, "gone", ""};
  ASSERT_TRUE(world.run());
  expect_whole(world.listing, 699);
}

TEST(Listing, a_server_that_means_harm_is_refused) {
  World endless;
  endless.server.endless = true;
  endless.server.accounts = 5;
  EXPECT_FALSE(endless.run());
  World odd;
  odd.server.odd_role = "x\n[profile evil]";
  const auto done = odd.run();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace credentials
