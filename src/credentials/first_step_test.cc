// The sources of first credentials that are neither keys nor sign-ins, from the files or the environment to the answer.
#include "credentials/first_step.h"

#include "credentials/broker_for_test.h"

namespace credentials {
namespace {

using base::ErrorKind;
using std::chrono::hours;

constexpr char kToken[] = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhcHAifQ.c2ln";
constexpr char kRoles[] = "arn:aws:iam::444455556666:role/";

class SourceTest : public BrokerTest {
 protected:
  SourceTest() { write_token(kToken); }

  void write_token(const std::string& text) { std::ofstream(token_path_) << text << '\n'; }
  void set(std::vector<std::string> entries) {
    entries_ = std::move(entries);
    entries_.insert(entries_.end(), {config_variable_, credentials_variable_, "USER=alice", "PATH=/usr/bin:/bin"});
    environment_ = base::Environment::of_entries({entries_.begin(), entries_.end()});
  }
  std::string web_profile(const std::string& name, const std::string& more = "") const {
    return "[profile " + name + "]\nrole_arn = " + kRoles + "web\nweb_identity_token_file = " + token_path_ + "\n" +
           more;
  }
  std::string metadata_reply(const std::string& key_id) {
    return R"({"Code":"Success","AccessKeyId":")" + key_id + R"(","SecretAccessKey":"s","Token":"t","Expiration":")" +
           base::iso8601(clock_.now() + hours(6)) + R"("})";
  }
  void then_instance(const std::string& key_id) {
    http_.then(200, "token");
    http_.then(200, "web-role");
    http_.then(200, metadata_reply(key_id));
  }
  base::Result<Chain> explain(const std::string& profile) {
    Request request;
    request.profile = profile;
    return Broker(around()).explain(request);
  }
  base::Error error(const std::string& profile) {
    auto answer = get(profile);
    EXPECT_FALSE(answer);
    return answer ? base::Error() : answer.error();
  }
  const Detail* detail(const Hop& hop, std::string_view name) {
    for (const auto& each : hop.details)
      if (each.name == name) return &each;
    return nullptr;
  }

  const std::string token_path_ = directory_ + "/token";
  std::vector<std::string> entries_;
};

TEST_F(SourceTest, a_role_by_a_token_of_a_file_is_fetched_once_for_each_token) {
  write_config(web_profile("web", "role_session_name = ci\nduration_seconds = 7200\n"));
  then_session("AssumeRoleWithWebIdentity", "ASIAWEBIDENTITY00001", hours(2));
  for (int round = 0; round < 2; ++round) {
    const auto answer = get("web");
    ASSERT_TRUE(answer) << answer.error().what;
    EXPECT_EQ(answer->credentials.access_key_id, "ASIAWEBIDENTITY00001");
    EXPECT_EQ(answer->credentials.account_id, "444455556666");
  }
  ASSERT_EQ(http_.sent.size(), 1u);
  EXPECT_NE(http_.sent[0].body.find("&RoleSessionName=ci&WebIdentityToken=" + std::string(kToken)), std::string::npos);
  EXPECT_NE(http_.sent[0].body.find("&DurationSeconds=7200"), std::string::npos);
  EXPECT_EQ(http_.sent[0].authorization, "");
  write_token("another.person.token");
  ASSERT_TRUE(get("web"));
  EXPECT_EQ(http_.sent.size(), 2u) << "the session of one token is not given for another";
}

TEST_F(SourceTest, a_role_chain_may_begin_with_a_token) {
  write_config(web_profile("web") + "[profile dev]\nrole_arn = " + kRoles + "dev\nsource_profile = web\n");
  then_session("AssumeRoleWithWebIdentity", "ASIAWEBIDENTITY00001", hours(1));
  then_session("AssumeRole", "ASIADEVEXAMPLE000001", hours(1));
  const auto answer = get("dev");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->credentials.access_key_id, "ASIADEVEXAMPLE000001");
  const auto chain = explain("dev");
  ASSERT_TRUE(chain);
  ASSERT_EQ(chain->hops.size(), 2u);
  EXPECT_EQ(chain->hops[0].kind, HopKind::web_identity);
  EXPECT_EQ(chain->hops[0].session_name.value, "alice");
  EXPECT_NE(chain->hops[0].why.find("web_identity_token_file"), std::string::npos);
  EXPECT_NE(chain->hops[0].where.find("config line 2"), std::string::npos);
  EXPECT_EQ(chain->hops[1].signed_by, "the role of step 1");
  EXPECT_EQ(chain->hops[1].duration, hours(1));
}

TEST_F(SourceTest, a_token_that_has_expired_is_read_once_more) {
  write_config(web_profile("web"));
  http_.then_do([this]() -> base::Result<http::Response> {
    write_token("renewed.token.x");
    return aws::reply(400, aws::error_body("ExpiredTokenException", "Token expired"));
  });
  then_session("AssumeRoleWithWebIdentity", "ASIAWEBIDENTITY00001", hours(1));
  ASSERT_TRUE(get("web"));
  ASSERT_EQ(http_.sent.size(), 2u);
  EXPECT_NE(http_.sent[1].body.find("WebIdentityToken=renewed.token.x"), std::string::npos);
}

