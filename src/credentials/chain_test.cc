#include "credentials/chain.h"

#include "credentials/chain_for_test.h"

namespace credentials {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Chain, a_user_without_a_role_gets_a_session_with_the_code_of_its_device) {
  Scene scene = sealed_base();
  const Chain chain = scene.chain("base");
  ASSERT_EQ(kinds(chain), "sealed_keys session_token");
  EXPECT_EQ(chain.hops[1].mfa_serial.value, "arn:aws:iam::111122223333:mfa/alice");
  EXPECT_EQ(chain.hops[1].duration, hours(12));
  EXPECT_EQ(chain.hops[1].endpoint.url, "https://sts.eu-west-1.amazonaws.com");
  EXPECT_TRUE(chain.hops[1].cached);
}

TEST(Chain, no_session_gives_the_keys_themselves) {
  Scene scene = sealed_base();
  scene.request.session = SessionUse::none;
  EXPECT_EQ(kinds(scene.chain("base")), "sealed_keys");
}

TEST(Chain, the_users_own_session_leaves_the_roles_out) {
  Scene scene = sealed_base(
      "[profile dev]\nrole_arn=arn:aws:iam::444455556666:role/dev\nsource_profile=base\nmfa_serial=GAHT12345678\n");
  scene.sealed["dev"] = {"AKIADEV"};
  scene.request.session = SessionUse::own_user;
  const Chain chain = scene.chain("dev");
  ASSERT_EQ(kinds(chain), "sealed_keys session_token");
  EXPECT_EQ(chain.hops[0].access_key_id, "AKIADEV");
  EXPECT_EQ(chain.hops[1].mfa_serial.value, "GAHT12345678");
}

TEST(Chain, a_role_of_the_same_device_is_primed_and_asks_for_no_second_code) {
  Scene scene = sealed_base();
  const Chain chain = scene.chain("dev");
  ASSERT_EQ(kinds(chain), "sealed_keys session_token assume_role");
  EXPECT_FALSE(chain.hops[1].mfa_serial.value.empty());
  EXPECT_TRUE(chain.hops[2].mfa_serial.value.empty());
  EXPECT_EQ(chain.hops[2].duration, hours(1));
  EXPECT_EQ(chain.hops[2].session_name.value, "alice");
  EXPECT_EQ(chain.region.value, "eu-central-1");
  EXPECT_NE(chain.priming.find("same MFA device"), std::string::npos) << chain.priming;
}

TEST(Chain, the_primed_session_is_shared_by_the_user_and_all_roles) {
  Scene scene = sealed_base();
  EXPECT_EQ(scene.chain("base").hops[1].cache_key, scene.chain("dev").hops[1].cache_key);
}

TEST(Chain, a_single_role_for_more_than_an_hour_is_assumed_straight_from_the_keys) {
  Scene scene = sealed_base();
  scene.request.duration = hours(2);
  const Chain chain = scene.chain("dev");
  ASSERT_EQ(kinds(chain), "sealed_keys assume_role");
  EXPECT_EQ(chain.hops[1].mfa_serial.value, "arn:aws:iam::111122223333:mfa/alice");
  EXPECT_EQ(chain.hops[1].duration, hours(2));
  EXPECT_NE(chain.priming.find("cap"), std::string::npos);
}

TEST(Chain, a_configured_duration_over_an_hour_does_the_same_and_names_its_line) {
  Scene scene = sealed_base(std::string(kTwoProfiles) + "duration_seconds = 7200\n");
  const Chain chain = scene.chain("dev");
  ASSERT_EQ(kinds(chain), "sealed_keys assume_role");
  EXPECT_EQ(chain.hops[1].duration, hours(2));
  EXPECT_NE(chain.hops[1].duration_why.find("line 9"), std::string::npos) << chain.hops[1].duration_why;
}

TEST(Chain, without_a_common_device_the_role_is_assumed_from_the_keys) {
  Scene scene = sealed_base("[profile dev]\nrole_arn=arn:aws:iam::444455556666:role/dev\nsource_profile=base\n");
  EXPECT_EQ(kinds(scene.chain("dev")), "sealed_keys assume_role");
}

TEST(Chain, two_roles_are_primed_and_each_is_capped_at_an_hour) {
  Scene scene = sealed_base(std::string(kTwoProfiles) +
                            "[profile ops]\nrole_arn=arn:aws:iam::777788889999:role/ops\nsource_profile=dev\n"
                            "duration_seconds=7200\n");
  const Chain chain = scene.chain("ops");
  ASSERT_EQ(kinds(chain), "sealed_keys session_token assume_role assume_role");
  EXPECT_EQ(chain.hops[3].duration, hours(1));
  EXPECT_NE(chain.hops[3].duration_why.find("cut from 2h"), std::string::npos) << chain.hops[3].duration_why;
  EXPECT_EQ(chain.hops[2].profile, "dev");
  EXPECT_EQ(chain.hops[3].profile, "ops");
}

