#include "deliver/write_out.h"

#include "base/file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <string>

namespace deliver {
namespace {

TEST(WriteOut, all_bytes_arrive) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const base::Descriptor from(ends[0]);
  base::Descriptor to(ends[1]);
  ASSERT_TRUE(write_out(to.get(), secret::Bytes::copy_of("line\n")).has_value());
  to = base::Descriptor();
  std::array<char, 16> read_back{};
  EXPECT_EQ(read(from.get(), read_back.data(), read_back.size()), 5);
  EXPECT_EQ(std::string(read_back.data()), "line\n");
}

TEST(WriteOut, a_full_disk_is_an_error) {
  const base::Descriptor full(open("/dev/full", O_WRONLY));
  EXPECT_FALSE(write_out(full.get(), secret::Bytes::copy_of("x")).has_value());
}

TEST(WriteOut, a_reader_that_went_away_is_an_error) {
  signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  {
    const base::Descriptor closed(ends[0]);
  }
  const base::Descriptor to(ends[1]);
  EXPECT_FALSE(write_out(to.get(), secret::Bytes::copy_of("x")).has_value());
}

TEST(WriteOut, a_closed_descriptor_is_an_error) {
  EXPECT_FALSE(write_out(-1, secret::Bytes::copy_of("x")).has_value());
}

}  // namespace
}  // namespace deliver
