#include "deliver/clipboard.h"

#include "base/file.h"
#include "base/own_directory_for_test.h"
#include "secret/text_for_test.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>

namespace deliver {
namespace {

using secret::Bytes;
using secret::text_of;

TEST(Clipboard, the_link_goes_by_standard_input_and_never_by_an_argument) {
  const base::OwnDirectory own;
  const std::string file = own.path() + "/xclip";
  std::ofstream(file) << "#!/bin/sh\ncat >'" << own.path() << "/in'\nprintf '%s ' \"$@\" >'" << own.path()
                      << "/argv'\n";
  ASSERT_EQ(chmod(file.c_str(), 0755), 0);
  const std::string path = "PATH=" + own.path() + ":/usr/bin:/bin";
  base::SystemClock clock;
  const auto taken = copy_to_clipboard(Bytes::copy_of("https://x/?t=SECRET"), {path, "DISPLAY=:0"}, clock);
  ASSERT_TRUE(taken) << taken.error().what;
  EXPECT_EQ(*taken, "xclip");
  EXPECT_EQ(base::read_file(own.path() + "/in", 100).value(), "https://x/?t=SECRET");
  EXPECT_EQ(base::read_file(own.path() + "/argv", 100).value(), "-selection clipboard ");
}

TEST(Clipboard, the_terminals_sequence_is_base64) {
  EXPECT_EQ(text_of(clipboard_sequence(Bytes())), "\x1b]52;c;\a");
  EXPECT_EQ(text_of(clipboard_sequence(Bytes::copy_of("f"))), "\x1b]52;c;Zg==\a");
  EXPECT_EQ(text_of(clipboard_sequence(Bytes::copy_of("fo"))), "\x1b]52;c;Zm8=\a");
  EXPECT_EQ(text_of(clipboard_sequence(Bytes::copy_of("foobar?>"))), "\x1b]52;c;Zm9vYmFyPz4=\a");
}

}  // namespace
}  // namespace deliver
