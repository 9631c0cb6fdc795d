#include "credentials/sso_session.h"

#include "aws/vectors_for_test.h"

#include <gtest/gtest.h>

#include <string>

namespace credentials {
namespace {

constexpr std::string_view kCorp =
    "[sso-session corp]\nsso_start_url = https://d-corp.awsapps.com/start\nsso_region = eu-west-1\n"
    "sso_registration_scopes = sso:account:access, codecatalyst:read_write\n"
    "[profile dev]\nsso_session = corp\nsso_account_id = 111111111111\nsso_role_name = Admin\n"
    "[profile old]\nsso_start_url = https://d-old.awsapps.com/start\nsso_region = us-east-1\n"
    "sso_account_id = 222222222222\nsso_role_name = ReadOnly\n";

aws::Profiles profiles_of(std::string_view text) {
  auto profiles = aws::Profiles::of_texts(text, "");
  EXPECT_TRUE(profiles) << profiles.error().what;
  return std::move(*profiles);
}

base::Result<std::optional<SsoRole>> role_in(const aws::Profiles& profiles, std::string_view name) {
  return sso_role_of(profiles, **profiles.find(name));
}

std::string error_of(std::string_view text) {
  const auto profiles = profiles_of(text);
  const auto role = role_in(profiles, "p");
  EXPECT_FALSE(role);
  return role ? "" : role.error().what;
}

TEST(SsoSession, a_profile_names_a_role_through_its_section) {
  const auto profiles = profiles_of(kCorp);
  const auto role = role_in(profiles, "dev");
  ASSERT_TRUE(role && *role);
  EXPECT_EQ((*role)->account_id, "111111111111");
  EXPECT_EQ((*role)->role_name, "Admin");
  EXPECT_EQ((*role)->session.id(), "corp");
  EXPECT_EQ((*role)->session.region, "eu-west-1");
  EXPECT_EQ((*role)->session.scopes, (std::vector<std::string>{"sso:account:access", "codecatalyst:read_write"}));
  EXPECT_FALSE((*role)->session.auto_login);
}

TEST(SsoSession, a_legacy_profile_is_its_own_session_named_by_its_start_url) {
  const auto profiles = profiles_of(kCorp);
  const auto role = role_in(profiles, "old");
  ASSERT_TRUE(role && *role);
  EXPECT_EQ((*role)->session.name, "");
  EXPECT_EQ((*role)->session.id(), "https://d-old.awsapps.com/start");
}

TEST(SsoSession, every_section_comes_first_and_every_legacy_portal_once) {
  const auto profiles = profiles_of(std::string(kCorp) +
                                    "[profile older]\nsso_start_url = https://d-old.awsapps.com/start\n"
                                    "sso_region = us-east-1\nsso_account_id = 3\nsso_role_name = X\n"
                                    "[sso-session broken]\nsso_region = us-east-1\n");
  const auto all = all_sso_sessions(profiles);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].id(), "corp");
  EXPECT_EQ(all[1].id(), "https://d-old.awsapps.com/start");
}

TEST(SsoSession, a_legacy_portal_is_found_however_it_is_spelled_or_inherited) {
  const auto profiles = profiles_of(
      "# sso_start_url in a comment before all\n[profile a]\nSSO_Start_URL = https://d-a.awsapps.com/start\n"
      "sso_region = eu-west-1\n[profile b]\nregion = eu-west-1\n[profile c]\nINCLUDE_profile = d\n"
      "[profile d]\nsso_start_url = https://d-d.awsapps.com/start\nsso_region = eu-west-1\n"
      "[profile e]\nsso_account_id = 1\n# sso_start_url");
  const auto all = all_sso_sessions(profiles);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].id(), "https://d-a.awsapps.com/start");
  EXPECT_EQ(all[1].id(), "https://d-d.awsapps.com/start");
}

TEST(SsoSession, what_is_missing_is_named_with_the_line) {
  EXPECT_NE(error_of("[profile p]\nsso_account_id = 1\n").find("lacks sso_start_url, sso_region, sso_role_name"),
            std::string::npos);
  EXPECT_NE(error_of("[profile p]\nsso_role_name = X\nsso_session = none\n").find("does not exist (config line 3)"),
            std::string::npos);
}

TEST(SsoSession, a_key_that_says_two_things_is_an_error) {
  const std::string error = error_of(
      "[sso-session s]\nsso_start_url = https://d-a.awsapps.com/start\nsso_region = eu-west-1\n"
      "[profile p]\nsso_session = s\nsso_account_id = 1\nsso_role_name = X\nsso_region = us-east-1\n");
  EXPECT_NE(error.find("sso_region is inconsistent"), std::string::npos) << error;
}

TEST(SsoSession, a_company_name_may_leave_the_region_to_where_it_leads) {
  const auto profiles = profiles_of("[sso-session s]\nsso_start_url = https://sso.example.com/start\n");
  const auto session = sso_session_named(profiles, "s");
  ASSERT_TRUE(session) << session.error().what;
  EXPECT_EQ(session->region, "");
}

TEST(SsoSession, auto_login_is_true_only_where_it_says_so) {
  const std::string head = "[sso-session s]\nsso_start_url = https://d-a.awsapps.com/start\nsso_region = eu-west-1\n";
  const auto told = [&](const std::string& line) { return sso_session_named(profiles_of(head + line), "s"); };
  EXPECT_TRUE(told("auto_login = true\n")->auto_login);
  EXPECT_FALSE(told("auto_login = false\n")->auto_login);
  EXPECT_FALSE(told("auto_login = yes\n"));
}

TEST(SsoSession, an_unknown_name_is_answered_with_those_there_are) {
  const auto session = sso_session_named(profiles_of(kCorp), "crop");
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().kind, base::ErrorKind::not_found);
  EXPECT_NE(session.error().what.find("there are corp"), std::string::npos);
}

TEST(SsoSession, passes_the_cli_cases) {
  if (!aws::vectors_present()) GTEST_SKIP();
  const std::string name = "derived/sso-provider-resolution-cases.json";
  const auto cases = aws::vector_json(name).at("cases");
  for (const auto& one : cases) {
    std::string text;
    const auto add = [&](const std::string& kind, const nlohmann::json& sections) {
      for (const auto& [section, keys] : sections.items()) {
        text += "[" + kind + " " + section + "]\n";
        for (const auto& [key, value] : keys.items()) text += key + " = " + value.get<std::string>() + "\n";
      }
    };
    add("profile", one.at("config").at("profiles"));
    if (one.at("config").contains("sso_sessions")) add("sso-session", one.at("config").at("sso_sessions"));
    const auto profiles = profiles_of(text);
    const auto session = sso_session_of(profiles, **profiles.find("test"));
    const auto what = one.at("documentation").get<std::string>();
    EXPECT_EQ(session && *session, one.at("resolves").get<bool>()) << what;
    EXPECT_EQ(!session, one.contains("expectedException")) << what;
  }
  aws::vectors_ran(name, cases.size(), 6);
}

}  // namespace
}  // namespace credentials
