#include "credentials/console_way.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace credentials {
namespace {

ConsolePlan plan_of(const std::vector<std::pair<HopKind, std::string>>& hops) {
  Chain chain;
  for (const auto& [kind, id] : hops) {
    Hop hop;
    hop.kind = kind;
    hop.access_key_id = id;
    chain.hops.push_back(hop);
  }
  return console_plan(chain);
}

TEST(ConsoleWay, a_role_assumed_by_a_long_term_key_may_choose_its_length) {
  for (const auto kind : {HopKind::sealed_keys, HopKind::file_keys, HopKind::environment}) {
    const auto plan = plan_of({{kind, "AKIAEXAMPLE"}, {HopKind::assume_role, ""}});
    EXPECT_EQ(plan.way, ConsoleWay::role);
    EXPECT_EQ(plan.fixed_length, "");
  }
}

TEST(ConsoleWay, all_other_roles_may_not_and_say_why) {
  using Kinds = std::vector<std::pair<HopKind, std::string>>;
  for (const auto& hops :
       {Kinds{{HopKind::sealed_keys, "AKIA"}, {HopKind::session_token, ""}, {HopKind::assume_role, ""}},
        Kinds{{HopKind::sealed_keys, "AKIA"}, {HopKind::assume_role, ""}, {HopKind::assume_role, ""}},
        Kinds{{HopKind::environment, "ASIA"}, {HopKind::assume_role, ""}},
        Kinds{{HopKind::identity_center, ""}, {HopKind::assume_role, ""}},
        Kinds{{HopKind::process, ""}, {HopKind::assume_role, ""}}}) {
    const auto plan = plan_of(hops);
    EXPECT_EQ(plan.way, ConsoleWay::role);
    EXPECT_NE(plan.fixed_length, "");
    EXPECT_NE(plan.hint, "");
  }
}

TEST(ConsoleWay, users_portals_and_strangers) {
  EXPECT_EQ(plan_of({{HopKind::sealed_keys, "AKIA"}}).way, ConsoleWay::long_term_key);
  EXPECT_EQ(plan_of({{HopKind::environment, "AKIA"}}).way, ConsoleWay::long_term_key);
  EXPECT_EQ(plan_of({{HopKind::sealed_keys, "AKIA"}, {HopKind::session_token, ""}}).way, ConsoleWay::user_session);
  EXPECT_EQ(plan_of({{HopKind::identity_center, ""}}).way, ConsoleWay::portal);
  EXPECT_EQ(plan_of({{HopKind::environment, "ASIA"}}).way, ConsoleWay::unknown_session);
  EXPECT_EQ(plan_of({{HopKind::process, ""}}).way, ConsoleWay::unknown_session);
  EXPECT_EQ(plan_of({}).way, ConsoleWay::unknown_session);
}

}  // namespace
}  // namespace credentials
