#include "deliver/temporary_profile.h"

#include "base/fake_clock_for_test.h"
#include "base/own_directory_for_test.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace deliver {
namespace {

aws::Credentials session(const std::string& id = "ASIAONE") {
  return {id, secret::Bytes::copy_of("secret"), secret::Bytes::copy_of("token"),
          base::Instant{std::chrono::seconds{1'893'553'445}}, ""};
}

class TemporaryProfileTest : public testing::Test {
 protected:
  std::string read() const {
    std::ifstream in(file_);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void put(const std::string& text) const {
    std::filesystem::create_directories(directory_.path() + "/.aws");
    std::ofstream(file_) << text;
  }
  base::Result<TemporaryProfile> open(const std::string& name = "kabuto-dev", Foreign foreign = Foreign::refused) {
    return TemporaryProfile::open(file_, name, foreign, clock_);
  }
  std::size_t locks() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path() + "/.aws"))
      if (entry.path().string().find(".kabuto-writer-") != std::string::npos) ++count;
    return count;
  }
  /// The mark of an owner that is dead: one whose lock nobody has.
  void put_leftover() const {
    put("[kabuto-old]\nkabuto_writer = 00000000000000aa\naws_access_key_id = ASIAOLD\n[mine]\na = b\n");
    std::ofstream(file_ + ".kabuto-writer-00000000000000aa");
  }

  base::OwnDirectory directory_;
  std::string file_ = directory_.path() + "/.aws/credentials";
  base::FakeClock clock_;
};

TEST_F(TemporaryProfileTest, is_written_owned_and_taken_out) {
  put("# mine\n[mine]\na = b\n");
  auto profile = open();
  ASSERT_TRUE(profile) << profile.error().what;
  ASSERT_TRUE(profile->own());
  ASSERT_TRUE(profile->write(session(), "eu-west-1"));
  EXPECT_NE(read().find("[kabuto-dev]\nkabuto_writer = "), std::string::npos);
  EXPECT_EQ(locks(), 1U);
  struct stat facts{};
  ASSERT_EQ(stat(file_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600U);
  ASSERT_TRUE(profile->write(session("ASIATWO"), "eu-west-1"));
  EXPECT_NE(read().find("ASIATWO"), std::string::npos);
  ASSERT_TRUE(profile->remove());
  EXPECT_EQ(read(), "# mine\n[mine]\na = b\n");
  EXPECT_EQ(locks(), 0U);
}

TEST_F(TemporaryProfileTest, of_a_person_is_refused_and_with_leave_replaced) {
  put("[kabuto-dev]\naws_access_key_id = AKIAPERSON\n");
  const auto refused = open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, base::ErrorKind::refused);
  EXPECT_NE(refused.error().hint.find("--overwrite"), std::string::npos);
  auto profile = open("kabuto-dev", Foreign::replaced);
  ASSERT_TRUE(profile);
  ASSERT_TRUE(profile->write(session(), ""));
  EXPECT_EQ(read().find("AKIAPERSON"), std::string::npos);
}

TEST_F(TemporaryProfileTest, of_a_living_owner_is_refused) {
  auto first = open();
  ASSERT_TRUE(first && first->own() && first->write(session(), ""));
  const auto second = open();
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().what.find("is kept by another kabuto write"), std::string::npos);
  EXPECT_FALSE(remove_temporary_profiles(file_, {"kabuto-dev"}, clock_));
  const auto left = remove_leftover_profiles(file_, clock_);
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->empty());
}

TEST_F(TemporaryProfileTest, what_a_dead_owner_left_goes_with_the_next_write) {
  put_leftover();
  auto profile = open();
  ASSERT_TRUE(profile && profile->write(session(), ""));
  EXPECT_EQ(read().find("kabuto-old"), std::string::npos);
  EXPECT_TRUE(read().starts_with("[mine]\na = b\n[kabuto-dev]\n"));
  EXPECT_EQ(locks(), 0U);
}

TEST_F(TemporaryProfileTest, leftovers_can_be_cleared_alone) {
  put_leftover();
  EXPECT_EQ(*remove_leftover_profiles(file_, clock_), std::vector<std::string>{"kabuto-old"});
  EXPECT_EQ(read(), "[mine]\na = b\n");
  EXPECT_EQ(locks(), 0U);
  EXPECT_TRUE(remove_leftover_profiles(file_, clock_)->empty());
}

TEST_F(TemporaryProfileTest, what_is_left_behind_on_purpose_goes_when_it_has_ended) {
  auto profile = open();
  ASSERT_TRUE(profile && profile->own() && profile->write(session(), "") && profile->leave());
  EXPECT_NE(read().find("kabuto_writer = none\n"), std::string::npos);
  EXPECT_TRUE(remove_leftover_profiles(file_, clock_)->empty());
  clock_.sleep(std::chrono::hours{24 * 365 * 100});
  EXPECT_EQ(remove_leftover_profiles(file_, clock_)->size(), 1U);
  EXPECT_EQ(read(), "");
}

TEST_F(TemporaryProfileTest, removing_names_and_all) {
  put("[kabuto-a]\nkabuto_writer = none\n[mine]\na = b\n[kabuto-b]\nkabuto_writer = none\n");
  EXPECT_EQ(remove_temporary_profiles(file_, {"mine"}, clock_).error().kind, base::ErrorKind::refused);
  EXPECT_EQ(remove_temporary_profiles(file_, {"nobody"}, clock_).error().kind, base::ErrorKind::not_found);
  EXPECT_EQ(*remove_temporary_profiles(file_, {"kabuto-a"}, clock_), std::vector<std::string>{"kabuto-a"});
  EXPECT_EQ(*remove_temporary_profiles(file_, {}, clock_), std::vector<std::string>{"kabuto-b"});
  EXPECT_EQ(read(), "[mine]\na = b\n");
}

TEST_F(TemporaryProfileTest, what_another_has_taken_over_is_not_taken_out) {
  auto profile = open();
  ASSERT_TRUE(profile && profile->own() && profile->write(session(), ""));
  put("[kabuto-dev]\naws_access_key_id = AKIAPERSON\n");
  EXPECT_FALSE(profile->write(session(), ""));
  ASSERT_TRUE(profile->remove());
  EXPECT_EQ(read(), "[kabuto-dev]\naws_access_key_id = AKIAPERSON\n");
}

}  // namespace
}  // namespace deliver