TEST_F(SourceTest, a_refused_token_says_which_file_and_what_to_try) {
  write_config(web_profile("web"));
  http_.then(403, aws::error_body("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"));
  const auto denied = error("web");
  EXPECT_EQ(denied.kind, ErrorKind::denied);
  EXPECT_NE(denied.what.find(token_path_), std::string::npos);
  EXPECT_NE(denied.hint.find("trust policy"), std::string::npos);
  std::filesystem::remove(token_path_);
  const auto missing = error("web");
  EXPECT_EQ(missing.kind, ErrorKind::not_found);
  EXPECT_NE(missing.what.find(token_path_), std::string::npos);
  EXPECT_NE(missing.what.find("config line 3"), std::string::npos);
  EXPECT_EQ(http_.sent.size(), 1u);
}

TEST_F(SourceTest, a_program_may_give_the_token_and_is_run_without_a_shell) {
  write_config(std::string("[profile p]\nrole_arn = ") + kRoles +
               "web\nweb_identity_token_process = /usr/bin/printf %s.%s a b;c\n");
  then_session("AssumeRoleWithWebIdentity", "ASIAWEBIDENTITY00001", hours(1));
  const auto answer = get("p");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_NE(http_.sent.at(0).body.find("WebIdentityToken=a.b%3Bc"), std::string::npos) << http_.sent[0].body;
}

