// For tests only: a store in a directory of its own, with what may open it played by doubles.
#pragma once

#include "secret/doubles_for_test.h"
#include "secret/store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

namespace secret {

constexpr const char* kSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

struct StoreFixture : ::testing::Test {
  OwnDirectory directory;
  Places places = directory.places();
  FakeClock clock;
  FakeAsker asker{{}};
  FakeSecretService service;
  FakeTpm tpm;
  Unlocker unlocker{clock, asker, service, tpm, quick_limits()};

  SlotChoice key_file() const { return {.kind = SlotKind::key_file, .key_file = directory.path() + "/key/file"}; }
  Store store_with_key_file() {
    auto store = Store::create(places, key_file(), unlocker);
    EXPECT_TRUE(store) << store.error().what;
    return std::move(*store);
  }
  void add(Store& store, const std::string& profile, const std::string& secret = kSecret) {
    const auto key = store.unlock(unlocker);
    ASSERT_TRUE(key) << key.error().what;
    const auto outcome = store.apply(Changes().put_key({.profile = profile,
                                                        .access_key_id = "AKIA" + profile,
                                                        .created = clock.now(),
                                                        .account_id = {},
                                                        .user_arn = {}},
                                                       Bytes::copy_of(secret)),
                                     &*key);
    ASSERT_TRUE(outcome) << outcome.error().what;
  }
  std::string bytes() const {
    std::ifstream file(places.store(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  /// In place: a truncated file is flushed to the disk at every close.
  void write(const std::string& text) const {
    std::fstream(places.store(), std::ios::binary | std::ios::in | std::ios::out) << text;
    std::filesystem::resize_file(places.store(), text.size());
  }
};

}  // namespace secret
