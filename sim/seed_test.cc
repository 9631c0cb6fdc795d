#include "seed.h"

#include "example_seed.h"
#include "faults.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

const base::Instant kNow{std::chrono::hours(24 * 365 * 55)};

TEST(Seed, of_the_example_has_the_accounts_users_and_roles_it_promises) {
  const base::Result<State> state = parse_seed(example_seed(), kNow);
  ASSERT_TRUE(state) << (state ? "" : state.error().what);
  const User* alice = state->find_user("alice");
  ASSERT_NE(alice, nullptr);
  EXPECT_EQ(alice->devices.size(), 2U);
  EXPECT_EQ(alice->keys.size(), 1U);
  EXPECT_EQ(alice, state->find_user("111111111111/alice"));
  EXPECT_NE(state->find_role("arn:aws:iam::222222222222:role/admin"), nullptr);
  EXPECT_EQ(state->find_role("arn:aws:iam::222222222222:role/admin")->max_session_seconds, 43200);
  ASSERT_EQ(state->roles_anywhere.trust_anchors.size(), 1U);
  const AnywhereProfile& profile = state->roles_anywhere.profiles.at("servers");
  EXPECT_EQ(state->roles_anywhere.find_profile(profile.arn), &profile);
  EXPECT_NE(state->find_role(profile.roles.at(0)), nullptr);
  ASSERT_EQ(state->files.size(), 1U);
  EXPECT_EQ(state->files[0].text.find("secret"), std::string::npos);
}

TEST(Seed, what_it_does_not_understand_is_an_error_that_names_the_place) {
  const auto error_of = [](const std::string& text) {
    const base::Result<State> state = parse_seed(text, kNow);
    EXPECT_FALSE(state) << text;
    return state ? "" : state.error().what;
  };
  const auto account = [](const std::string& inside) { return R"({"accounts":{"111111111111":)" + inside + "}}"; };
  error_of("");
  error_of("[]");
  EXPECT_EQ(error_of("{}"), "the seed has no accounts");
  EXPECT_EQ(error_of(R"({"accounts":{},"acounts":{}})"), "unknown key \"acounts\" in the seed");
  EXPECT_EQ(error_of(R"({"accounts":{"12":{}}})"), "account 12 must have 12 digits");
  const auto anywhere = [](const std::string& inside) {
    return R"({"accounts":{"111111111111":{}},"roles_anywhere":)" + inside + "}";
  };
  EXPECT_EQ(error_of(anywhere(R"({"trust_anchors":{"x":{"id":"y"}}})")), "trust anchor x needs an account of the seed");
  EXPECT_EQ(error_of(anywhere(R"({"trust_anchors":{"x":{"account":"111111111111","id":"y"}}})")),
            "trust anchor x needs a UUID as its id");
  EXPECT_EQ(error_of(anywhere(R"({"profiles":{"x":{"account":"111111111111","duration_seconds":60,
                                   "id":"66666666-7777-4888-9999-000000000000"}}})")),
            "duration_seconds of Roles Anywhere profile x must be 900 to 43200");
  EXPECT_EQ(error_of(account(R"({"users":{"eve":{"keys":3}}})")), "user eve may have 2 keys at most");
  EXPECT_EQ(error_of(account(R"({"users":{"eve":{"mfa":[{"name":"x","secret":"1"}]}}})")),
            "an MFA device of eve needs a name and a base32 secret");
  EXPECT_EQ(error_of(account(R"({"roles":{"r":{}}})")), "role r needs a trust policy");
  EXPECT_EQ(error_of(account(R"({"roles":{"r":{"trust":{"Statement":[{"Effect":"Alow"}]}}}})")),
            "trust of role r: Effect must be Allow or Deny");
  EXPECT_EQ(error_of(account(R"({"roles":{"r":{"trust":{"Statement":[]},"max_session_seconds":60}}})")),
            "max_session_seconds of role r must be 3600 to 43200");
  EXPECT_EQ(error_of(account(R"({"oidc_providers":{"p":{"url":"http://x","audiences":"a"}}})")),
            "OIDC provider p needs an https url");
  EXPECT_EQ(error_of(account(R"({"oidc_providers":{"p":{"url":"https://x"}}})")), "OIDC provider p needs audiences");
  EXPECT_EQ(error_of(account(R"({"oidc_providers":{"p":{"url":"https://x","audiences":"a"},
                                                   "q":{"url":"https://x","audiences":"a"}}})")),
            "two OIDC providers of account 111111111111 have the url https://x");
  EXPECT_EQ(error_of(account(R"({"saml_providers":{"p":{}}})")), "SAML provider p needs an issuer");
  EXPECT_EQ(error_of(R"({"accounts":{},"instance":{"role":"x"}})"), "instance needs the ARN of a role of the seed");
  EXPECT_EQ(error_of(R"({"accounts":{},"container":{"rolle":"x"}})"), "unknown key \"rolle\" in container");
  EXPECT_EQ(error_of(R"({"accounts":{},"files":{"../x":""}})"), "file ../x must lie under the home directory");
}

TEST(Seed, a_user_name_of_two_accounts_must_say_which) {
  const base::Result<State> state =
      parse_seed(R"({"accounts":{"111111111111":{"users":{"a":{}}},"222222222222":{"users":{"a":{}}}}})", kNow);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->find_user("a"), nullptr);
  ASSERT_NE(state->find_user("222222222222/a"), nullptr);
  EXPECT_EQ(state->find_user("222222222222/a")->account, "222222222222");
}

TEST(Faults, are_read_from_one_line) {
  const base::Result<Fault> fault = parse_fault("delay=200,action=AssumeRole,count=3,rate=0.5");
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->kind, FaultKind::delay);
  EXPECT_EQ(fault->value, 200);
  EXPECT_EQ(fault->action, "AssumeRole");
  EXPECT_EQ(fault->left, 3);
  EXPECT_DOUBLE_EQ(fault->rate, 0.5);
  EXPECT_EQ(parse_fault("clock=-30")->value, -30);
  EXPECT_EQ(parse_fault("throttle=4")->left, 4);
  for (const std::string_view line : {"", "what", "delay", "delay=soon", "hang,colour=red", "hang,count=few"})
    EXPECT_FALSE(parse_fault(line)) << line;
}

TEST(Faults, hit_their_action_as_often_as_told) {
  const base::SystemClock clock;
  World world{.state = {}, .checks = {}, .clock = clock};
  Faults faults;
  ASSERT_TRUE(faults.add("throttle=2,action=AssumeRole", world));
  ASSERT_TRUE(faults.add("delay=5", world));
  EXPECT_EQ(faults.take("GetCallerIdentity").size(), 1U);
  EXPECT_EQ(faults.take("AssumeRole").size(), 2U);
  EXPECT_EQ(faults.take("AssumeRole").size(), 2U);
  EXPECT_EQ(faults.take("AssumeRole").size(), 1U);
  ASSERT_TRUE(faults.add("clock=60", world));
  EXPECT_EQ(world.clock_offset, std::chrono::minutes(1));
  faults.clear(world);
  EXPECT_TRUE(faults.take("AssumeRole").empty());
  EXPECT_EQ(world.clock_offset, base::Duration(0));
}

}  // namespace
}  // namespace sim
