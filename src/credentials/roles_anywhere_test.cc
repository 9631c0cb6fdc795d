#include "aws/vectors_for_test.h"
#include "credentials/broker_for_test.h"

#include <sys/stat.h>

namespace credentials {
namespace {

using base::ErrorKind;

constexpr const char* kAnchor = "arn:aws:rolesanywhere:eu-west-1:000000000000:trust-anchor/1";
constexpr const char* kRaProfile = "arn:aws:rolesanywhere:eu-west-1:000000000000:profile/1";

class RolesAnywhereTest : public BrokerTest {
 protected:
  void SetUp() override {
    if (!aws::vectors_present()) GTEST_SKIP();
    for (const auto* name : {"rsa-key.pem", "rsa-cert.pem", "ec-key.pem", "ec-cert.pem", "intermediate-cert.pem"})
      put(name, aws::vector_text(std::string("derived/rolesanywhere/") + name));
    put("sealed.pem", aws::vector_text("rolesanywhere/tst/keys/acm-encrypted.pem"));
  }
  void put(const std::string& name, const std::string& text) {
    std::ofstream(path(name)) << text;
    chmod(path(name).c_str(), 0600);
  }
  std::string path(const std::string& name) const { return directory_ + "/" + name; }
  std::string profile_of(const std::string& key, const std::string& certificate, const std::string& more = "") const {
    return "[profile dev]\nroles_anywhere_private_key = " + path(key) +
           "\nroles_anywhere_certificate = " + path(certificate) + "\nroles_anywhere_trust_anchor_arn = " + kAnchor +
           "\nroles_anywhere_profile_arn = " + kRaProfile + "\nrole_arn = arn:aws:iam::000000000000:role/Example\n" +
           more;
  }
  void then_session() {
    http_.then(201, R"({"credentialSet":[{"credentials":{"accessKeyId":"ASIAANYWHEREEXAMPLE0","secretAccessKey":"s",)"
                    R"("sessionToken":"t","expiration":")" +
                        base::iso8601(clock_.now() + std::chrono::hours(1)) +
                        R"("},"roleArn":"arn:aws:iam::000000000000:role/Example"}],"subjectArn":"x"})");
  }
  base::Error error_of(const std::string& config) {
    write_config(config);
    const auto answer = get("dev");
    EXPECT_FALSE(answer);
    return answer ? base::Error{} : answer.error();
  }
};

TEST_F(RolesAnywhereTest, a_session_is_asked_for_once_and_then_cached) {
  then_session();
  for (const auto* kind : {"rsa", "ec"}) {
    http_.sent.clear();
    write_config(profile_of(std::string(kind) + "-key.pem", std::string(kind) + "-cert.pem",
                            "roles_anywhere_chain = " + path("intermediate-cert.pem") + "\nduration_seconds = 900\n"));
    for (int round = 0; round < 2; ++round) {
      const auto answer = get("dev");
      ASSERT_TRUE(answer) << answer.error().what;
      EXPECT_EQ(answer->credentials.access_key_id, "ASIAANYWHEREEXAMPLE0");
      EXPECT_EQ(answer->credentials.account_id, "000000000000");
    }
    ASSERT_EQ(http_.sent.size(), 1U);
    EXPECT_TRUE(http_.sent[0].url.starts_with("https://rolesanywhere.eu-west-1.amazonaws.com/sessions?profileArn="));
    EXPECT_EQ(http_.sent[0].body, R"({"durationSeconds":900})");
    EXPECT_NE(
        http_.sent[0].authorization.find("SignedHeaders=content-type;host;x-amz-date;x-amz-x509;x-amz-x509-chain"),
        std::string::npos)
        << http_.sent[0].authorization;
  }
}

TEST_F(RolesAnywhereTest, what_is_wrong_with_the_settings_is_said_with_its_line) {
  const auto missing = error_of("[profile dev]\nroles_anywhere_private_key = /k.pem\n");
  EXPECT_NE(missing.what.find("names no roles_anywhere_trust_anchor_arn"), std::string::npos) << missing.what;
  const auto both = error_of(profile_of("rsa-key.pem", "rsa-cert.pem", "source_profile = base\n"));
  EXPECT_NE(both.what.find("/config line 7"), std::string::npos) << both.what;
  auto elsewhere = profile_of("rsa-key.pem", "rsa-cert.pem");
  elsewhere.replace(elsewhere.find("eu-west-1:000000000000:profile"), 9, "us-east-1");
  EXPECT_NE(error_of(elsewhere).what.find("both must be in one region"), std::string::npos);
  EXPECT_NE(error_of("[profile dev]\nroles_anywhere_private_key = k.pem\nroles_anywhere_trust_anchor_arn = " +
                     std::string(kAnchor) + "\nroles_anywhere_profile_arn = " + kRaProfile +
                     "\nrole_arn = arn:aws:iam::000000000000:role/Example\n")
                .what.find("relative path"),
            std::string::npos);
  EXPECT_TRUE(http_.sent.empty());
}

