#include "credentials/live_session.h"

#include "base/fake_clock_for_test.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace credentials {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

Answer answer_of(const std::string& key, base::Instant expires) {
  Answer answer;
  answer.credentials.access_key_id = key;
  answer.credentials.expiration = expires;
  return answer;
}

class ScriptedSource final : public Source {
 public:
  explicit ScriptedSource(base::Clock& clock) : clock_(clock) {}
  base::Result<Answer> get(Request request) override {
    asked.push_back(std::move(request));
    if (problem) return std::unexpected(*problem);
    return answer_of("KEY" + std::to_string(asked.size()), clock_.now() + length);
  }

  std::vector<Request> asked;
  std::optional<base::Error> problem;
  base::Duration length{minutes{60}};

 private:
  base::Clock& clock_;
};

class LiveSessionTest : public testing::Test {
 protected:
  void start(base::Duration length) {
    source.length = length;
    const auto request = [] {
      Request made;
      made.profile = "p";
      return made;
    };
    session.emplace(
        LiveSession::Parts{source, request, clock, [this](std::string_view line) { notes.emplace_back(line); }},
        answer_of("KEY0", clock.now() + length));
  }
  std::string key() {
    const auto now = session->current();
    return now ? (*now)->access_key_id : now.error().what;
  }
  /// As the thread would, at once.
  void look() { session->renew_where_due(); }

  base::FakeClock clock;
  ScriptedSource source{clock};
  std::vector<std::string> notes;
  std::optional<LiveSession> session;
};

TEST_F(LiveSessionTest, is_renewed_when_sixteen_minutes_are_left_and_not_before) {
  start(minutes{60});
  clock.sleep(minutes{43});
  look();
  EXPECT_TRUE(source.asked.empty());
  clock.sleep(minutes{2});
  look();
  ASSERT_EQ(source.asked.size(), 1U);
  EXPECT_EQ(source.asked[0].min_ttl, minutes{16});
  EXPECT_EQ(source.asked[0].sign_in, SignInUse::never);
  EXPECT_EQ(key(), "KEY1");
}

TEST_F(LiveSessionTest, that_is_short_is_renewed_at_its_half) {
  start(minutes{15});
  clock.sleep(minutes{7});
  look();
  EXPECT_TRUE(source.asked.empty());
  clock.sleep(minutes{1});
  look();
  EXPECT_EQ(key(), "KEY1");
}

TEST_F(LiveSessionTest, goes_on_with_what_it_has_where_a_renewal_fails_and_says_it_once) {
  start(minutes{60});
  source.problem = base::Error{base::ErrorKind::sign_in_needed, "the sign-in has ended", "run kabuto login"};
  clock.sleep(minutes{50});
  for (int i = 0; i < 20; ++i) {
    look();
    clock.sleep(seconds{5});
  }
  EXPECT_EQ(key(), "KEY0");
  EXPECT_EQ(notes,
            std::vector<std::string>{"the session could not be renewed: the sign-in has ended (run kabuto login)"});
  EXPECT_LT(source.asked.size(), 6U) << "it waits longer each time";
  source.problem.reset();
  clock.sleep(minutes{2});
  look();
  EXPECT_EQ(notes.back(), "the session is renewed again");
}

TEST_F(LiveSessionTest, that_has_ended_gives_the_reason) {
  start(minutes{60});
  source.problem = base::Error{base::ErrorKind::sign_in_needed, "the sign-in has ended", "run kabuto login"};
  clock.sleep(minutes{61});
  look();
  EXPECT_EQ(key(), "the sign-in has ended");
}

TEST_F(LiveSessionTest, that_has_ended_is_renewed_for_a_request_by_its_thread) {
  start(minutes{60});
  clock.sleep(minutes{61});
  session->start();
  EXPECT_EQ(key(), "KEY1");
}

TEST_F(LiveSessionTest, goes_by_the_clock_of_aws_where_it_is_known) {
  start(minutes{60});
  session->set_clock_offset(minutes{50});
  look();
  EXPECT_EQ(source.asked.size(), 1U);
}

TEST_F(LiveSessionTest, of_long_term_keys_is_never_renewed) {
  Answer keys;
  keys.credentials.access_key_id = "AKIA";
  session.emplace(LiveSession::Parts{source, [] { return Request{}; }, clock, [](std::string_view) {}},
                  std::move(keys));
  clock.sleep(std::chrono::hours{1000});
  look();
  EXPECT_TRUE(source.asked.empty());
  EXPECT_EQ(key(), "AKIA");
}

}  // namespace
}  // namespace credentials
