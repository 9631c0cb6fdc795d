#include "secret/keyring.h"

#include "secret/cipher.h"
#include "secret/doubles_for_test.h"
#include "secret/session_key.h"

#include <gtest/gtest.h>

namespace secret {
namespace {

TEST(KernelKeyringReal, a_key_is_found_again_and_gone_once_dropped) {
  KernelKeyring keyring;
  const std::string name = "kabuto:test-" + random_hex(8);
  const auto before = keyring.find(name);
  if (!before) {
    // Some containers: then this is what everybody must be told.
    EXPECT_NE(before.error().what.find("the kernel refuses"), std::string::npos);
    return;
  }
  EXPECT_FALSE(*before);
  const Bytes key = random_key();
  ASSERT_TRUE(keyring.put(name, key, std::chrono::seconds{30}));
  const auto found = keyring.find(name);
  ASSERT_TRUE(found && *found);
  EXPECT_TRUE((*found)->equals(key));
  ASSERT_TRUE(keyring.drop(name));
  EXPECT_FALSE(*keyring.find(name));
  EXPECT_TRUE(keyring.drop(name));
}

TEST(SessionKey, many_makers_at_once_get_the_same_key_for_twelve_hours) {
  const OwnDirectory directory;
  FakeKeyring keyring;
  FakeClock clock;
  const Places places = directory.places();
  const auto first = ensure_session_key(keyring, "kabuto:x", places, clock);
  ASSERT_TRUE(first) << first.error().what;
  const auto second = ensure_session_key(keyring, "kabuto:x", places, clock);
  ASSERT_TRUE(second);
  EXPECT_TRUE(first->equals(*second));
  EXPECT_EQ(keyring.last_timeout, std::chrono::hours{12});
  ASSERT_TRUE(drop_session_key(keyring, "kabuto:x"));
  EXPECT_FALSE(*find_session_key(keyring, "kabuto:x"));
}

TEST(SessionKey, a_kernel_that_refuses_is_an_error_and_not_a_missing_key) {
  const OwnDirectory directory;
  FakeKeyring keyring;
  keyring.refuses = true;
  FakeClock clock;
  EXPECT_FALSE(find_session_key(keyring, "kabuto:x"));
  EXPECT_FALSE(ensure_session_key(keyring, "kabuto:x", directory.places(), clock));
}

TEST(SessionKey, is_named_by_the_store_or_by_the_directory) {
  EXPECT_EQ(session_key_name({"/a"}, "0123"), "kabuto:0123");
  EXPECT_NE(session_key_name({"/a"}, std::nullopt), session_key_name({"/b"}, std::nullopt));
}

}  // namespace
}  // namespace secret