TEST(Chain, a_demand_that_the_chaining_cap_forbids_is_an_error_that_names_the_cap) {
  Scene scene = sealed_base(std::string(kTwoProfiles) +
                            "[profile ops]\nrole_arn=arn:aws:iam::777788889999:role/ops\nsource_profile=dev\n");
  scene.request.duration = hours(2);
  EXPECT_NE(scene.error("ops").find("temporary credentials at 1h"), std::string::npos);
  scene.request.duration.reset();
  scene.request.min_ttl = hours(3);
  scene.request.min_ttl_is_demand = true;
  EXPECT_NE(scene.error("ops").find("--min-ttl 3h"), std::string::npos);
}

TEST(Chain, a_demanded_min_ttl_raises_the_duration) {
  Scene scene = sealed_base();
  scene.request.min_ttl = hours(3);
  scene.request.min_ttl_is_demand = true;
  const Chain chain = scene.chain("dev");
  ASSERT_EQ(kinds(chain), "sealed_keys assume_role");
  EXPECT_EQ(chain.hops[1].duration, hours(3));
  EXPECT_NE(chain.hops[1].duration_why.find("raised from 1h by --min-ttl 3h"), std::string::npos);
  scene.request.min_ttl = hours(13);
  EXPECT_NE(scene.error("dev").find("12h"), std::string::npos);
}

TEST(Chain, durations_outside_awss_limits_are_refused) {
  Scene scene = sealed_base();
  scene.request.duration = minutes(14);
  EXPECT_NE(scene.error("dev").find("least, 15m"), std::string::npos);
  scene.request.duration = hours(13);
  EXPECT_NE(scene.error("dev").find("12h"), std::string::npos);
  scene.request.duration = hours(36);
  EXPECT_EQ(scene.chain("base").hops[1].duration, hours(36));
  scene.request.duration = hours(37);
  EXPECT_NE(scene.error("base").find("36h"), std::string::npos) << scene.error("base");
}

TEST(Chain, a_session_too_short_for_the_commands_min_ttl_is_not_renewed_at_each_use) {
  Scene scene = sealed_base();
  scene.request.min_ttl = minutes(16);
  EXPECT_EQ(scene.chain("dev").min_ttl, minutes(16));
  scene.request.duration = minutes(15);
  EXPECT_EQ(scene.chain("dev").min_ttl, minutes(5));
}

TEST(Chain, a_sealed_key_comes_before_one_in_the_files_and_says_so) {
  Scene scene = sealed_base();
  scene.credentials = "[base]\naws_access_key_id=AKIAFILE\naws_secret_access_key=x\n";
  const Chain chain = scene.chain("base");
  EXPECT_EQ(chain.hops[0].kind, HopKind::sealed_keys);
  EXPECT_EQ(chain.hops[0].access_key_id, "AKIABASE");
  ASSERT_EQ(chain.warnings.size(), 1u);
}

TEST(Chain, a_key_in_clear_is_used_with_a_warning_that_names_the_way_to_seal_it) {
  Scene scene;
  scene.credentials = "[base]\naws_access_key_id=AKIAFILE\naws_secret_access_key=x\n";
  const Chain chain = scene.chain("base");
  ASSERT_EQ(kinds(chain), "file_keys session_token");
  ASSERT_EQ(chain.warnings.size(), 1u);
  EXPECT_NE(chain.warnings[0].find("kabuto add base"), std::string::npos);
}

TEST(Chain, temporary_keys_of_the_files_are_used_as_they_are_and_cap_the_role) {
  Scene scene;
  scene.config = kTwoProfiles;
  scene.credentials = "[base]\naws_access_key_id=ASIAFILE\naws_secret_access_key=x\naws_session_token=t\n";
  EXPECT_EQ(kinds(scene.chain("base")), "file_keys");
  EXPECT_EQ(kinds(scene.chain("dev")), "file_keys assume_role");
  scene.request.duration = hours(2);
  EXPECT_NE(scene.error("dev").find("1h"), std::string::npos);
}

