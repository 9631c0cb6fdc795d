#include "secret/slot.h"

#include "secret/store_for_test.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace secret {
namespace {

using Slots = StoreFixture;

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

}  // namespace
}  // namespace secret
