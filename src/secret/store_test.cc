#include "secret/store.h"

#include "secret/names_index.h"
#include "secret/session_key.h"
#include "secret/store_for_test.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

namespace secret {
namespace {

using StoreTest = StoreFixture;
using Names = StoreFixture;

TEST_F(StoreTest, what_is_put_reads_back_after_a_new_open) {
  {
    Store store = store_with_key_file();
    add(store, "dev");
  }
  const auto store = Store::open(places, quick_limits());
  ASSERT_TRUE(store) << store.error().what;
  EXPECT_EQ(store->keys().at(0).access_key_id, "AKIAdev");
  const auto key = store->unlock(unlocker);
  ASSERT_TRUE(key) << key.error().what;
  EXPECT_EQ(text_of(*store->secret_access_key(*key, "dev")), kSecret);
  EXPECT_EQ(*store->check(*key), 1U);
}

TEST_F(StoreTest, the_file_holds_no_clear_secret_and_is_private) {
  Store store = store_with_key_file();
  add(store, "dev");
  EXPECT_EQ(bytes().find(kSecret), std::string::npos);
  EXPECT_EQ(bytes().find("wJalr"), std::string::npos);
  struct stat facts{};
  ASSERT_EQ(stat(places.store().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600U);
  ASSERT_EQ(stat(places.directory.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0700U);
}

TEST_F(StoreTest, no_store_is_not_found_and_says_how_to_make_one) {
  const auto store = Store::open(places, quick_limits());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, base::ErrorKind::not_found);
  EXPECT_EQ(store.error().hint, "run kabuto store init");
}

TEST_F(StoreTest, a_second_store_is_refused) {
  const Store store = store_with_key_file();
  const auto second = Store::create(places, key_file(), unlocker);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, base::ErrorKind::refused);
}

TEST_F(StoreTest, changes_happen_together_or_not_at_all) {
  Store store = store_with_key_file();
  add(store, "dev");
  const auto key = store.unlock(unlocker);
  const auto outcome =
      store.apply(Changes().remove(kind::kKey, "dev").put({.kind = "note", .name = "bad\nname", .fields = {}}), &*key);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, base::ErrorKind::refused);
  EXPECT_TRUE(store.key("dev"));
  EXPECT_TRUE(Store::open(places, quick_limits())->key("dev"));
}

TEST_F(StoreTest, a_secret_is_not_put_without_an_unlock) {
  Store store = store_with_key_file();
  const auto outcome = store.apply(
      Changes().put_key({.profile = "dev", .access_key_id = "AKIA", .created = {}, .account_id = {}, .user_arn = {}},
                        Bytes::copy_of("x")),
      nullptr);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, base::ErrorKind::store_locked);
}

TEST_F(StoreTest, every_byte_string_reads_back_as_a_field_and_as_a_secret) {
  Store store = store_with_key_file();
  const auto key = store.unlock(unlocker);
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  ASSERT_TRUE(
      store.apply(Changes().put({.kind = "note", .name = "a=b%", .fields = {{all, all}}}, Bytes::copy_of(all)), &*key));
  const auto again = Store::open(places, quick_limits());
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(again->record("note", "a=b%")->fields.at(all), all);
  EXPECT_EQ(text_of(*again->secret_of(*key, "note", "a=b%")), all);
}

TEST_F(StoreTest, concurrent_writers_take_turns) {
  const Store first = store_with_key_file();
  constexpr int kWriters = 12;
  std::vector<std::thread> threads;
  for (int i = 0; i < kWriters; ++i)
    threads.emplace_back([&, i] {
      auto store = Store::open(places, quick_limits());
      ASSERT_TRUE(store) << store.error().what;
      const auto outcome =
          store->apply(Changes().put({.kind = "note", .name = std::to_string(i), .fields = {}}), nullptr);
      EXPECT_TRUE(outcome) << outcome.error().what;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(Store::open(places, quick_limits())->records("note").size(), static_cast<std::size_t>(kWriters));
}

TEST_F(StoreTest, a_store_that_others_can_read_is_refused) {
  {
    const Store store = store_with_key_file();
  }
  chmod(places.store().c_str(), 0644);
  const auto store = Store::open(places, quick_limits());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, base::ErrorKind::refused);
}

TEST_F(StoreTest, a_store_of_a_later_version_is_named) {
  {
    const Store store = store_with_key_file();
  }
  std::string text = bytes();
  text[63] = 2;
  write(text);
  const auto store = Store::open(places, quick_limits());
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().what.find("format version 2"), std::string::npos);
  EXPECT_EQ(store.error().hint, "update kabuto");
}

TEST_F(StoreTest, backup_and_restore_bring_back_what_was_there) {
  const std::string copy = directory.path() + "/copy";
  Store store = store_with_key_file();
  add(store, "dev");
  ASSERT_TRUE(store.backup(copy));
  add(store, "later");
  const auto aside = Store::restore(places, copy, clock, quick_limits());
  ASSERT_TRUE(aside) << aside.error().what;
  ASSERT_TRUE(*aside);
  EXPECT_TRUE(std::filesystem::exists(**aside));
  const auto again = Store::open(places, quick_limits());
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_TRUE(again->key("dev"));
  EXPECT_FALSE(again->key("later"));
  EXPECT_EQ((*read_names(places))->keys.size(), 1U);
}

TEST_F(StoreTest, a_damaged_backup_is_refused_and_the_store_stays) {
  const std::string copy = directory.path() + "/copy";
  Store store = store_with_key_file();
  add(store, "dev");
  ASSERT_TRUE(store.backup(copy));
  std::filesystem::resize_file(copy, 5000);
  const auto outcome = Store::restore(places, copy, clock, quick_limits());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, base::ErrorKind::store_damaged);
  EXPECT_TRUE(Store::open(places, quick_limits())->key("dev"));
}

TEST_F(Names, the_index_follows_every_write_and_a_foreign_one_is_not_trusted) {
  EXPECT_FALSE(*read_names(places));
  Store store = store_with_key_file();
  add(store, "dev");
  auto index = read_names(places);
  ASSERT_TRUE(index && *index);
  EXPECT_EQ((*index)->store_id, store.id());
  ASSERT_NE((*index)->find("dev"), nullptr);
  EXPECT_EQ((*index)->find("dev")->access_key_id, "AKIAdev");
  // The store is written behind the index's back: its next reader notices.
  std::string old_index = *base::read_file(places.names(), 1 << 20).value();
  add(store, "prod");
  ASSERT_TRUE(base::write_file_atomically(places.names(), old_index));
  auto again = Store::open(places);
  EXPECT_NE((*read_names(places))->find("prod"), nullptr);
}

TEST_F(Names, a_damaged_index_is_made_anew) {
  Store store = store_with_key_file();
  add(store, "dev");
  ASSERT_TRUE(base::write_file_atomically(places.names(), std::string_view("kabuto names 1\nnonsense")));
  EXPECT_NE((*read_names(places))->find("dev"), nullptr);
}

TEST_F(StoreTest, the_session_key_is_kept_in_the_store_where_the_kernel_refuses) {
  Store store = store_with_key_file();
  const auto key = store.unlock(unlocker);
  const auto first = session_key_in_store(store, *key);
  ASSERT_TRUE(first) << first.error().what;
  auto again = Store::open(places, quick_limits());
  const auto second = session_key_in_store(*again, *key);
  ASSERT_TRUE(second);
  EXPECT_TRUE(first->equals(*second));
}

}  // namespace
}  // namespace secret
