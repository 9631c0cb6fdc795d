// Profiles, keys in clear, sign-ins, the store, the clock and PATH: what is wrong with each, and the command that mends
// it.
#include "doctor/keys.h"

#include <gtest/gtest.h>

#include <string>

namespace doctor {
namespace {

constexpr base::Instant kNow = std::chrono::sys_days{std::chrono::year{2030} / 1 / 1};

base::Error error(const std::string& hint = "run kabuto add dev") {
  return {base::ErrorKind::not_found, "no key", hint};
}

TEST(Profiles, that_lead_nowhere_are_named_with_their_line) {
  const auto found = check_profiles({{"dev", "/c line 3", error()}, {"prod", "/c line 9", {}}}, std::nullopt);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].severity, Severity::problem);
  EXPECT_EQ(found[0].what, "dev leads to no credentials: no key");
  EXPECT_EQ(found[0].where, "/c line 3");
  EXPECT_EQ(found[0].mend, "kabuto add dev");
}

TEST(Profiles, of_a_hint_the_command_is_told) {
  const auto found =
      check_profiles({{"a", "", error("change one of them: run kabuto profile set a k=v")}}, std::nullopt);
  EXPECT_EQ(found[0].mend, "kabuto profile set a k=v");
}

TEST(Profiles, the_mend_is_the_bare_command_whatever_program_it_runs) {
  const auto mend = [](const std::string& hint) {
    return check_profiles({{"a", "", error(hint)}}, std::nullopt)[0].mend;
  };
  EXPECT_EQ(mend("run ${EDITOR:-vi} +24 '/c'"), "${EDITOR:-vi} +24 '/c'");
  EXPECT_EQ(mend("set the clock: run sudo timedatectl set-ntp true"), "sudo timedatectl set-ntp true");
  EXPECT_EQ(mend("open it, or run kabuto store slots"), "kabuto store slots");
}

TEST(Profiles, all_sound_is_one_line) {
  const auto found = check_profiles({{"a", "", {}}, {"b", "", {}}}, std::nullopt);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].what, "2 profiles, each with a way to credentials");
}

TEST(Profiles, of_many_that_fail_the_first_ten_are_named) {
  std::vector<ProfileFact> many;
  for (int i = 0; i < 700; ++i) many.push_back({"p", "/c line 1", error("run kabuto add " + std::to_string(i))});
  const auto found = check_profiles(many, std::nullopt);
  EXPECT_EQ(found.size(), 11u);
  EXPECT_EQ(found.back().what, "and 690 more lead to none");
}

TEST(Profiles, that_fail_alike_are_one_problem) {
  const auto what = [](const std::vector<ProfileFact>& profiles) {
    const auto found = check_profiles(profiles, std::nullopt);
    return found.size() == 1 ? found[0].what : "not one";
  };
  EXPECT_EQ(what({{"a", "", error()}, {"b", "", error()}}), "a and b lead to no credentials: no key");
  EXPECT_EQ(what({{"a", "", error()}, {"b", "", error()}, {"c", "", error()}}),
            "a, b and c lead to no credentials: no key");
  EXPECT_EQ(what(std::vector<ProfileFact>(700, {"p", "/c line 1", error()})),
            "p, p, p and 697 more lead to no credentials: no key");
}

TEST(Profiles, files_that_cannot_be_read_are_one_problem) {
  const auto found = check_profiles({}, error("mend the file"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].severity, Severity::problem);
  EXPECT_EQ(found[0].mend, "mend the file");
}

TEST(Clear, a_key_is_a_problem_a_live_session_a_warning_an_ended_one_nothing) {
  const auto found = check_clear(
      {{ClearKind::long_term_key, "the key AKIA…1234 of profile dev", "/c line 2", "aws", {}, "", "dev", ""},
       {ClearKind::session, "a sign-in", "/s", "aws-cli", kNow + std::chrono::hours{1}, "", "", ""},
       {ClearKind::session, "an old one", "/o", "aws-cli", kNow, "", "", ""}},
      kNow);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].severity, Severity::problem);
  EXPECT_EQ(found[0].mend, "kabuto import --from aws");
  EXPECT_EQ(found[1].severity, Severity::warning);
  EXPECT_EQ(found[1].what, "a sign-in lies in clear, good until 2030-01-01T01:00:00Z");
}

