#include "agent/protocol.h"

#include "secret/text_for_test.h"

#include <gtest/gtest.h>

namespace agent {
namespace {

secret::Bytes part(std::string_view text) { return secret::Bytes::copy_of(text); }

TEST(Protocol, a_request_is_read_as_it_was_written) {
  const auto id = part("AKIAEXAMPLE");
  const auto text = part(std::string_view("a\0b\n", 4));
  const std::array<const secret::Bytes*, 2> parts{&id, &text};
  const auto request = decode_request(encode(Op::sign, parts));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->op, Op::sign);
  EXPECT_EQ(request->text(0), "AKIAEXAMPLE");
  EXPECT_EQ(request->text(1), std::string_view("a\0b\n", 4));
}

TEST(Protocol, an_unknown_operation_and_another_number_of_parts_are_no_request) {
  const auto one = part("x");
  const std::array<const secret::Bytes*, 1> parts{&one};
  EXPECT_FALSE(decode_request(encode(Op::sign, parts)));
  EXPECT_FALSE(decode_request(encode(Op::lock, parts)));
  EXPECT_FALSE(decode_request(encode(Op{99}, {})));
  EXPECT_FALSE(decode_request(encode(Op{0}, {})));
  EXPECT_FALSE(decode_request({}));
  EXPECT_TRUE(decode_request(encode(Op::lock, {})));
}

TEST(Protocol, a_body_cut_short_or_with_a_byte_too_many_is_no_request) {
  const auto one = part("profile");
  const std::array<const secret::Bytes*, 1> parts{&one};
  const std::string whole = secret::text_of(encode(Op::open_sign_in, parts));
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(decode_request(part(std::string_view(whole).substr(0, size)))) << size;
  EXPECT_FALSE(decode_request(part(whole + "x")));
}

TEST(Protocol, a_refusal_says_why_and_a_reply_has_the_parts_of_what_was_asked) {
  const auto no = decode_reply(encode(Reply::no(Outcome::locked, "why")), Op::lock);
  ASSERT_TRUE(no);
  EXPECT_EQ(no->outcome, Outcome::locked);
  EXPECT_EQ(no->text(0), "why");
  EXPECT_TRUE(decode_reply(encode(Reply{}), Op::lock));
  EXPECT_FALSE(decode_reply(encode(Reply{}), Op::sign));
  EXPECT_FALSE(decode_reply(encode(Reply::of({"a", "b"})), Op::sign));
  EXPECT_FALSE(decode_reply(part("\x09"), Op::lock));
}

TEST(Protocol, a_length_is_one_to_64_KiB) {
  EXPECT_EQ(body_length(frame_header(1)), 1u);
  EXPECT_EQ(body_length(frame_header(kLargestBody)), kLargestBody);
  EXPECT_FALSE(body_length(frame_header(0)));
  EXPECT_FALSE(body_length(frame_header(kLargestBody + 1)));
  EXPECT_FALSE(body_length(frame_header(std::size_t{1} << 30)));
}

}  // namespace
}  // namespace agent