TEST(Chain, keys_of_the_root_beside_a_source_profile_are_ignored_with_a_warning) {
  Scene scene = sealed_base();
  scene.sealed["dev"] = {"AKIADEV"};
  const Chain chain = scene.chain("dev");
  EXPECT_EQ(chain.hops[0].access_key_id, "AKIABASE");
  ASSERT_EQ(chain.warnings.size(), 1u);
}

TEST(Chain, keys_of_a_source_profile_win_over_its_role) {
  Scene scene = sealed_base(std::string(kTwoProfiles) +
                            "[profile ops]\nrole_arn=arn:aws:iam::777788889999:role/ops\nsource_profile=dev\n");
  scene.sealed["dev"] = {"AKIADEV"};
  const Chain chain = scene.chain("ops");
  EXPECT_EQ(kinds(chain), "sealed_keys assume_role");
  EXPECT_EQ(chain.hops[0].access_key_id, "AKIADEV");
}

TEST(Chain, a_profile_that_is_its_own_source_uses_its_own_keys) {
  Scene scene;
  scene.config =
      "[profile x]\nrole_arn=arn:aws:iam::444455556666:role/x\nsource_profile=x\n"
      "aws_access_key_id=AKIAX\naws_secret_access_key=s\n";
  EXPECT_EQ(kinds(scene.chain("x")), "file_keys assume_role");
  scene.config = "[profile x]\nrole_arn=arn:aws:iam::444455556666:role/x\nsource_profile=x\n";
  EXPECT_NE(scene.error("x").find("must have credentials"), std::string::npos);
}

TEST(Chain, a_sealed_key_under_the_roles_own_profile_needs_no_source_profile) {
  Scene scene;
  scene.config = "[profile x]\nrole_arn=arn:aws:iam::444455556666:role/x\nmfa_serial=arn:aws:iam::1:mfa/a\n";
  scene.sealed["x"] = {"AKIAX"};
  const Chain chain = scene.chain("x");
  EXPECT_EQ(kinds(chain), "sealed_keys assume_role");
  EXPECT_FALSE(chain.hops[1].mfa_serial.value.empty());
}

TEST(Chain, a_circle_is_named_with_every_profile_on_it) {
  Scene scene;
  scene.config =
      "[profile a]\nrole_arn=arn:aws:iam::444455556666:role/a\nsource_profile=b\n"
      "[profile b]\nrole_arn=arn:aws:iam::444455556666:role/b\nsource_profile=a\n";
  EXPECT_NE(scene.error("a").find("a -> b -> a"), std::string::npos);
}

TEST(Chain, a_way_without_end_is_not_called_a_circle) {
  Scene scene;
  for (int i = 0; i < 200; ++i)
    scene.config += "[profile p" + std::to_string(i) +
                    "]\nrole_arn=arn:aws:iam::444455556666:role/a\nsource_profile=p" + std::to_string(i + 1) + "\n";
  EXPECT_NE(scene.error("p0").find("leads over more than 100 profiles"), std::string::npos) << scene.error("p0");
}

TEST(Chain, missing_and_contradicting_profiles_are_named_with_their_lines) {
  Scene scene;
  scene.config =
      "[profile a]\nrole_arn=arn:aws:iam::444455556666:role/a\nsource_profile=gone\n"
      "[profile both]\nrole_arn=arn:aws:iam::444455556666:role/a\nsource_profile=a\n"
      "credential_source=Environment\n"
      "[profile neither]\nrole_arn=arn:aws:iam::444455556666:role/a\n"
      "[profile half]\naws_access_key_id=AKIA\n[profile empty]\nregion=eu-west-1\n"
      "[profile sso]\nsso_session=corp\n[profile odd]\nrole_arn=arn:aws:iam::444455556666:role/a\n"
      "credential_source=Moon\n";
  EXPECT_NE(scene.error("a").find("\"gone\" of profile \"a\" does not exist"), std::string::npos);
  EXPECT_NE(scene.error("a").find("line 3"), std::string::npos);
  EXPECT_NE(scene.error("both").find("both source_profile"), std::string::npos);
  EXPECT_NE(scene.error("neither").find("neither source_profile nor"), std::string::npos);
  EXPECT_NE(scene.error("half").find("no aws_secret_access_key"), std::string::npos);
  EXPECT_NE(scene.error("empty").find("names no credentials"), std::string::npos);
  EXPECT_NE(scene.error("sso").find("no sso_account_id and no sso_role_name"), std::string::npos);
  EXPECT_NE(scene.error("odd").find("\"Moon\""), std::string::npos);
  EXPECT_NE(scene.error("nowhere").find("no profile named"), std::string::npos);
}

