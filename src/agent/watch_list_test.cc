#include "agent/watch_list.h"

#include <gtest/gtest.h>

namespace agent {
namespace {

using namespace std::chrono_literals;
using By = WatchList::By;

base::Instant at(base::Duration passed) { return *base::parse_iso8601("2030-01-01T00:00:00Z") + passed; }

Watch watch(std::string profile, base::Duration expires) {
  Watch out;
  out.profile = std::move(profile);
  out.expires = at(expires);
  return out;
}

TEST(WatchList, a_session_in_use_is_renewed_below_16_minutes_and_once) {
  WatchList list;
  list.add(watch("dev", 60min), By::person, at(40min));
  EXPECT_FALSE(list.take_due(at(43min)));
  EXPECT_EQ(list.next(at(43min)), 1min + 2s + 1ms);
  ASSERT_TRUE(list.take_due(at(44min + 3s)));
  EXPECT_FALSE(list.take_due(at(44min + 4s)));
  list.ended(watch("dev", 0min), 0);
  EXPECT_EQ(list.entries()[0].code, 0);
  list.add(watch("dev", 104min), By::renewal, at(44min + 5s));
  EXPECT_FALSE(list.take_due(at(50min)));
  EXPECT_EQ(list.entries()[0].used, at(40min));
}

TEST(WatchList, what_nobody_used_for_half_an_hour_is_let_go) {
  WatchList list;
  list.add(watch("dev", 60min), By::person, at(0min));
  EXPECT_FALSE(list.take_due(at(45min)));
  EXPECT_TRUE(list.entries().empty());
}

TEST(WatchList, a_renewal_that_failed_is_tried_again_after_five_minutes) {
  WatchList list;
  list.add(watch("dev", 60min), By::person, at(40min));
  ASSERT_TRUE(list.take_due(at(45min)));
  list.ended(watch("dev", 0min), 6);
  EXPECT_FALSE(list.take_due(at(49min)));
  EXPECT_TRUE(list.take_due(at(50min)));
}

TEST(WatchList, a_renewal_alone_is_nobodys_use) {
  WatchList list;
  list.add(watch("dev", 60min), By::renewal, at(0min));
  EXPECT_TRUE(list.entries().empty());
}

TEST(WatchList, one_from_the_cache_that_was_never_seen_fetched_is_not_taken_up) {
  WatchList list;
  Watch cached = watch("dev", 10min);
  cached.seen = Seen::used;
  list.add(cached, By::person, at(0min));
  EXPECT_TRUE(list.entries().empty());
}

TEST(WatchList, at_most_64_are_kept_and_the_one_used_longest_ago_goes) {
  WatchList list;
  for (int i = 0; i < 65; ++i) list.add(watch("p" + std::to_string(i), 600min), By::person, at(base::Duration{i}));
  EXPECT_EQ(list.entries().size(), 64u);
  EXPECT_EQ(list.entries()[0].watch.profile, "p1");
}

TEST(Watch, it_is_read_as_it_was_written_and_becomes_the_words_of_process) {
  Watch wanted = watch("-odd name", 5min);
  wanted.options = {{"region", "eu-west-1"}, {"role", "Admin"}};
  wanted.environment = {{"AWS_CONFIG_FILE", "/home/a/config"}};
  const auto read = decode_watch(encode_watch(wanted));
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->same_session(wanted));
  EXPECT_EQ(read->expires, wanted.expires);
  EXPECT_EQ(read->words(), (std::vector<std::string>{"process", "--min-ttl=16m", "--region=eu-west-1", "--role=Admin",
                                                     "--", "-odd name"}));
}

TEST(Watch, another_option_or_variable_than_the_known_ones_is_refused) {
  auto fields = encode_watch(watch("dev", 5min));
  for (const auto* key :
       {"option.mfa-token", "variable.LD_PRELOAD", "variable.PATH", "variable.AWS_SECRET_ACCESS_KEY", "x"}) {
    auto with = fields;
    with[key] = "x";
    EXPECT_FALSE(decode_watch(with)) << key;
  }
  auto broken = fields;
  broken["seen"] = "perhaps";
  EXPECT_FALSE(decode_watch(broken));
  broken = fields;
  broken["profile"] = "a\nb";
  EXPECT_FALSE(decode_watch(broken));
  broken = fields;
  broken["expires_ms"] = "0" + broken["expires_ms"];
  EXPECT_FALSE(decode_watch(broken));
  fields.erase("expires_ms");
  EXPECT_FALSE(decode_watch(fields));
}

TEST(Watch, of_an_environment_only_what_chooses_a_session_is_told) {
  const base::Environment environment{"AWS_PROFILE=dev", "AWS_SECRET_ACCESS_KEY=no", "PATH=/bin"};
  EXPECT_EQ(watched_variables(environment), (std::vector<std::pair<std::string, std::string>>{{"AWS_PROFILE", "dev"}}));
}

}  // namespace
}  // namespace agent
