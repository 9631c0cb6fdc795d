#include "base/base64.h"

#include <gtest/gtest.h>

#include <string_view>

TEST(Base64, is_that_of_the_rfc) {
  const auto of = [](std::string_view text) { return std::as_bytes(std::span(text)); };
  EXPECT_EQ(base::base64(of("")), "");
  EXPECT_EQ(base::base64(of("f")), "Zg==");
  EXPECT_EQ(base::base64(of("fo")), "Zm8=");
  EXPECT_EQ(base::base64(of("foobar")), "Zm9vYmFy");
  EXPECT_EQ(base::base64(of("\xfb\xff\xfe\xff")), "+//+/w==");
  EXPECT_EQ(base::base64url(of("\xfb\xff\xfe\xff")), "-__-_w");
}
