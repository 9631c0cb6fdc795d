// Bar 10: a flip or a cut of the file says damaged, or every record reads back exactly.
#include "secret/database.h"
#include "secret/store_for_test.h"
#include "secret/store_rows.h"

#include <gtest/gtest.h>

namespace secret {
namespace {

using StoreDamage = StoreFixture;

TEST_F(StoreDamage, no_byte_flip_and_no_cut_changes_a_record_unnoticed) {
  {
    Store store = store_with_key_file();
    add(store, "dev");
    add(store, "prod", "another secret");
  }
  const std::string good = bytes();
  const auto check = [&](const std::string& text, const std::string& what) {
    write(text);
    std::filesystem::remove(places.store() + "-journal");
    const auto store = Store::open(places, quick_limits());
    if (!store) {
      EXPECT_EQ(store.error().kind, base::ErrorKind::store_damaged) << what << store.error().what;
      return false;
    }
    EXPECT_EQ(store->keys().size(), 2U) << what;
    const auto key = store->unlock(unlocker);
    EXPECT_TRUE(key) << what;
    if (!key) return false;
    const auto dev = store->secret_access_key(*key, "dev");
    const auto prod = store->secret_access_key(*key, "prod");
    EXPECT_TRUE(dev && text_of(*dev) == kSecret) << what;
    EXPECT_TRUE(prod && text_of(*prod) == "another secret") << what;
    return true;
  };
  ASSERT_TRUE(check(good, "as written"));
  int noticed = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    if (good[at] == 0 && at % 37 != 0) continue;  // most of a page is empty; every 37th empty byte stands for it
    for (const int flip : {0x01, 0x80, 0xFF}) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ flip);
      if (!check(bad, "flip at " + std::to_string(at) + " ")) ++noticed;
    }
  }
  EXPECT_GT(noticed, 1000);
  for (std::size_t size = 0; size < good.size(); size += size < 200 ? 1 : 101)
    EXPECT_FALSE(check(good.substr(0, size), "cut at " + std::to_string(size) + " "));
  write(good);
}

TEST_F(StoreDamage, two_swapped_ciphertexts_are_refused) {
  {
    Store store = store_with_key_file();
    add(store, "dev");
    add(store, "prod", std::string(40, 'x'));
  }
  // The attacker makes the digest fit; the seals are still bound to name and version.
  {
    const auto database = Database::open(places.store(), Database::Access::read_write);
    ASSERT_TRUE(database);
    auto transaction = Transaction::begin(**database, Transaction::Kind::writing);
    const auto before = load_rows(**database);
    ASSERT_TRUE(before);
    StoreRows after = *before;
    std::swap(after.records.at(0).sealed, after.records.at(1).sealed);
    ASSERT_TRUE(save_rows(**database, *before, after));
    ASSERT_TRUE(transaction->commit());
  }
  const auto store = Store::open(places, quick_limits());
  ASSERT_TRUE(store);
  const auto key = store->unlock(unlocker);
  for (const char* name : {"dev", "prod"}) {
    const auto secret = store->secret_access_key(*key, name);
    ASSERT_FALSE(secret);
    EXPECT_EQ(secret.error().kind, base::ErrorKind::store_damaged);
  }
  EXPECT_FALSE(store->check(*key));
}

TEST_F(StoreDamage, a_foreign_trigger_is_not_run) {
  {
    const Store store = store_with_key_file();
  }
  const auto database = Database::open(places.store(), Database::Access::read_write);
  ASSERT_TRUE((*database)->execute("CREATE TRIGGER t AFTER INSERT ON records BEGIN DELETE FROM slots; END"));
  const auto store = Store::open(places, quick_limits());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, base::ErrorKind::store_damaged);
}

TEST_F(StoreDamage, an_empty_file_is_damaged_and_not_a_new_store) {
  {
    const Store store = store_with_key_file();
  }
  write("");
  EXPECT_EQ(Store::open(places, quick_limits()).error().kind, base::ErrorKind::store_damaged);
  EXPECT_EQ(Store::create(places, key_file(), unlocker).error().kind, base::ErrorKind::refused);
  EXPECT_EQ(bytes(), "");
}

}  // namespace
}  // namespace secret