TEST(Chain, without_a_profile_it_answers_as_an_sdks_default_chain) {
  Scene scene = sealed_base();
  scene.environment = {"AWS_ACCESS_KEY_ID=AKIAENV", "AWS_SECRET_ACCESS_KEY=s", "AWS_PROFILE=base"};
  EXPECT_EQ(kinds(scene.chain("")), "environment");
  scene.environment = {"AWS_ACCESS_KEY_ID=", "AWS_PROFILE=base", "AWS_DEFAULT_PROFILE=dev"};
  EXPECT_EQ(scene.chain("").profile, "base");
  scene.environment = {"AWS_DEFAULT_PROFILE=dev"};
  EXPECT_EQ(scene.chain("").profile, "dev");
  scene.environment = {};
  EXPECT_EQ(kinds(scene.chain("")), "instance");
  scene.environment = {"AWS_EC2_METADATA_DISABLED=true"};
  EXPECT_NE(scene.error("").find("\"default\""), std::string::npos);
  scene.environment = {"AWS_ACCESS_KEY_ID=AKIAENV"};
  EXPECT_NE(scene.error("").find("missing: AWS_SECRET_ACCESS_KEY"), std::string::npos);
}

TEST(Chain, credential_source_environment_takes_the_environments_keys) {
  Scene scene;
  scene.config = "[profile x]\nrole_arn=arn:aws:iam::444455556666:role/x\ncredential_source=environment\n";
  EXPECT_NE(scene.error("x").find("holds no keys"), std::string::npos);
  scene.environment = {"AWS_ACCESS_KEY_ID=AKIAENV", "AWS_SECRET_ACCESS_KEY=s"};
  EXPECT_EQ(kinds(scene.chain("x")), "environment assume_role");
}

TEST(Chain, credential_process_is_a_source_and_keeps_the_file_that_names_it) {
  Scene scene;
  scene.config =
      "[profile p]\ncredential_process = /bin/helper --x\n"
      "[profile r]\nrole_arn=arn:aws:iam::444455556666:role/x\nsource_profile=p\n";
  const Chain chain = scene.chain("r");
  ASSERT_EQ(kinds(chain), "process assume_role");
  EXPECT_EQ(chain.hops[0].command, "/bin/helper --x");
  EXPECT_FALSE(chain.hops[0].command_path.empty());
}

TEST(Chain, everything_that_changes_the_answer_changes_the_cache_key) {
  const std::string start = "[profile dev]\nsource_profile=base\nrole_arn=arn:aws:iam::444455556666:role/dev\n";
  std::vector<std::string> variants = {
      start,
      "[profile dev]\nsource_profile=base\nrole_arn=arn:aws:iam::444455556666:role/other\n",
      start + "external_id=e1\n",
      start + "role_session_name=e1\n",
      start + "source_identity=e1\n",
      start + "session_tags=a=b\n",
      start + "session_tags=a=b\ntransitive_session_tags=a\n",
      start + "session_policy_arns=arn:aws:iam::aws:policy/ReadOnlyAccess\n",
      start + "session_policy_file=/p\n",
      start + "mfa_serial=arn:aws:iam::111122223333:mfa/alice\n",
      start + "duration_seconds=1800\n",
      start + "region=eu-west-1\n",
      start + "endpoint_url=http://127.0.0.1:1\n",
  };
  std::map<std::string, std::string> seen;
  for (const auto& config : variants) {
    Scene scene = sealed_base(config);
    const auto [at, fresh] = seen.emplace(scene.chain("dev").hops.back().cache_key, config);
    EXPECT_TRUE(fresh) << config << "\n== same as\n" << at->second;
  }
  Scene other_key = sealed_base(start);
  other_key.sealed["base"].access_key_id = "AKIAOTHER";
  EXPECT_TRUE(seen.emplace(other_key.chain("dev").hops.back().cache_key, "other key").second);
}

TEST(Chain, aws_vaults_keys_are_honoured) {
  Scene scene = sealed_base(
      "[profile common]\nrole_session_name=shared\n[profile dev]\nsource_profile=base\ninclude_profile=common\n"
      "role_arn=arn:aws:iam::444455556666:role/dev\nsession_tags = a=1, b=2\ntransitive_session_tags=a\n"
      "source_identity=alice\nmfa_serial=arn:aws:iam::111122223333:mfa/alice\nmfa_process=oathtool --totp X\n");
  const Chain chain = scene.chain("dev");
  const Hop& role = chain.hops.back();
  EXPECT_EQ(role.session_name.value, "shared");
  ASSERT_EQ(role.tags.size(), 2u);
  EXPECT_EQ(role.tags[1].key, "b");
  EXPECT_EQ(role.tags[1].value, "2");
  EXPECT_EQ(role.transitive_tag_keys.size(), 1u);
  EXPECT_EQ(role.source_identity.value, "alice");
  EXPECT_EQ(role.mfa_process.value, "oathtool --totp X");
}

