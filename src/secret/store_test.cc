#include "secret/store.h"

#include "secret/database.h"
#include "secret/doubles_for_test.h"
#include "secret/names_index.h"
#include "secret/session_key.h"
#include "secret/store_rows.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace secret {
namespace {

constexpr const char* kSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

struct Fixture : ::testing::Test {
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

using StoreTest = Fixture;
using StoreDamage = Fixture;
using Slots = Fixture;
using Names = Fixture;

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

// Bar 10: a flip or a cut says damaged, or every record reads back exactly.
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

TEST_F(Slots, a_passphrase_opens_and_a_wrong_one_waits_longer_each_time) {
  asker.answers_ = {"right"};
  const auto store = Store::create(places, {.kind = SlotKind::passphrase, .key_file = {}}, unlocker);
  ASSERT_TRUE(store) << store.error().what;
  asker.answers_ = {"wrong", "wrong", "wrong"};
  std::vector<std::size_t> slept_when_asked;
  asker.asked_ = [&] { slept_when_asked.push_back(clock.slept.size()); };
  const auto refused = store->unlock(unlocker);
  asker.asked_ = [] {};
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, base::ErrorKind::store_locked);
  EXPECT_EQ(refused.error().what, "wrong passphrase, or the slot is damaged");
  ASSERT_EQ(clock.slept.size(), 2U);
  EXPECT_GT(clock.slept[1], clock.slept[0]);
  EXPECT_EQ(slept_when_asked, (std::vector<std::size_t>{0, 0, 1}));  // behind an answer, never before a question
  // The next process goes on where this one stopped.
  asker.answers_ = {"right"};
  EXPECT_TRUE(store->unlock(unlocker));
  ASSERT_EQ(clock.slept.size(), 3U);
  EXPECT_GT(clock.slept[2], clock.slept[1]);
  asker.answers_ = {"right"};
  EXPECT_TRUE(store->unlock(unlocker));
  EXPECT_EQ(clock.slept.size(), 3U);
}

TEST_F(Slots, a_changed_passphrase_replaces_the_old_one) {
  asker.answers_ = {"old", "old", "new"};
  auto store = Store::create(places, {.kind = SlotKind::passphrase, .key_file = {}}, unlocker);
  ASSERT_TRUE(store);
  {
    const auto key = store->unlock(unlocker);
    ASSERT_TRUE(key);
    ASSERT_TRUE(store->change_passphrase(*key, unlocker));
  }
  asker.answers_ = {"old", "new"};
  EXPECT_TRUE(store->unlock(unlocker));
  EXPECT_TRUE(asker.answers_.empty());
}

TEST_F(Slots, a_second_slot_opens_the_same_records_once_it_is_chosen) {
  Store store = store_with_key_file();
  add(store, "dev");
  const auto key = store.unlock(unlocker);
  asker.answers_ = {"phrase"};
  const auto id = store.add_slot(*key, {.kind = SlotKind::passphrase, .key_file = {}}, unlocker);
  ASSERT_TRUE(id) << id.error().what;
  EXPECT_FALSE(store.remove_slot(store.chosen_slot(), unlocker));
  ASSERT_TRUE(store.choose_slot(*id));
  ASSERT_TRUE(store.remove_slot(1, unlocker));
  asker.answers_ = {"phrase"};
  const auto opened = store.unlock(unlocker);
  ASSERT_TRUE(opened) << opened.error().what;
  EXPECT_EQ(text_of(*store.secret_access_key(*opened, "dev")), kSecret);
}

TEST_F(Slots, the_secret_service_slot_never_falls_back) {
  const auto store = Store::create(places, {.kind = SlotKind::secret_service, .key_file = {}}, unlocker);
  ASSERT_TRUE(store);
  EXPECT_TRUE(store->unlock(unlocker));
  service.items_.clear();
  const auto refused = store->unlock(unlocker);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("Secret Service"), std::string::npos);
}

TEST_F(Slots, a_key_file_that_others_can_read_is_refused) {
  const Store store = store_with_key_file();
  chmod(key_file().key_file.c_str(), 0640);
  const auto refused = store.unlock(unlocker);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, base::ErrorKind::refused);
}

TEST_F(Slots, another_key_file_does_not_open) {
  const Store store = store_with_key_file();
  std::ofstream(key_file().key_file) << std::string(64, 'a');
  const auto refused = store.unlock(unlocker);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, base::ErrorKind::store_locked);
}

// Bar 11 and V32: what the header asks for is judged before anything is allocated.
TEST_F(Slots, argon2_parameters_outside_the_limits_are_refused) {
  SlotHeader header{
      .id = 1, .kind = SlotKind::passphrase, .created = {}, .salt = std::string(32, 'a'), .cost = {}, .key_file = {}};
  for (const KdfCost cost :
       {KdfCost{.memory = 1ULL << 40, .passes = 3}, KdfCost{.memory = 64ULL << 20, .passes = 1},
        KdfCost{.memory = 8192, .passes = 3}, KdfCost{.memory = 64ULL << 20, .passes = 1ULL << 31}}) {
    header.cost = cost;
    const auto decoded = decode_slot(encode_slot(header), KdfLimits{});
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().kind, base::ErrorKind::store_damaged);
  }
  header.cost = {.memory = 64ULL << 20, .passes = 3};
  EXPECT_TRUE(decode_slot(encode_slot(header), KdfLimits{}));
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
