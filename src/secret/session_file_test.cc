#include "secret/session_file.h"

#include "secret/cipher.h"
#include "secret/doubles_for_test.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace secret {
namespace {

const std::string kHash(64, 'a');
const std::string kOther(64, 'b');

struct Sessions : ::testing::Test {
  OwnDirectory directory;
  Places places = directory.places();
  Bytes key = random_key();
  SessionHeader header{.profile = "dev",
                       .what = "arn:aws:iam::123456789012:role/dev",
                       .expires = *base::parse_iso8601("2030-01-01T01:00:00Z"),
                       .more = {{"region", "eu-west-1"}}};
  std::string file(const std::string& hash = kHash) const { return places.sessions() + "/" + hash + ".session"; }
  void put() { ASSERT_TRUE(write_session(places, kHash, header, Bytes::copy_of("the secret body"), key)); }
};

TEST_F(Sessions, a_session_reads_back_and_its_secret_is_not_in_the_file) {
  put();
  const auto read = read_session(places, kHash, key);
  ASSERT_TRUE(read && *read);
  EXPECT_EQ(text_of((*read)->body), "the secret body");
  EXPECT_EQ((*read)->header.profile, "dev");
  EXPECT_EQ((*read)->header.expires, header.expires);
  EXPECT_EQ((*read)->header.more.at("region"), "eu-west-1");
  EXPECT_EQ(base::read_file(file(), 1 << 20).value()->find("the secret body"), std::string::npos);
}

TEST_F(Sessions, none_and_one_under_a_former_key_are_nothing) {
  EXPECT_FALSE(*read_session(places, kHash, key));
  put();
  EXPECT_FALSE(*read_session(places, kHash, random_key()));
}

TEST_F(Sessions, every_byte_flip_and_cut_says_damaged) {
  put();
  const std::string good = *base::read_file(file(), 1 << 20).value();
  const auto damaged = [&](const std::string& text) {
    // In place: a truncated file is flushed to the disk at every close.
    std::fstream(file(), std::ios::binary | std::ios::in | std::ios::out) << text;
    std::filesystem::resize_file(file(), text.size());
    const auto read = read_session(places, kHash, key);
    return !read && read.error().kind == base::ErrorKind::store_damaged;
  };
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    EXPECT_TRUE(damaged(bad)) << i;
    EXPECT_TRUE(damaged(good.substr(0, i))) << i;
  }
}

TEST_F(Sessions, a_file_under_another_name_is_refused) {
  put();
  std::filesystem::copy_file(file(), file(kOther));
  const auto read = read_session(places, kOther, key);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, base::ErrorKind::store_damaged);
}

TEST_F(Sessions, listing_needs_no_key_and_sweeping_removes_the_expired) {
  put();
  header.profile = "late";
  header.expires += std::chrono::hours{5};
  ASSERT_TRUE(write_session(places, kOther, header, Bytes::copy_of("x"), key));
  const auto list = list_sessions(places);
  ASSERT_TRUE(list);
  ASSERT_EQ(list->sessions.size(), 2U);
  EXPECT_EQ(list->sessions[0].header.profile, "dev");
  EXPECT_EQ(*sweep_sessions(places, *base::parse_iso8601("2030-01-01T01:00:00Z")), 1U);
  EXPECT_EQ(list_sessions(places)->sessions.at(0).key_hash, kOther);
  ASSERT_TRUE(remove_session(places, kOther));
  ASSERT_TRUE(remove_session(places, kOther));
  EXPECT_TRUE(list_sessions(places)->sessions.empty());
}

TEST_F(Sessions, a_hostile_name_never_becomes_a_path) {
  EXPECT_FALSE(read_session(places, "../../etc/passwd", key));
  EXPECT_FALSE(write_session(places, std::string(31, 'a'), header, Bytes::copy_of("x"), key));
}

}  // namespace
}  // namespace secret
