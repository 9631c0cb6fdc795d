#include "credentials/origin.h"

#include <gtest/gtest.h>

namespace credentials {
namespace {

std::string described(std::string_view config, const SealedName& sealed = {}, std::string_view credentials = {}) {
  const auto profiles = aws::Profiles::of_texts(config, credentials);
  EXPECT_TRUE(profiles);
  const auto profile = profiles->find("p");
  EXPECT_TRUE(profile && *profile);
  return describe(origin_of(&**profile, sealed));
}

TEST(Origin, names_what_each_kind_of_profile_takes_its_credentials_from) {
  EXPECT_EQ(described("[profile p]\nregion=eu-west-1\n"), "no credentials");
  EXPECT_EQ(described("[profile p]\nregion=eu-west-1\n", {"AKIAX", ""}), "sealed key AKIAX");
  EXPECT_EQ(described("[profile p]\nmfa_serial=s\n", {"AKIAX", ""}), "sealed key AKIAX, MFA");
  EXPECT_EQ(described("[profile p]\n", {"AKIAX", "s"}), "sealed key AKIAX, MFA");
  EXPECT_EQ(
      described("[profile p]\nrole_arn=arn:aws:iam::222222222222:role/team/admin\nsource_profile=base\nmfa_serial=s\n"),
      "role admin of 222222222222 via base, MFA");
  EXPECT_EQ(described("[profile p]\nrole_arn=arn:aws:iam::222222222222:role/admin\ncredential_source=Environment\n"),
            "role admin of 222222222222 via Environment");
  EXPECT_EQ(described("[profile p]\nrole_arn=arn:aws:iam::222222222222:role/admin\n", {"AKIAX", ""}),
            "role admin of 222222222222 via its own key");
  EXPECT_EQ(described("[profile p]\ncredential_process=x\n"), "credential_process");
  EXPECT_EQ(described("[profile p]\nsso_session=corp\n"), "Identity Center sign-in corp, no account and role named");
  EXPECT_EQ(described("[profile p]\nsso_session=corp\nsso_account_id=111111111111\nsso_role_name=Admin\n"),
            "Identity Center role Admin of 111111111111 by corp");
}

TEST(Origin, names_the_sources_that_need_no_key) {
  const std::string role = "[profile p]\nrole_arn=arn:aws:iam::222222222222:role/ci\n";
  EXPECT_EQ(described(role + "web_identity_token_file=/t\n"), "role ci of 222222222222 by a web identity token");
  EXPECT_EQ(described(role + "web_identity_token_process=/t\n"), "role ci of 222222222222 by a web identity token");
  EXPECT_EQ(described(role + "saml_assertion_file=/t\n"), "role ci of 222222222222 by a SAML assertion");
  EXPECT_EQ(described(role + "roles_anywhere_private_key=/k\n"), "role ci of 222222222222 by a certificate");
  EXPECT_EQ(described(role + "credential_source=EcsContainer\n"), "role ci of 222222222222 via EcsContainer");
  EXPECT_EQ(described("[profile p]\ncredential_source=EcsContainer\n"), "credentials of the container");
  EXPECT_EQ(described("[profile p]\ncredential_source=Ec2InstanceMetadata\n"), "role of the instance");
}

TEST(Origin, a_key_in_clear_is_called_that_with_file_and_line) {
  EXPECT_EQ(described("", {}, "[p]\naws_access_key_id=AKIAY\naws_secret_access_key=s3cr3t\n"),
            "key AKIAY IN CLEAR in credentials line 3");
  EXPECT_EQ(described("", {"AKIAX", ""}, "[p]\naws_access_key_id=AKIAY\naws_secret_access_key=s3cr3t\n"),
            "sealed key AKIAX; another IN CLEAR in credentials line 3");
}

TEST(Origin, half_a_key_is_called_that_with_file_and_line) {
  EXPECT_EQ(described("", {}, "[p]\naws_access_key_id=AKIAY\n"),
            "half a key in credentials line 2, without aws_secret_access_key");
  EXPECT_EQ(described("", {}, "[p]\naws_access_key_id=ASIAY\naws_session_token=t0k3n\n"),
            "half a key in credentials line 2, without aws_secret_access_key");
  EXPECT_EQ(described("", {}, "[p]\nregion=eu-west-1\naws_secret_access_key=s3cr3t\n"),
            "half a key IN CLEAR in credentials line 3, without aws_access_key_id");
}

TEST(Origin, a_sealed_key_without_a_section_is_one) {
  EXPECT_EQ(describe(origin_of(nullptr, {"AKIAX", ""})), "sealed key AKIAX");
}

TEST(Origin, hostile_text_is_escaped) {
  const auto text = described("[profile p]\nrole_arn=arn:aws:iam::2:role/a\nsource_profile=x\x1b[31m\n");
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace credentials
