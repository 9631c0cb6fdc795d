#include "base/temporary_name.h"

#include "base/file.h"
#include "base/own_directory_for_test.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <ctime>

namespace {

TEST(TemporaryName, is_known_again_and_no_lock_is_taken_for_one) {
  const std::string name = base::temporary_name("config");
  EXPECT_TRUE(base::is_temporary_name(name));
  EXPECT_TRUE(base::is_temporary_name(name, "config"));
  EXPECT_FALSE(base::is_temporary_name(name, "credentials"));
  for (const char* other : {"config.kabuto-lock", "config.kabuto-writer-0123456789abcdef",
                            "config.kabuto-0123456789abcde", "config.kabuto-0123456789abcdeg", "config", ""})
    EXPECT_FALSE(base::is_temporary_name(other)) << other;
}

TEST(TemporaryName, a_young_file_may_still_have_its_writer) {
  const base::OwnDirectory directory;
  const std::string path = base::temporary_name(directory.path() + "/config");
  EXPECT_FALSE(base::is_abandoned(path));
  ASSERT_TRUE(base::write_file_atomically(path, "half"));
  EXPECT_FALSE(base::is_abandoned(path));
  const timespec times[2] = {{time(nullptr) - 120, 0}, {time(nullptr) - 120, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  EXPECT_TRUE(base::is_abandoned(path));
}

}  // namespace