TEST_F(RolesAnywhereTest, a_key_and_a_certificate_that_do_not_belong_together_are_named) {
  const auto error = error_of(profile_of("rsa-key.pem", "ec-cert.pem"));
  EXPECT_NE(error.what.find("does not belong to the private key"), std::string::npos) << error.what;
  EXPECT_NE(error.what.find(path("ec-cert.pem")), std::string::npos);
  EXPECT_TRUE(http_.sent.empty());
}

TEST_F(RolesAnywhereTest, a_key_that_others_can_read_is_refused) {
  chmod(path("rsa-key.pem").c_str(), 0644);
  const auto error = error_of(profile_of("rsa-key.pem", "rsa-cert.pem"));
  EXPECT_EQ(error.kind, ErrorKind::refused);
  EXPECT_NE(error.hint.find("chmod 600"), std::string::npos) << error.hint;
}

TEST_F(RolesAnywhereTest, a_certificate_that_has_expired_costs_no_call) {
  clock_.start = *base::parse_iso8601("2050-01-01T00:00:00Z");
  const auto error = error_of(profile_of("rsa-key.pem", "rsa-cert.pem"));
  EXPECT_EQ(error.kind, ErrorKind::refused);
  EXPECT_NE(error.what.find("has expired at 2049-12-31"), std::string::npos) << error.what;
  EXPECT_TRUE(http_.sent.empty());
}

TEST_F(RolesAnywhereTest, the_passphrase_of_a_key_is_asked_or_read_from_a_file) {
  prompt_.typed = {"wrong"};
  EXPECT_NE(error_of(profile_of("sealed.pem", "rsa-cert.pem")).what.find("does not open with this passphrase"),
            std::string::npos);
  ASSERT_EQ(prompt_.asked.size(), 1U);
  EXPECT_EQ(prompt_.asked[0], "passphrase of " + path("sealed.pem"));
  put("passphrase", "password\nmore\n");
  // The key opens; the certificate is that of another one.
  EXPECT_NE(error_of(profile_of("sealed.pem", "rsa-cert.pem",
                                "roles_anywhere_passphrase_file = " + path("passphrase") + "\n"))
                .what.find("does not belong to the private key"),
            std::string::npos);
  prompt_.there_is_a_terminal = false;
  const auto nobody = error_of(profile_of("sealed.pem", "rsa-cert.pem"));
  EXPECT_EQ(nobody.kind, ErrorKind::sign_in_needed);
  EXPECT_NE(nobody.hint.find("roles_anywhere_passphrase_file"), std::string::npos);
  EXPECT_TRUE(http_.sent.empty());
}

TEST_F(RolesAnywhereTest, a_selector_chooses_among_the_certificates_of_one_file) {
  then_session();
  put("all.pem",
      aws::vector_text("derived/rolesanywhere/ec-cert.pem") + aws::vector_text("derived/rolesanywhere/rsa-cert.pem"));
  write_config(profile_of("rsa-key.pem", "all.pem",
                          "roles_anywhere_certificate_selector = Key=x509Subject,Value=CN=rsa-leaf\n"));
  const auto answer = get("dev");
  ASSERT_TRUE(answer) << answer.error().what;
  const auto none = error_of(
      profile_of("rsa-key.pem", "all.pem", "roles_anywhere_certificate_selector = Key=x509Subject,Value=CN=x\n"));
  EXPECT_NE(none.what.find("none of the 2 certificates"), std::string::npos) << none.what;
}

TEST_F(RolesAnywhereTest, what_aws_refuses_names_the_role_and_what_to_look_at) {
  http_.then(403, R"({"message":"Untrusted certificate. Insufficient certificate"})",
             {{"x-amzn-errortype", "AccessDeniedException"}});
  const auto denied = error_of(profile_of("rsa-key.pem", "rsa-cert.pem"));
  EXPECT_EQ(denied.kind, ErrorKind::denied);
  EXPECT_NE(denied.what.find("Untrusted certificate"), std::string::npos) << denied.what;
  EXPECT_NE(denied.hint.find("trust anchor"), std::string::npos);
  http_.then(404, R"({"message":"no"})", {{"x-amzn-errortype", "ResourceNotFoundException"}});
  EXPECT_EQ(error_of(profile_of("rsa-key.pem", "rsa-cert.pem")).kind, ErrorKind::not_found);
}

TEST_F(RolesAnywhereTest, a_longer_duration_is_part_of_the_plan) {
  write_config(profile_of("rsa-key.pem", "rsa-cert.pem"));
  Broker broker(around());
  Request request;
  request.profile = "dev";
  request.duration = std::chrono::hours(12);
  const auto chain = broker.explain(request);
  ASSERT_TRUE(chain) << chain.error().what;
  const Hop& hop = chain->hops.front();
  EXPECT_EQ(hop.kind, HopKind::roles_anywhere);
  EXPECT_EQ(hop.duration, std::chrono::hours(12));
  EXPECT_TRUE(hop.where.ends_with("/config line 2")) << hop.where;
  EXPECT_EQ(hop.region.value, "eu-west-1");
}

}  // namespace
}  // namespace credentials
