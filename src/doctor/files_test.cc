// Which modes and owners are wrong, and the command that mends each.
#include "doctor/files.h"

#include <gtest/gtest.h>

namespace doctor {
namespace {

constexpr unsigned kUser = 1000;

FileFact file(unsigned mode, Secrecy secrecy = Secrecy::owner_only) {
  return {"/home/u/.aws/credentials", "AWS's credentials file", secrecy, true, false, true, mode, kUser, ""};
}

std::string mend_of(const FileFact& fact) {
  const auto found = check_files({fact}, kUser);
  EXPECT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].severity, found[0].mend.empty() ? Severity::good : Severity::problem);
  return found[0].mend;
}

TEST(Files, that_are_closed_are_good) {
  EXPECT_EQ(mend_of(file(0600)), "");
  EXPECT_EQ(mend_of(file(0400)), "");
  EXPECT_EQ(mend_of(file(0644, Secrecy::anybody_may_read)), "");
}

TEST(Files, open_to_others_are_closed_by_chmod) {
  EXPECT_EQ(mend_of(file(0644)), "chmod go= /home/u/.aws/credentials");
  EXPECT_EQ(mend_of(file(0664, Secrecy::anybody_may_read)), "chmod go-w /home/u/.aws/credentials");
  EXPECT_EQ(mend_of(file(0602)), "chmod go-w /home/u/.aws/credentials");
}

TEST(Files, of_another_user_are_given_back) {
  auto fact = file(0600);
  fact.owner = 1001;
  EXPECT_EQ(mend_of(fact), "sudo chown 1000 /home/u/.aws/credentials");
  fact.owner = 0;
  EXPECT_EQ(mend_of(fact), "sudo chown 1000 /home/u/.aws/credentials");
  fact.secrecy = Secrecy::anybody_may_read;  // an administrator's config file is no danger
  EXPECT_EQ(mend_of(fact), "");
}

TEST(Files, that_cannot_be_read_or_looked_at_are_problems) {
  auto fact = file(0200);
  fact.is_readable = false;
  EXPECT_EQ(mend_of(fact), "chmod u+r /home/u/.aws/credentials");
  fact.is_directory = true;
  EXPECT_EQ(mend_of(fact), "chmod u+rx /home/u/.aws/credentials");
  fact.error = "permission denied";
  EXPECT_EQ(mend_of(fact), "ls -ld /home/u/.aws/credentials");
}

TEST(Files, that_are_not_there_are_nobodys_matter) {
  auto fact = file(0);
  fact.exists = false;
  EXPECT_TRUE(check_files({fact}, kUser).empty());
}

TEST(Files, a_hostile_name_is_one_word_of_the_command) {
  auto fact = file(0644);
  fact.path = "/home/u/it's $(touch x)\n\x1b[31m";
  EXPECT_EQ(mend_of(fact), "chmod go= '/home/u/it'\\''s $(touch x)\\u{a}\\u{1b}[31m'");
}

TEST(Files, each_profile_that_an_ended_write_has_left_is_named) {
  EXPECT_TRUE(check_written_profiles({}, "/a/credentials").empty());
  const auto found = check_written_profiles({"kabuto-dev"}, "/a/credentials");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].what, "an ended kabuto write has left [kabuto-dev]");
  EXPECT_EQ(found[0].mend, "kabuto clear");
}

TEST(Files, each_temporary_file_of_a_killed_writer_is_named) {
  const auto found = check_temporary_files({"/a/config.kabuto-1"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].severity, Severity::warning);
  EXPECT_EQ(found[0].mend, "rm /a/config.kabuto-1");
}

}  // namespace
}  // namespace doctor
