#include "base/clock.h"

#include <gtest/gtest.h>

using namespace std::chrono_literals;
using base::Instant;

namespace {

Instant at(std::int64_t seconds) { return Instant{std::chrono::seconds{seconds}}; }

}  // namespace

TEST(Clock, writes_whole_seconds_rounded_down) {
  EXPECT_EQ(base::iso8601(at(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(base::iso8601(at(1'893'553'445) + 999ms), "2030-01-02T03:04:05Z");
  EXPECT_EQ(base::iso8601(at(-1) + 1ms), "1969-12-31T23:59:59Z");
  EXPECT_EQ(base::basic_iso8601(at(1'893'553'445)), "20300102T030405Z");
}

TEST(Clock, reads_every_form_aws_sends) {
  for (const auto* text :
       {"2030-01-02T03:04:05Z", "2030-01-02T03:04:05UTC", "2030-01-02T03:04:05+00:00", "2030-01-02T03:04:05+0000",
        "2030-01-02T05:04:05+02:00", "2030-01-01T21:34:05-05:30", "2030-01-02 03:04:05Z", " 2030-01-02T03:04:05Z "})
    EXPECT_EQ(base::parse_iso8601(text), at(1'893'553'445)) << text;
  EXPECT_EQ(base::parse_iso8601("2030-01-02T03:04:05.25Z"), at(1'893'553'445) + 250ms);
  EXPECT_EQ(base::parse_iso8601("2030-01-02T03:04:05.123456789Z"), at(1'893'553'445) + 123ms);
  EXPECT_EQ(base::parse_iso8601("2028-02-29T00:00:00Z"), at(1'835'395'200));
  EXPECT_EQ(base::parse_iso8601("2016-12-31T23:59:60Z"), at(1'483'228'800));
}

TEST(Clock, refuses_every_other_date) {
  for (const auto* text : {"",
                           "2030-01-02",
                           "2030-01-02T03:04:05",
                           "2030-01-02T03:04Z",
                           "2030-13-02T03:04:05Z",
                           "2030-02-30T03:04:05Z",
                           "2029-02-29T00:00:00Z",
                           "2030-01-02T24:00:00Z",
                           "2030-01-02T03:60:05Z",
                           "2030-01-02T03:04:61Z",
                           "2030-01-02T03:04:05.Z",
                           "2030-01-02T03:04:05+2",
                           "2030-01-02T03:04:05+24:00",
                           "2030-01-02T03:04:05ZZ",
                           "2030-1-2T03:04:05Z",
                           "-030-01-02T03:04:05Z",
                           "+030-01-02T03:04:05Z",
                           "2030-01--2T03:04:05Z",
                           "1893553445",
                           "0000-01-01T00:00:00+23:59",
                           "9999-12-31T23:59:59-23:59",
                           "2030-01-02T03:04:05Z\n"})
    EXPECT_EQ(base::parse_iso8601(text), std::nullopt) << text;
}

TEST(Clock, reads_the_date_of_a_reply) {
  EXPECT_EQ(base::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), at(784'111'777));
  for (const auto* text :
       {"Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37", ""})
    EXPECT_EQ(base::parse_http_date(text), std::nullopt) << text;
}

TEST(Clock, reads_durations_as_people_write_them) {
  EXPECT_EQ(base::parse_duration("90m"), 90min);
  EXPECT_EQ(base::parse_duration("1h30m"), 90min);
  EXPECT_EQ(base::parse_duration("2h"), 2h);
  EXPECT_EQ(base::parse_duration("3600"), 1h);
  EXPECT_EQ(base::parse_duration("3600s"), 1h);
  for (const auto* text :
       {"", "0", "-5m", "5x", "h", "1h30", "1.5h", " 1h", "1h ", "99999999999999999999", "9000h", "٣m"})
    EXPECT_EQ(base::parse_duration(text), std::nullopt) << text;
}

TEST(Clock, names_durations_for_people) {
  EXPECT_EQ(base::human_duration(2h + 15min), "2h15m");
  EXPECT_EQ(base::human_duration(12h), "12h");
  EXPECT_EQ(base::human_duration(59min + 59s), "59m");
  EXPECT_EQ(base::human_duration(5min + 4s), "5m04s");
  EXPECT_EQ(base::human_duration(45s + 999ms), "45s");
  EXPECT_EQ(base::human_duration(0s), "0s");
  EXPECT_EQ(base::human_duration(-5min), "0s");
}

TEST(Clock, system_clock_runs_forward) {
  const base::SystemClock clock;
  const auto first = clock.monotonic();
  EXPECT_LE(first, clock.monotonic());
  EXPECT_GT(clock.now(), at(1'700'000'000));
}
