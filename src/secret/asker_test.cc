#include "secret/asker.h"

#include "secret/doubles_for_test.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace secret {
namespace {

struct Lines {
  explicit Lines(std::string_view text) {
    EXPECT_EQ(pipe(ends), 0);
    EXPECT_EQ(write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    close(ends[1]);
  }
  ~Lines() { close(ends[0]); }
  int ends[2] = {-1, -1};
};

TEST(LineAsker, line_one_opens_and_line_two_is_the_new_one) {
  const Lines lines("old\nnew\r\nrest");
  LineAsker asker(lines.ends[0]);
  EXPECT_EQ(text_of(*asker.passphrase(Wanted::current)), "old");
  EXPECT_EQ(text_of(*asker.passphrase(Wanted::current)), "old");
  EXPECT_EQ(text_of(*asker.passphrase(Wanted::fresh)), "new");
  EXPECT_EQ(text_of(*asker.passphrase(Wanted::current)), "new");
}

TEST(LineAsker, nothing_empty_and_too_much_are_errors) {
  for (const auto& text : {std::string(), std::string("\n"), std::string(5000, 'x'), std::string("a\0b\n", 4)}) {
    const Lines lines(text);
    LineAsker asker(lines.ends[0]);
    EXPECT_FALSE(asker.passphrase(Wanted::current));
  }
}

TEST(LineAsker, a_file_that_others_can_read_is_refused) {
  const OwnDirectory directory;
  const std::string path = directory.path() + "/pass";
  std::ofstream(path) << "secret\n";
  chmod(path.c_str(), 0644);
  LineAsker open(path);
  EXPECT_EQ(open.passphrase(Wanted::current).error().kind, base::ErrorKind::refused);
  chmod(path.c_str(), 0600);
  LineAsker closed(path);
  EXPECT_EQ(text_of(*closed.passphrase(Wanted::current)), "secret");
}

TEST(GivenAsker, what_is_given_opens_and_is_not_asked_for_again) {
  GivenAsker asker(Bytes::copy_of("word"));
  EXPECT_TRUE(asker.ready());
  EXPECT_EQ(text_of(*asker.passphrase(Wanted::current)), "word");
  EXPECT_EQ(text_of(*asker.passphrase(Wanted::fresh)), "word");
  EXPECT_EQ(text_of(*asker.pin(Wanted::current)), "word");
  EXPECT_EQ(asker.after_wrong("no"), AfterWrong::give_up);
}

}  // namespace
}  // namespace secret
