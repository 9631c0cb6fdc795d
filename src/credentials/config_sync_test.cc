#include "credentials/config_sync.h"

#include "credentials/made_profile.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace credentials {
namespace {

using base::ErrorKind;

SsoSession corp() {
  SsoSession session;
  session.name = "corp";
  session.start_url = "https://d-kabutosim.awsapps.com/start";
  session.region = "eu-central-1";
  return session;
}

Assignments two_accounts() {
  Assignments out;
  out.accounts = {{"111111111111", "People & Co", "people@example.com", {"Admin", "ReadOnly"}, true},
                  {"222222222222", "prod-web", "", {"Admin"}, true}};
  return out;
}

std::optional<std::string> nothing_taken(const std::string&) { return std::nullopt; }

std::vector<std::string> names(const Assignments& assignments, const SyncOptions& options) {
  const auto plan = plan_sync(assignments, corp(), options, nothing_taken);
  if (!plan) return {"error: " + plan.error().what};
  std::vector<std::string> out;
  for (const auto& profile : plan->profiles) out.push_back(profile.name);
  return out;
}

using Names = std::vector<std::string>;

TEST(ConfigSync, names_profiles_by_the_template) {
  EXPECT_EQ(names(two_accounts(), {}), (Names{"People-Co-Admin", "People-Co-ReadOnly", "prod-web-Admin"}));
  SyncOptions options;
  options.name_template = "{session}/{env}/{alias}.{account_id}:{role}";
  EXPECT_EQ(names(two_accounts(), options),
            (Names{"corp/other/people.111111111111:Admin", "corp/other/people.111111111111:ReadOnly",
                   "corp/prod/prod-web.222222222222:Admin"}));
  options.environments = {{"PEOPLE*", "hr"}, {"*", "rest"}};
  options.name_template = "{env}-{account_id}-{role}";
  EXPECT_EQ(names(two_accounts(), options).front(), "hr-111111111111-Admin");
}

TEST(ConfigSync, a_template_that_cannot_be_a_name_is_refused) {
  for (const std::string text : {"", "{accounts}", "{account", "account}", "{role} {account}", "-{role}", "[{role}]"}) {
    SyncOptions options;
    options.name_template = text;
    EXPECT_EQ(plan_sync(two_accounts(), corp(), options, nothing_taken).error().kind, ErrorKind::usage) << text;
  }
}

TEST(ConfigSync, those_that_share_a_name_get_the_accounts_id_each) {
  Assignments same = two_accounts();
  same.accounts[1].name = "People & Co";
  EXPECT_EQ(names(same, {}),
            (Names{"People-Co-Admin-111111111111", "People-Co-ReadOnly", "People-Co-Admin-222222222222"}));
  SyncOptions options;
  options.name_template = "{account}";
  const auto plan = plan_sync(two_accounts(), corp(), options, nothing_taken);
  ASSERT_FALSE(plan);
  EXPECT_NE(plan.error().what.find("People & Co/Admin and People & Co/ReadOnly"), std::string::npos)
      << plan.error().what;
  options.name_template = "default";
  options.include = {"prod*"};
  EXPECT_EQ(names(two_accounts(), options), Names{"default-222222222222"});
}

TEST(ConfigSync, patterns_choose_accounts_and_roles) {
  SyncOptions options;
  options.include = {"*/admin"};
  EXPECT_EQ(names(two_accounts(), options), (Names{"People-Co-Admin", "prod-web-Admin"}));
  options.exclude = {"1111*"};
  EXPECT_EQ(names(two_accounts(), options), Names{"prod-web-Admin"});
}

TEST(ConfigSync, a_name_that_stands_elsewhere_is_left_alone_and_named) {
  const auto plan = plan_sync(two_accounts(), corp(), {}, [](const std::string& name) -> std::optional<std::string> {
    if (name == "prod-web-Admin") return "config line 3";
    return std::nullopt;
  });
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->profiles.size(), 2U);
  ASSERT_EQ(plan->left_out.size(), 1U);
  EXPECT_EQ(plan->left_out[0].second, "config line 3");
}

TEST(ConfigSync, writes_both_forms) {
  SyncOptions options;
  options.include = {"prod*"};
  options.region = "eu-west-1";
  EXPECT_EQ(body_of(*plan_sync(two_accounts(), corp(), options, nothing_taken), corp()),
            "# Made by kabuto config sync corp: what is changed here is lost.\n"
            "[profile prod-web-Admin]\nsso_session = corp\nsso_account_id = 222222222222\nsso_role_name = Admin\n"
            "region = eu-west-1\n");
  options.form = ProfileForm::process;
  const auto plan = plan_sync(two_accounts(), corp(), options, nothing_taken);
  EXPECT_EQ(plan->profiles[0].keys[0].second, "kabuto process --account 222222222222 --role Admin --session corp");
  SsoSession odd = corp();
  odd.name = "two words";
  EXPECT_EQ(plan_sync(two_accounts(), odd, options, nothing_taken)->profiles[0].keys[0].second,
            "kabuto process --account 222222222222 --role Admin --session \"two words\"");
  odd.name = "x$(y)";
  EXPECT_EQ(plan_sync(two_accounts(), odd, options, nothing_taken).error().kind, ErrorKind::refused);
  EXPECT_EQ(body_of({}, corp()), "");
}

TEST(ConfigSync, a_portal_without_a_section_is_named_itself) {
  SsoSession legacy = corp();
  legacy.name.clear();
  const auto keys = sso_keys(legacy, "222222222222", "Admin");
  EXPECT_EQ(keys[0].first, "sso_start_url");
  EXPECT_EQ(keys[1].second, "eu-central-1");
  EXPECT_EQ(profile_of_role(corp(), "222222222222", "Prod Web", "Admin").name, "Prod-Web/Admin");
  EXPECT_EQ(profile_of_role(corp(), "222222222222", "", "Admin").name, "222222222222/Admin");
}

TEST(ConfigSync, says_what_changes) {
  const auto changes = changes_between("[profile a]\nx = 1\n\n[profile b]\n\n[profile c]\n",
                                       "[profile a]\nx = 2\n[profile b]\n[profile d]\n");
  ASSERT_EQ(changes.size(), 4U);
  EXPECT_EQ(changes[0].change, Change::changed);
  EXPECT_EQ(changes[0].before, "[profile a]\nx = 1\n");
  EXPECT_EQ(changes[1].change, Change::kept);
  EXPECT_EQ(changes[2].change, Change::removed);
  EXPECT_EQ(changes[3].change, Change::added);
}

TEST(ConfigSync, reads_a_rule_of_environments) {
  EXPECT_EQ(parse_environment_rule("prod*=p")->environment, "p");
  for (const auto* text : {"", "prod", "=p", "prod="}) EXPECT_FALSE(parse_environment_rule(text)) << text;
}

}  // namespace
}  // namespace credentials
