// What an endpoint's plan is, and when it needs somebody.
#include "credentials/next_asking.h"

#include "credentials/chain_for_test.h"

namespace credentials {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::string_view kRoleWithoutCode =
    "[profile base]\nregion = eu-west-1\nmfa_serial = arn:aws:iam::111122223333:mfa/alice\n"
    "[profile dev]\nrole_arn = arn:aws:iam::444455556666:role/dev\nsource_profile = base\n";
constexpr std::string_view kDevice = "arn:aws:iam::111122223333:mfa/alice";

Scene renewed(std::string_view config = kTwoProfiles) {
  Scene scene = sealed_base(config);
  scene.request.is_renewed = true;
  return scene;
}

base::Duration nothing_kept(const Hop&) { return base::Duration(0); }

TEST(RenewedChain, a_role_with_a_code_follows_from_a_session_even_where_its_files_want_more_than_an_hour) {
  const std::string config = std::string(kTwoProfiles) + "duration_seconds = 43200\n";
  EXPECT_EQ(kinds(sealed_base(config).chain("dev")), "sealed_keys assume_role");
  const Chain chain = renewed(config).chain("dev");
  ASSERT_EQ(kinds(chain), "sealed_keys session_token assume_role");
  EXPECT_NE(chain.priming.find("an endpoint renews dev for hours, and all of them follow from one MFA code"),
            std::string::npos);
  EXPECT_EQ(chain.hops[1].mfa_serial.value, kDevice);
  EXPECT_EQ(chain.hops[1].duration, hours(12));
  EXPECT_TRUE(chain.hops[2].mfa_serial.value.empty());
  EXPECT_EQ(chain.hops[2].duration, hours(1));
}

TEST(RenewedChain, a_longer_session_that_a_person_asks_for_stands) {
  Scene scene = renewed();
  scene.request.duration = hours(2);
  EXPECT_EQ(kinds(scene.chain("dev")), "sealed_keys assume_role");
}

TEST(RenewedChain, a_sealed_key_is_opened_once_for_a_role_that_wants_no_code_and_none_is_asked_for) {
  EXPECT_EQ(kinds(sealed_base(kRoleWithoutCode).chain("dev")), "sealed_keys assume_role");
  const Chain chain = renewed(kRoleWithoutCode).chain("dev");
  ASSERT_EQ(kinds(chain), "sealed_keys session_token assume_role");
  EXPECT_NE(chain.priming.find("the sealed key is opened once"), std::string::npos);
  EXPECT_TRUE(chain.hops[1].mfa_serial.value.empty());
}

TEST(RenewedChain, keys_in_the_files_sign_for_a_role_without_a_code_as_ever) {
  Scene scene;
  scene.config = kRoleWithoutCode;
  scene.credentials = "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = x\n";
  scene.request.is_renewed = true;
  EXPECT_EQ(kinds(scene.chain("dev")), "file_keys assume_role");
}

TEST(RenewedChain, only_the_role_s_device_serves_where_the_keys_name_none) {
  const Chain chain = renewed(
                          "[profile base]\nregion = eu-west-1\n"
                          "[profile dev]\nrole_arn = arn:aws:iam::444455556666:role/dev\nsource_profile = base\n"
                          "mfa_serial = arn:aws:iam::111122223333:mfa/alice\n")
                          .chain("dev");
  ASSERT_EQ(kinds(chain), "sealed_keys session_token assume_role");
  EXPECT_EQ(chain.hops[1].mfa_serial.value, kDevice);
}

TEST(RenewedChain, no_session_and_two_devices_are_as_ever) {
  Scene scene = renewed();
  scene.request.session = SessionUse::none;
  EXPECT_EQ(kinds(scene.chain("dev")), "sealed_keys assume_role");
  Scene two = renewed(
      "[profile base]\nregion = eu-west-1\nmfa_serial = arn:aws:iam::111122223333:mfa/other\n"
      "[profile dev]\nrole_arn = arn:aws:iam::444455556666:role/dev\nsource_profile = base\n"
      "mfa_serial = arn:aws:iam::111122223333:mfa/alice\n");
  EXPECT_EQ(kinds(two.chain("dev")), "sealed_keys assume_role");
}

TEST(NextAsking, a_code_is_needed_at_once_and_then_when_its_session_ends) {
  const Chain chain = renewed().chain("dev");
  const auto first = next_asking(chain, KeyOpening::by_itself, nothing_kept);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->in, base::Duration(0));
  EXPECT_EQ(first->what_for, "an MFA code of " + std::string(kDevice));
  const auto again = next_asking_when_new(chain, KeyOpening::by_itself);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->in, base::Duration(hours(12)));
}

TEST(NextAsking, what_is_kept_spares_the_steps_before_it) {
  const Chain chain = renewed().chain("dev");
  const auto only = [&](HopKind kind, base::Duration left) {
    return next_asking(chain, KeyOpening::by_itself,
                       [=](const Hop& hop) { return hop.kind == kind ? left : base::Duration(0); });
  };
  EXPECT_EQ(only(HopKind::session_token, hours(7))->in, base::Duration(hours(7)));
  EXPECT_EQ(only(HopKind::assume_role, minutes(40))->in, base::Duration(minutes(40)));
}

TEST(NextAsking, what_has_ended_spares_nothing) {
  const auto next =
      next_asking(renewed().chain("dev"), KeyOpening::by_itself, [](const Hop&) { return base::Duration(-1); });
  ASSERT_TRUE(next);
  EXPECT_EQ(next->in, base::Duration(0));
}

TEST(NextAsking, a_passphrase_counts_only_where_a_person_types_it) {
  const Chain chain = renewed(kRoleWithoutCode).chain("dev");
  const auto person = next_asking_when_new(chain, KeyOpening::by_a_person);
  ASSERT_TRUE(person);
  EXPECT_EQ(person->what_for, "the store's passphrase");
  EXPECT_EQ(person->in, base::Duration(hours(12)));
  EXPECT_FALSE(next_asking(chain, KeyOpening::by_itself, nothing_kept));
}

TEST(NextAsking, a_program_that_knows_the_code_asks_nobody) {
  const std::string config = std::string(kTwoProfiles) + "mfa_process = code\n";
  EXPECT_FALSE(next_asking(renewed(config).chain("dev"), KeyOpening::by_itself, nothing_kept));
}

}  // namespace
}  // namespace credentials