TEST_F(SourceTest, a_program_in_a_file_that_others_can_write_is_not_run) {
  write_config(std::string("[profile p]\nrole_arn = ") + kRoles + "web\nweb_identity_token_process = /bin/true\n");
  std::filesystem::permissions(directory_ + "/config", std::filesystem::perms::others_write,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(error("p").kind, ErrorKind::refused);
}

TEST_F(SourceTest, settings_that_contradict_each_other_are_named) {
  write_config(
      web_profile("both", "web_identity_token_process = /bin/true\n") +
      "[profile norole]\nweb_identity_token_file = /t\n[profile noprovider]\nsaml_assertion_file = /t\nrole_arn = " +
      kRoles + "x\n");
  EXPECT_NE(error("both").what.find("has both"), std::string::npos);
  EXPECT_NE(error("norole").what.find("no role_arn"), std::string::npos);
  EXPECT_NE(error("noprovider").hint.find("saml_provider_arn="), std::string::npos);
}

TEST_F(SourceTest, a_role_by_a_saml_assertion_sends_it_without_line_ends) {
  write_token("UEhO\nYQ==");
  write_config(std::string("[profile s]\nrole_arn = ") + kRoles + "saml\nsaml_assertion_file = " + token_path_ +
               "\nsaml_provider_arn = arn:aws:iam::444455556666:saml-provider/idp\nmfa_serial = x\n");
  then_session("AssumeRoleWithSAML", "ASIASAMLEXAMPLE00001", hours(1));
  const auto answer = get("s");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_NE(http_.sent.at(0).body.find("&SAMLAssertion=UEhOYQ%3D%3D"), std::string::npos);
  ASSERT_EQ(answer->warnings.size(), 1u);
  EXPECT_NE(answer->warnings[0].find("mfa_serial"), std::string::npos);
}

TEST_F(SourceTest, credential_source_asks_the_container_and_signs_with_what_it_gives) {
  set({"AWS_CONTAINER_CREDENTIALS_FULL_URI=http://169.254.170.23/v1/credentials",
       "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=" + token_path_});
  std::ofstream(token_path_) << "pod-token";
  write_config(std::string("[profile dev]\nrole_arn = ") + kRoles + "dev\ncredential_source = EcsContainer\n");
  http_.then(200, metadata_reply("ASIACONTAINER0000001"));
  then_session("AssumeRole", "ASIADEVEXAMPLE000001", hours(1));
  const auto answer = get("dev");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(http_.sent.at(0).secret_headers.at("Authorization"), "pod-token");
  EXPECT_NE(http_.sent.at(1).authorization.find("ASIACONTAINER0000001"), std::string::npos);
  const auto chain = explain("dev");
  const auto* from = detail(chain->hops[0], "from");
  ASSERT_NE(from, nullptr);
  EXPECT_EQ(from->why, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  EXPECT_NE(chain->hops[0].why.find("credential_source = EcsContainer"), std::string::npos);
}

TEST_F(SourceTest, a_configured_source_that_fails_is_never_replaced_by_another) {
  write_config(std::string("[profile dev]\nrole_arn = ") + kRoles + "dev\ncredential_source = EcsContainer\n");
  EXPECT_NE(error("dev").what.find("names no credentials endpoint"), std::string::npos);
  EXPECT_TRUE(http_.sent.empty());
  write_config(std::string("[profile dev]\nrole_arn = ") + kRoles + "dev\ncredential_source = Ec2InstanceMetadata\n");
  set({"AWS_EC2_METADATA_DISABLED=tRuE"});
  EXPECT_NE(error("dev").what.find("AWS_EC2_METADATA_DISABLED is true"), std::string::npos);
  EXPECT_TRUE(http_.sent.empty());
  set({});
  http_.then(ErrorKind::unreachable, "time over");
  EXPECT_EQ(error("dev").kind, ErrorKind::unreachable) << "it was named, so it is what failed";
}

TEST_F(SourceTest, the_instance_gives_the_first_credentials_of_a_chain_once) {
  write_config(std::string("[profile dev]\nrole_arn = ") + kRoles +
               "dev\ncredential_source = Ec2InstanceMetadata\nec2_metadata_service_endpoint_mode = IPv6\n");
  then_instance("ASIAINSTANCE00000001");
  then_session("AssumeRole", "ASIADEVEXAMPLE000001", hours(1));
  for (int round = 0; round < 2; ++round) ASSERT_TRUE(get("dev"));
  EXPECT_EQ(http_.sent.size(), 4u);
  EXPECT_TRUE(http_.sent[0].url.starts_with("http://[fd00:ec2::254]/"));
}

TEST_F(SourceTest, without_a_profile_the_machine_is_asked_in_the_order_of_the_sdks) {
  write_config("[default]\nregion = eu-west-1\n");
  const std::string web = "AWS_WEB_IDENTITY_TOKEN_FILE=" + token_path_;
  const std::string role = std::string("AWS_ROLE_ARN=") + kRoles + "env";
  const auto first = [&](std::vector<std::string> entries) {
    set(std::move(entries));
    const auto chain = explain("");
    EXPECT_TRUE(chain) << chain.error().what;
    return chain ? chain->hops.front().kind : HopKind::assume_role;
  };
  const std::string container = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/c";
  EXPECT_EQ(first({"AWS_ACCESS_KEY_ID=AKIAX", "AWS_SECRET_ACCESS_KEY=s", web, role, container}), HopKind::environment);
  EXPECT_EQ(first({web, role, "AWS_ROLE_SESSION_NAME=pod", container}), HopKind::web_identity);
  EXPECT_EQ(first({container}), HopKind::container);
  EXPECT_EQ(first({}), HopKind::instance);
  set({web, role, "AWS_ROLE_SESSION_NAME=pod"});
  then_session("AssumeRoleWithWebIdentity", "ASIAWEBIDENTITY00001", hours(1));
  const auto answer = get("");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->profile, "");
  EXPECT_EQ(answer->region, "eu-west-1");
  EXPECT_NE(http_.sent.at(0).body.find("RoleSessionName=pod"), std::string::npos);
}

TEST_F(SourceTest, a_profile_that_names_credentials_or_was_asked_for_comes_before_the_machine) {
  write_config(std::string("[default]\nrole_arn = ") + kRoles + "d\nsource_profile = base\n[profile base]\n");
  set({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/c"});
  const auto chain = explain("");
  ASSERT_TRUE(chain);
  EXPECT_EQ(chain->hops.front().kind, HopKind::sealed_keys);
  write_config("[default]\nregion = eu-west-1\n");
  set({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/c", "AWS_PROFILE=default"});
  EXPECT_NE(error("").what.find("names no credentials"), std::string::npos);
  set({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/c"});
  EXPECT_NE(error("default").what.find("names no credentials"), std::string::npos);
  EXPECT_TRUE(http_.sent.empty());
}

TEST_F(SourceTest, where_nothing_at_all_is_configured_the_error_says_what_is_missing) {
  write_config("");
  http_.then(ErrorKind::unreachable, "169.254.169.254 did not answer in time");
  const auto nothing = error("");
  EXPECT_EQ(nothing.kind, ErrorKind::not_found);
  EXPECT_NE(nothing.what.find("no credentials were found"), std::string::npos);
  EXPECT_NE(nothing.hint.find("kabuto add default"), std::string::npos);
  EXPECT_EQ(http_.sent.size(), 1u) << "a laptop's user does not wait for three attempts";
  set({"AWS_EC2_METADATA_DISABLED=true"});
  EXPECT_EQ(error("").kind, ErrorKind::not_found);
  EXPECT_EQ(http_.sent.size(), 1u);
}

TEST_F(SourceTest, half_of_the_web_identity_variables_is_an_error_and_no_reason_to_look_elsewhere) {
  write_config("");
  set({"AWS_WEB_IDENTITY_TOKEN_FILE=" + token_path_, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/c"});
  EXPECT_NE(error("").what.find("AWS_ROLE_ARN is not"), std::string::npos);
  set({"AWS_WEB_IDENTITY_TOKEN_FILE=" + token_path_, "AWS_ROLE_ARN=x"});
  EXPECT_NE(error("").what.find("AWS_ROLE_ARN is not the ARN"), std::string::npos);
  EXPECT_TRUE(http_.sent.empty());
}

}  // namespace
}  // namespace credentials
