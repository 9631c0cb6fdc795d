// Which credential_process asks kabuto for the profile it stands in.
#include "credentials/own_process.h"

#include <gtest/gtest.h>

namespace credentials {
namespace {

TEST(OwnProcess, is_kabuto_by_any_path_asked_for_the_same_profile) {
  EXPECT_TRUE(is_own_process("kabuto process bob", "bob"));
  EXPECT_TRUE(is_own_process("/usr/bin/kabuto process --no-session bob", "bob"));
  EXPECT_TRUE(is_own_process("kabuto process bob --duration 1h", "bob"));
  EXPECT_TRUE(is_own_process("kabuto process \"my work\"", "my work"));
}

TEST(OwnProcess, is_not_one_that_asks_for_another_profile_or_another_program) {
  EXPECT_FALSE(is_own_process("kabuto process alice", "bob"));
  EXPECT_FALSE(is_own_process("kabuto process", "process"));
  EXPECT_FALSE(is_own_process("kabuto export bob", "bob"));
  EXPECT_FALSE(is_own_process("/opt/kabuto-of-mine process bob", "bob"));
  EXPECT_FALSE(is_own_process("kabuto process \"bob", "bob"));
  EXPECT_FALSE(is_own_process("", ""));
}

TEST(OwnProcess, names_a_role_where_config_sync_has_written_it) {
  const auto role =
      role_of_own_process("/usr/bin/kabuto process --account 222222222222 --role \"My Admin\" --session corp");
  ASSERT_TRUE(role);
  EXPECT_EQ(role->account_id, "222222222222");
  EXPECT_EQ(role->role_name, "My Admin");
  EXPECT_EQ(role->session_id, "corp");
  EXPECT_FALSE(role_of_own_process("kabuto process --account 222222222222 --role Admin"));
  EXPECT_FALSE(role_of_own_process("kabuto process --account 2 --role Admin --session corp --no-agent"));
  EXPECT_FALSE(role_of_own_process("other process --account 2 --role Admin --session corp"));
}

}  // namespace
}  // namespace credentials
