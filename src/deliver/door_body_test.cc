// Bodies through the two-key door, over a socket pair: what comes out, and what is held back.
#include "deliver/door_body.h"

#include "base/text.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <vector>

namespace deliver {
namespace {

constexpr char kStamp[] = "20300101T000000Z";

aws::SigningKey key_of(std::string_view secret) { return {secret::Bytes::copy_of(secret), kStamp, "eu-west-1", "s3"}; }

std::string hash_of(std::string_view text) {
  return base::hex(secret::Sha256().add(std::as_bytes(std::span(text))).take());
}

/// One request whose body is `bytes`; closed behind them.
class Arrived {
 public:
  explicit Arrived(std::string_view bytes, std::optional<std::uint64_t> length = std::nullopt)
      : connection_(base::Descriptor(ends_[0])), exchange_(connection_, request_of(length.value_or(bytes.size()))) {
    EXPECT_EQ(send(ends_[1], bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    shutdown(ends_[1], SHUT_WR);
  }
  ~Arrived() { base::Descriptor closed(ends_[1]); }
  Arrived(const Arrived&) = delete;
  Arrived& operator=(const Arrived&) = delete;
  http::Exchange& exchange() { return exchange_; }

 private:
  static http::StreamRequest request_of(std::uint64_t length) {
    http::StreamRequest request;
    request.method = "PUT";
    request.framing = http::BodyFraming::length;
    request.length = length;
    return request;
  }
  struct Ends {
    Ends() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0); }
    int operator[](std::size_t i) const { return fds[i]; }
    int fds[2] = {-1, -1};
  } ends_;
  http::ClientConnection connection_;
  http::Exchange exchange_;
};

struct Passed {
  std::string bytes;
  bool whole = false;
};

Passed all_of(DoorBody& body, std::size_t room) {
  Passed out;
  std::vector<std::byte> piece(room);
  while (const auto count = body.read(piece)) {
    if (*count == 0) {
      out.whole = true;
      break;
    }
    out.bytes.append(reinterpret_cast<const char*>(piece.data()), *count);
  }
  return out;
}

TEST(HashedBody, passes_what_has_the_hash_in_pieces_of_any_size) {
  for (const std::size_t room : {2, 3, 7, 4096}) {
    Arrived arrived("hello, world");
    HashedBody body(arrived.exchange(), hash_of("hello, world"));
    const auto passed = all_of(body, room);
    EXPECT_TRUE(passed.whole) << room;
    EXPECT_EQ(passed.bytes, "hello, world") << room;
  }
}

TEST(HashedBody, holds_the_last_byte_of_another_one_back) {
  Arrived arrived("hello, w0rld");
  HashedBody body(arrived.exchange(), hash_of("hello, world"));
  const auto passed = all_of(body, 5);
  EXPECT_FALSE(passed.whole);
  EXPECT_LT(passed.bytes.size(), 12U);
  EXPECT_EQ(body.fault(), DoorBody::Fault::other_hash);
}

TEST(HashedBody, that_is_cut_short_is_never_whole) {
  Arrived arrived("hello", 12);
  HashedBody body(arrived.exchange(), hash_of("hello"));
  EXPECT_FALSE(all_of(body, 64).whole);
  EXPECT_EQ(body.fault(), DoorBody::Fault::cut);
}

/// A body as a tool with `secret` writes it.
std::string signed_by(std::string_view secret, const std::vector<std::string>& trailer = {}) {
  aws::ChunkSignatures signatures(key_of(secret), "seed-of-" + std::string(secret));
  std::string out;
  for (const std::string text : {"first chunk", "second"})
    out += base::hex(std::array{static_cast<std::byte>(text.size())}) +
           ";chunk-signature=" + signatures.sign_chunk(hash_of(text)) + "\r\n" + text + "\r\n";
  out += "0;chunk-signature=" + signatures.sign_chunk(aws::kEmptyBodyHash) + "\r\n";
  for (const auto& line : trailer) out += line + "\r\n";
  if (!trailer.empty())
    out += "x-amz-trailer-signature:" + signatures.sign_trailer(hash_of(aws::canonical_trailer(trailer))) + "\r\n";
  return out + "\r\n";
}

Passed through(const std::string& bytes, SignedChunks::Trailer trailer, std::size_t room,
               DoorBody::Fault* fault = nullptr) {
  Arrived arrived(bytes);
  SignedChunks body(arrived.exchange(), {key_of("tool"), "seed-of-tool"}, {key_of("real"), "seed-of-real"}, trailer);
  auto passed = all_of(body, room);
  if (fault != nullptr) *fault = body.fault();
  return passed;
}

TEST(SignedChunks, come_out_signed_anew_and_of_the_same_length) {
  for (const std::size_t room : {1, 10, 4096}) {
    const auto plain = through(signed_by("tool"), SignedChunks::Trailer::none, room);
    EXPECT_TRUE(plain.whole);
    EXPECT_EQ(plain.bytes, signed_by("real"));
    const std::vector<std::string> trailer{"x-amz-checksum-crc32:AAAAAA=="};
    const auto with_trailer = through(signed_by("tool", trailer), SignedChunks::Trailer::is_signed, room);
    EXPECT_TRUE(with_trailer.whole);
    EXPECT_EQ(with_trailer.bytes, signed_by("real", trailer));
  }
}

TEST(SignedChunks, with_any_byte_changed_are_never_whole) {
  const std::vector<std::string> trailer{"x-amz-checksum-crc32:AAAAAA=="};
  for (const bool has_trailer : {false, true}) {
    const auto good = signed_by("tool", has_trailer ? trailer : std::vector<std::string>());
    const auto kind = has_trailer ? SignedChunks::Trailer::is_signed : SignedChunks::Trailer::none;
    for (std::size_t i = 0; i < good.size(); ++i) {
      auto spoilt = good;
      spoilt[i] = static_cast<char>(spoilt[i] ^ 1);
      DoorBody::Fault fault{};
      EXPECT_FALSE(through(spoilt, kind, 4096, &fault).whole) << i;
      EXPECT_NE(fault, DoorBody::Fault::none) << i;
    }
  }
}

TEST(SignedChunks, left_out_swapped_or_without_their_trailer_are_refused) {
  const auto good = signed_by("tool");
  const auto second = good.find("06;"), last = good.find("0;chunk", second);
  EXPECT_FALSE(through(good.substr(0, second) + good.substr(last), SignedChunks::Trailer::none, 64).whole);
  EXPECT_FALSE(through(good.substr(second, last - second) + good.substr(0, second) + good.substr(last),
                       SignedChunks::Trailer::none, 64)
                   .whole);
  EXPECT_FALSE(through(good, SignedChunks::Trailer::is_signed, 64).whole);
  EXPECT_FALSE(through(good + "more", SignedChunks::Trailer::none, 64).whole);
  EXPECT_FALSE(
      through("fffffff;chunk-signature=" + std::string(64, '0') + "\r\n", SignedChunks::Trailer::none, 64).whole);
}

TEST(UnsignedChunks, pass_as_they_came_if_they_are_chunks) {
  constexpr std::string_view kBody = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
  Arrived arrived(kBody);
  UnsignedChunks body(arrived.exchange());
  const auto passed = all_of(body, 8);
  EXPECT_TRUE(passed.whole);
  EXPECT_EQ(passed.bytes, kBody);
  Arrived wrong("5\r\nhello, world\r\n");
  UnsignedChunks broken(wrong.exchange());
  EXPECT_FALSE(all_of(broken, 64).whole);
}

}  // namespace
}  // namespace deliver
