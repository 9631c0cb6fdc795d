#include "deliver/served_credentials.h"

#include "base/fake_clock_for_test.h"

#include <gtest/gtest.h>

namespace deliver {
namespace {

using base::Duration;
using std::chrono::minutes;
using std::chrono::seconds;

Lease lease_of(base::FakeClock& clock, std::optional<Duration> left) {
  Lease out;
  out.credentials.access_key_id = "ASIAEXAMPLE";
  out.left = left;
  if (left) out.credentials.expiration = clock.now() + *left;
  return out;
}

TEST(ServedCredentials, an_hour_is_renewed_below_sixteen_minutes) {
  base::FakeClock clock;
  const ServedCredentials served(lease_of(clock, minutes(60)), clock);
  EXPECT_EQ(served.until_renewal(), minutes(44) + seconds(1));
  clock.sleep(minutes(44) + seconds(1));
  EXPECT_EQ(served.until_renewal(), Duration::zero());
  clock.start += minutes(5);
  EXPECT_EQ(served.until_renewal(), Duration::zero());
}

TEST(ServedCredentials, a_quarter_of_an_hour_is_renewed_below_five_minutes) {
  base::FakeClock clock;
  const ServedCredentials served(lease_of(clock, minutes(15)), clock);
  EXPECT_EQ(served.until_renewal(), minutes(10) + seconds(1));
}

TEST(ServedCredentials, what_does_not_expire_is_never_renewed) {
  base::FakeClock clock;
  const ServedCredentials served(lease_of(clock, std::nullopt), clock);
  clock.sleep(std::chrono::hours(100));
  EXPECT_FALSE(served.until_renewal());
  EXPECT_TRUE(served.is_live());
}

TEST(ServedCredentials, nothing_is_served_after_its_end_by_either_clock) {
  base::FakeClock clock;
  const ServedCredentials served(lease_of(clock, minutes(60)), clock);
  clock.sleep(minutes(60) - Duration(1));
  EXPECT_TRUE(served.is_live());
  clock.sleep(Duration(1));
  EXPECT_FALSE(served.is_live());

  const ServedCredentials slept(lease_of(clock, minutes(60)), clock);
  clock.start += minutes(61);  // the monotonic clock stands still in a machine that sleeps
  EXPECT_FALSE(slept.is_live());
  EXPECT_EQ(slept.until_renewal(), Duration::zero());

  const ServedCredentials set_back(lease_of(clock, minutes(60)), clock);
  clock.sleep(minutes(61));
  clock.start -= minutes(120);
  EXPECT_FALSE(set_back.is_live());
}

TEST(ServedCredentials, failures_are_tried_again_in_growing_pauses_and_sooner_when_somebody_asks) {
  base::FakeClock clock;
  ServedCredentials served(lease_of(clock, minutes(60)), clock);
  clock.sleep(minutes(50));
  for (const auto pause : {5, 10, 20, 40, 60, 60}) {
    served.failed({base::ErrorKind::unreachable, "no way", ""});
    EXPECT_EQ(served.until_renewal(), seconds(pause));
    clock.sleep(seconds(pause));
    EXPECT_EQ(served.until_renewal(), Duration::zero());
  }
  served.failed({base::ErrorKind::unreachable, "no way", ""});
  served.want();
  EXPECT_EQ(served.until_renewal(), seconds(60)) << "there is still something to serve";
  clock.sleep(minutes(7));
  served.failed({base::ErrorKind::unreachable, "no way", ""});
  served.want();
  EXPECT_EQ(served.until_renewal(), seconds(2));
  served.renewed(lease_of(clock, minutes(60)));
  EXPECT_FALSE(served.failure());
  EXPECT_EQ(served.until_renewal(), minutes(44) + seconds(1));
}

TEST(ServedCredentials, a_renewal_that_brought_nothing_new_is_not_repeated_at_once) {
  base::FakeClock clock;
  Lease first = lease_of(clock, minutes(15));
  Lease same = lease_of(clock, minutes(15));
  ServedCredentials served(std::move(first), clock);
  clock.sleep(minutes(11));
  same.left = minutes(4);
  served.renewed(std::move(same));
  EXPECT_EQ(served.until_renewal(), seconds(30));
}

}  // namespace
}  // namespace deliver