TEST(Clear, the_mend_is_an_import_that_does_not_leave_it) {
  const auto mend = [](const ClearFact& fact) { return check_clear({fact}, kNow)[0].mend; };
  const auto later = kNow + std::chrono::hours{1};
  EXPECT_EQ(mend({ClearKind::session, "a session", "/s", "aws-cli", later, "", "", ""}),
            "kabuto import --from aws-cli --clean");
  EXPECT_EQ(mend({ClearKind::session, "a sign-in", "/s", "aws-cli", later, "", "", "corp"}),
            "kabuto login corp && kabuto import --from aws-cli --clean");
  EXPECT_EQ(mend({ClearKind::long_term_key, "a key", "/c", "aws-mfa", {}, "work-long-term", "work", ""}),
            "kabuto import --from aws-mfa --as work=work-long-term");
}

TEST(Clear, what_no_import_takes_out_says_why_and_what_does) {
  ClearFact fact{ClearKind::long_term_key, "a key", "/c line 2", "aws", {}, "", "work", ""};
  fact.other_mend = "${EDITOR:-vi} +2 '/c'";
  fact.why_other = "comes twice";
  const auto found = check_clear({fact}, kNow);
  EXPECT_EQ(found[0].what, "a key lies in clear; comes twice");
  EXPECT_EQ(found[0].mend, "${EDITOR:-vi} +2 '/c'");
  fact.kind = ClearKind::session;
  fact.why_other.clear();
  EXPECT_EQ(check_clear({fact}, kNow)[0].what, "a key lies in clear, and does not say until when it is good");
}

TEST(OtherStores, of_which_import_takes_nothing_are_no_warning) {
  const auto found = check_other_stores({{"granted", "/g", 0, false}});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].severity, Severity::good);
  EXPECT_EQ(found[0].what, "nothing is left to import from granted's files in /g");
  EXPECT_EQ(found[0].mend, "");
}

TEST(OtherStores, are_named_with_what_they_keep) {
  const auto found = check_other_stores({{"aws-vault", "/v", 2, true}, {"granted", "/g", 0, true}});
  EXPECT_EQ(found[0].what, "aws-vault still keeps 2 keys");
  EXPECT_EQ(found[1].what, "granted has left its files");
  EXPECT_EQ(found[1].mend, "kabuto import --from granted");
}

TEST(SignIns, that_have_ended_say_how_to_sign_in) {
  const auto found = check_sign_ins({{"corp", true}, {"other", false}});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].mend, "kabuto login corp");
  EXPECT_EQ(check_sign_ins({{"other", false}})[0].severity, Severity::good);
  EXPECT_TRUE(check_sign_ins({}).empty());
}

TEST(Store, that_is_missing_damaged_sound_or_without_its_slot) {
  StoreFact store;
  store.path = "/d/store.db";
  EXPECT_EQ(check_store(store)[0].severity, Severity::good);
  store.error = error("run kabuto store restore FILE");
  EXPECT_EQ(check_store(store)[0].mend, "kabuto store restore FILE");
  store.error.reset();
  store.exists = true;
  store.slot = "keyfile";
  store.keys = 1;
  EXPECT_EQ(check_store(store)[0].what, "1 sealed key, opened by keyfile");
  store.slot_error = error("");
  store.damaged_sessions = 2;
  const auto found = check_store(store);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].severity, Severity::problem);
  EXPECT_EQ(found[0].mend, "kabuto store slots");
  EXPECT_EQ(found[1].mend, "kabuto clear");
}

TEST(Clock, a_minute_is_noticed_and_five_are_refused) {
  const auto of = [](base::Duration ahead) { return check_clock({"https://sts", ahead, {}})[0]; };
  EXPECT_EQ(of(std::chrono::seconds{59}).severity, Severity::good);
  EXPECT_EQ(of(std::chrono::seconds{-61}).severity, Severity::warning);
  const auto far = of(std::chrono::minutes{7});
  EXPECT_EQ(far.severity, Severity::problem);
  EXPECT_EQ(far.what, "this machine's clock is 7m ahead of AWS's: it refuses such signatures");
  EXPECT_EQ(check_clock({"https://sts", base::Duration(0), error()})[0].severity, Severity::warning);
}

TEST(Names, one_that_leads_to_another_program_before_ours_is_shadowed) {
  const auto found = check_names({{"aws-vault", {"/usr/local/bin/aws-vault", "/usr/bin/aws-vault"}, {false, true}},
                                  {"assume-role", {"/usr/bin/assume-role", "/opt/assume-role"}, {true, false}},
                                  {"kabuto", {}, {}}});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].where, "/usr/local/bin/aws-vault");
  EXPECT_EQ(found[0].mend, "export PATH=/usr/bin:\"$PATH\"");
}

}  // namespace
}  // namespace doctor
