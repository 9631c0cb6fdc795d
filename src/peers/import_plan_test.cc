#include "peers/import_plan.h"

#include "peers/aws_files.h"
#include "peers/import_edits.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace peers {
namespace {

constexpr std::string_view kSecretLine = "aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00\n";

std::string key_lines(char last) {
  return std::string("aws_access_key_id = AKIAIOSFODNN7EXAMPL") + last + "\n" + std::string(kSecretLine);
}

/// Files as given, what an import plans for them, and what the files become.
struct Case {
  explicit Case(std::string_view config, std::string_view credentials)
      : files(*aws::Profiles::of_texts(config, credentials)) {
    find_in_aws_files(files, findings);
    find_granted_profiles(files, findings);
  }

  ImportPlan plan() const { return plan_import(findings, around, options); }
  std::string after(const aws::ConfigFile& file) const {
    const auto text = aws::edited(file.text(), file.kind(), edits_for(file, plan(), findings, around));
    return text ? std::string(text->view()) : "error: " + text.error().what;
  }
  std::string config() const { return after(files.config()); }
  std::string credentials() const { return after(files.credentials()); }

  aws::Profiles files;
  Findings findings;
  ImportOptions options;
  std::map<std::string, std::string, std::less<>> sealed;
  Surroundings around{files,
                      [this](std::string_view name) -> std::optional<std::string> {
                        const auto found = sealed.find(name);
                        return found == sealed.end() ? std::nullopt : std::optional(found->second);
                      },
                      [](std::string_view) { return false; }};
};

TEST(ImportPlan, a_key_alone_takes_its_section_with_it_and_other_lines_stay) {
  const Case one("", "[a]\n" + key_lines('1') + "[b]\nregion = x\n" + key_lines('2') + "# end\n");
  EXPECT_EQ(one.credentials(), "[b]\nregion = x\n# end\n");
  EXPECT_EQ(one.config(),
            "[profile a]\ncredential_process = kabuto process a\n[profile b]\ncredential_process = kabuto process b\n");
}

TEST(ImportPlan, keys_of_the_config_file_go_too_and_its_sections_stay) {
  const Case one("[default]\n" + key_lines('1') + "region = x\n", "");
  EXPECT_EQ(one.config(), "[default]\nregion = x\ncredential_process = kabuto process default\n");
}

TEST(ImportPlan, a_profile_that_assumes_a_role_with_its_own_key_gets_no_credential_process) {
  const Case one("[profile a]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = a\n", "[a]\n" + key_lines('1'));
  EXPECT_EQ(one.config(), "[profile a]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = a\n");
  EXPECT_EQ(one.credentials(), "");
}

TEST(ImportPlan, another_credential_process_is_left_and_that_of_a_tool_that_is_left_behind_is_not) {
  const Case one("[profile a]\ncredential_process = mine\n[profile b]\ncredential_process = granted x --profile b\n",
                 "[a]\n" + key_lines('1') + "[b]\n" + key_lines('2'));
  EXPECT_EQ(one.config(),
            "[profile a]\ncredential_process = mine\n[profile b]\ncredential_process = kabuto process b\n");
}

TEST(ImportPlan, the_sections_of_aws_mfa_become_one_profile_with_its_device) {
  const Case one("", "[a-long-term]\n" + key_lines('1') + "aws_mfa_device = arn:aws:iam::1:mfa/x\n[a]\n" +
                         "assumed_role = False\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\n" + std::string(kSecretLine) +
                         "aws_session_token = t\nexpiration = 2020-01-01 00:00:00\n[b]\nregion = x\n");
  EXPECT_EQ(one.credentials(), "[b]\nregion = x\n");
  EXPECT_EQ(one.config(), "[profile a]\nmfa_serial = arn:aws:iam::1:mfa/x\ncredential_process = kabuto process a\n");
  ASSERT_EQ(one.plan().steps.size(), 1U);
  EXPECT_EQ(one.plan().steps[0].name, "a");
}

TEST(ImportPlan, other_tools_get_the_key_itself_where_a_session_would_ask_for_a_code) {
  Case one(
      "[profile a]\nmfa_serial = arn:aws:iam::1:mfa/x\n[profile r]\nrole_arn = arn:aws:iam::1:role/r\n"
      "source_profile = b\nmfa_serial = arn:aws:iam::1:mfa/x\n",
      "[a]\n" + key_lines('1') + "[b]\n" + key_lines('2'));
  EXPECT_EQ(one.config(),
            "[profile a]\nmfa_serial = arn:aws:iam::1:mfa/x\ncredential_process = kabuto process --no-session a\n"
            "[profile r]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = b\nmfa_serial = arn:aws:iam::1:mfa/x\n"
            "[profile b]\ncredential_process = kabuto process b\n");
  EXPECT_NE(one.plan().steps[0].text.find("with --no-session"), std::string::npos) << one.plan().steps[0].text;
  one.options.for_other_tools = ForOtherTools::nothing;
  EXPECT_EQ(one.config(), std::string(one.files.config().text()));
}

TEST(ImportPlan, the_role_of_aws_mfa_is_assumed_with_the_long_term_key) {
  const Case one("", "[a-long-term]\n" + key_lines('1') +
                         "aws_mfa_device = arn:aws:iam::1:mfa/x\nassume_role = arn:aws:iam::2:role/r\n");
  EXPECT_EQ(one.config(),
            "[profile a]\nrole_arn = arn:aws:iam::2:role/r\nsource_profile = a-long-term\n"
            "mfa_serial = arn:aws:iam::1:mfa/x\n[profile a-long-term]\nmfa_serial = arn:aws:iam::1:mfa/x\n");
}

TEST(ImportPlan, a_key_that_the_store_holds_is_the_same_and_another_one_is_left) {
  Case one("", "[a]\n" + key_lines('1') + "[b]\n" + key_lines('2'));
  one.sealed = {{"a", "AKIAIOSFODNN7EXAMPL1"}, {"b", "AKIAIOSFODNN7EXAMPL9"}};
  const auto plan = one.plan();
  EXPECT_EQ(plan.steps[0].action, Action::same);
  EXPECT_EQ(plan.steps[1].action, Action::leave);
  EXPECT_EQ(plan.steps[1].trouble, base::ErrorKind::refused);
  EXPECT_EQ(one.credentials(), "[b]\n" + key_lines('2'));
}

TEST(ImportPlan, of_two_keys_of_one_name_the_first_is_taken_and_as_seals_the_other) {
  Case one("[profile a]\n" + key_lines('2'), "[a]\n" + key_lines('1'));
  auto plan = one.plan();
  EXPECT_EQ(plan.steps[0].action, Action::seal);
  EXPECT_EQ(plan.steps[1].action, Action::leave);
  EXPECT_NE(plan.steps[1].text.find("--from aws --as a=NAME"), std::string::npos) << plan.steps[1].text;
  one.options.renames = {{"a", "c"}};
  EXPECT_EQ(one.plan().steps[0].name, "c");
}

TEST(ImportPlan, two_secrets_under_one_id_stop_it_all_whatever_their_names) {
  const std::string other =
      "aws_access_key_id = AKIAIOSFODNN7EXAMPL1\naws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY99\n";
  const std::string text = "[a]\n" + key_lines('1') + "[b]\n" + other + "[c]\n" + key_lines('2');
  const Case one("", text);
  const auto plan = one.plan();
  EXPECT_EQ(plan.steps[0].action, Action::leave);
  EXPECT_EQ(plan.steps[1].action, Action::leave);
  EXPECT_EQ(plan.steps[1].trouble, base::ErrorKind::refused);
  ASSERT_TRUE(plan.refusal);
  EXPECT_EQ(plan.refusal->what, one.findings.keys[0].where + " holds another secret for AKIA…MPL1 of b than " +
                                    one.findings.keys[1].where + "; nothing was changed");
  EXPECT_FALSE(plan.has_work());
  // The same secret under two names is one key.
  EXPECT_FALSE(Case("", "[a]\n" + key_lines('1') + "[b]\n" + key_lines('1')).plan().refusal);
}

TEST(ImportPlan, what_seals_a_key_beside_names_the_profile_as_the_file_has_it) {
  Case one("", "[a]\n" + key_lines('1'));
  one.sealed = {{"people", "AKIAIOSFODNN7EXAMPL9"}};
  one.options.renames = {{"a", "people"}};
  EXPECT_NE(one.plan().steps[0].text.find("--from aws --as a=NAME"), std::string::npos) << one.plan().steps[0].text;
}

TEST(ImportPlan, a_key_in_a_section_that_is_passed_over_is_told_and_left) {
  const std::string text = "[my dev]\n" + key_lines('1');
  const Case one("", text);
  ASSERT_EQ(one.plan().steps.size(), 1U);
  EXPECT_EQ(one.plan().steps[0].action, Action::leave);
  EXPECT_EQ(one.plan().steps[0].text,
            "the key AKIA…MPL1 of [my dev] lies in clear and is left, for its section is ignored (no such kind of "
            "section, or not a valid name); give that another name by hand");
  EXPECT_EQ(one.credentials(), text);
}

TEST(ImportPlan, of_two_keys_of_one_profile_none_is_taken_and_both_lines_are_named) {
  const std::string twice = "[a]\n" + key_lines('1') + "[b]\n" + key_lines('2') + "[a]\n" + key_lines('3');
  const Case one("[profile a]\n" + key_lines('4'), twice);
  const auto plan = one.plan();
  ASSERT_EQ(plan.steps.size(), 3U);
  EXPECT_EQ(plan.steps[0].action, Action::leave);
  EXPECT_EQ(plan.steps[0].trouble, base::ErrorKind::refused);
  EXPECT_EQ(plan.steps[0].text, "comes twice with different keys (lines 2 and 8): left as it is; take one out by hand");
  EXPECT_EQ(plan.steps[1].action, Action::seal);
  EXPECT_EQ(plan.steps[2].action, Action::leave) << "the config file's key of the same profile";
  EXPECT_EQ(one.credentials(), "[a]\n" + key_lines('1') + "[a]\n" + key_lines('3'));
  EXPECT_EQ(one.config(), "[profile a]\n" + key_lines('4') + "[profile b]\ncredential_process = kabuto process b\n");
}

TEST(ImportPlan, two_secrets_in_one_section_are_two_keys_and_the_same_key_twice_is_one) {
  const std::string other = "AWS_SECRET_ACCESS_KEY = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY99\n";
  const Case two("", "[a]\n" + key_lines('1') + other);
  EXPECT_EQ(two.plan().steps[0].text,
            "comes twice with different keys (lines 3 and 4): left as it is; take one out by hand");
  EXPECT_FALSE(two.plan().has_work());
  const Case same("", "[a]\n" + key_lines('1') + "[b]\nregion = x\n[a]\n" + key_lines('1') + key_lines('1'));
  EXPECT_EQ(same.plan().steps[0].action, Action::seal);
  EXPECT_EQ(same.credentials(), "[b]\nregion = x\n");
}

TEST(ImportPlan, a_key_that_hides_behind_a_session_of_aws_mfa_is_not_taken_out_with_it) {
  const std::string text = "[a]\n" + key_lines('2') + "[a-long-term]\n" + key_lines('1') +
                           "aws_mfa_device = arn:aws:iam::1:mfa/x\n[a]\naws_access_key_id = ASIAIOSFODNN7EXAMPLE\n" +
                           std::string(kSecretLine) + "aws_session_token = t\nexpiration = 2020-01-01 00:00:00\n";
  const Case one("", text);
  EXPECT_EQ(one.credentials(), text);
  EXPECT_EQ(one.plan().steps[0].trouble, base::ErrorKind::refused);
  EXPECT_NE(one.plan().steps[0].text.find("a comes twice with different keys (lines 2 and 9)"), std::string::npos);
}

TEST(ImportPlan, profiles_of_granted_get_what_the_sdks_read) {
  const Case one(
      "[profile a]\ngranted_sso_start_url = https://d-1.awsapps.com/start\ngranted_sso_region = eu-west-1\n"
      "granted_sso_account_id = 111111111111\ngranted_sso_role_name = Admin\n"
      "credential_process = granted credential-process --profile a\n",
      "");
  EXPECT_EQ(one.config(),
            "[profile a]\ngranted_sso_start_url = https://d-1.awsapps.com/start\ngranted_sso_region = eu-west-1\n"
            "granted_sso_account_id = 111111111111\ngranted_sso_role_name = Admin\n"
            "sso_session = d-1\nsso_account_id = 111111111111\nsso_role_name = Admin\n"
            "[sso-session d-1]\nsso_start_url = https://d-1.awsapps.com/start\nsso_region = eu-west-1\n"
            "sso_registration_scopes = sso:account:access\n");
}

TEST(ImportPlan, a_portal_that_the_files_have_is_not_written_again) {
  Case one("[sso-session corp]\nsso_start_url = https://d-1.awsapps.com/start\nsso_region = eu-west-1\n", "");
  one.findings.sso_sessions = {{Source::granted, "x", "https://d-1.awsapps.com/start", "eu-west-1", "here"},
                               {Source::granted, "corp", "https://d-2.awsapps.com/start", "eu-west-1", "here"},
                               {Source::granted, "no", "", "eu-west-1", "here"}};
  const auto plan = one.plan();
  EXPECT_EQ(plan.steps[0].action, Action::leave);
  EXPECT_EQ(plan.steps[1].action, Action::add_session);
  EXPECT_EQ(plan.steps[1].name, "corp-2");
  EXPECT_EQ(plan.steps[2].action, Action::leave);
}

TEST(ImportPlan, a_name_is_quoted_for_every_sdk_or_not_written) {
  EXPECT_EQ(process_line("a", ForOtherTools::sessions), "kabuto process a");
  EXPECT_EQ(process_line("a b", ForOtherTools::keys), "kabuto process --no-session \"a b\"");
  EXPECT_EQ(process_line("a", ForOtherTools::nothing), std::nullopt);
  for (const auto* name : {"-a", "a\"b", "a'b", "$(x)", "a`b", "a\nb"})
    EXPECT_EQ(process_line(name, ForOtherTools::sessions), std::nullopt) << name;
  EXPECT_TRUE(is_process_line("a", "kabuto process a"));
  EXPECT_FALSE(is_process_line("a", "kabuto process b"));
}

}  // namespace
}  // namespace peers