TEST(Chain, a_device_that_a_person_chose_counts_where_the_files_name_none) {
  Scene scene = sealed_base("[profile dev]\nrole_arn=arn:aws:iam::444455556666:role/dev\nsource_profile=base\n");
  scene.devices["dev"] = "arn:aws:iam::111122223333:mfa/spare";
  const Chain chain = scene.chain("dev");
  EXPECT_EQ(chain.hops.back().mfa_serial.value, "arn:aws:iam::111122223333:mfa/spare");
  EXPECT_NE(chain.hops.back().mfa_serial.why.find("remembered"), std::string::npos);
}

TEST(Chain, a_role_in_another_partition_goes_there_when_nobody_names_a_region) {
  Scene scene = sealed_base("[profile cn]\nrole_arn=arn:aws-cn:iam::444455556666:role/dev\nsource_profile=base\n");
  EXPECT_EQ(scene.chain("cn").hops.back().endpoint.url, "https://sts.cn-northwest-1.amazonaws.com.cn");
}

constexpr std::string_view kPortal =
    "[sso-session corp]\nsso_start_url = https://d-corp.awsapps.com/start\nsso_region = eu-west-1\n"
    "[profile dev]\nsso_session = corp\nsso_account_id = 111111111111\nsso_role_name = Admin\nregion = us-east-1\n"
    "[profile top]\nsource_profile = dev\nrole_arn = arn:aws:iam::222222222222:role/top\nduration_seconds = 7200\n";

TEST(Chain, a_role_of_identity_center_is_the_first_step_in_the_region_of_its_portal) {
  Scene scene;
  scene.config = kPortal;
  const Chain chain = scene.chain("dev");
  ASSERT_EQ(kinds(chain), "identity_center");
  EXPECT_EQ(chain.hops[0].endpoint.url, "https://portal.sso.eu-west-1.amazonaws.com");
  EXPECT_EQ(chain.region.value, "us-east-1");
  EXPECT_TRUE(chain.hops[0].cached);
  EXPECT_NE(chain.priming.find("temporary already"), std::string::npos);
}

TEST(Chain, a_role_on_top_of_identity_center_is_chained_and_capped) {
  Scene scene;
  scene.config = kPortal;
  const Chain chain = scene.chain("top");
  ASSERT_EQ(kinds(chain), "identity_center assume_role");
  EXPECT_EQ(chain.hops[1].duration, hours(1));
  EXPECT_EQ(chain.hops[1].signed_by, "the role Admin of 111111111111");
}

TEST(Chain, account_role_and_session_of_identity_center_each_change_the_cache_key) {
  Scene scene;
  scene.config = kPortal;
  const std::string key = scene.chain("dev").hops[0].cache_key;
  for (const auto& [from, to] :
       {std::pair{"111111111111", "111111111112"}, std::pair{"Admin", "Other"}, std::pair{"d-corp", "d-more"}}) {
    scene.config = kPortal;
    scene.config.replace(scene.config.find(from), std::string_view(from).size(), to);
    EXPECT_NE(scene.chain("dev").hops[0].cache_key, key) << to;
  }
}

TEST(Chain, another_tool_s_lengths_of_sessions_count_where_nobody_asks_and_stay_within_aws_s_limits) {
  Scene scene = sealed_base();
  scene.request.session_length = UsualLength{std::chrono::hours{1}, "AWS_SESSION_TOKEN_TTL"};
  scene.request.session_on_the_way = UsualLength{std::chrono::minutes{1}, "AWS_CHAINED_SESSION_TOKEN_TTL"};
  Chain chain = scene.chain("base");
  EXPECT_EQ(chain.hops[1].duration.count(), 3600);
  EXPECT_EQ(chain.hops[1].duration_why, "AWS_SESSION_TOKEN_TTL");
  chain = scene.chain("dev");
  EXPECT_EQ(chain.hops[1].duration.count(), 900);
  EXPECT_EQ(chain.hops[1].duration_why, "AWS_CHAINED_SESSION_TOKEN_TTL");
  scene.request.duration = std::chrono::hours{2};
  EXPECT_EQ(scene.chain("base").hops[1].duration.count(), 7200) << "what is asked for comes first";
}

}  // namespace
}  // namespace credentials
