#include "secret/store_for_test.h"

#include <gtest/gtest.h>

namespace secret {
namespace {

struct TpmSlot : StoreFixture {
  Store store_with(Pin pin) {
    auto store = Store::create(places, {.kind = SlotKind::tpm2, .key_file = {}, .pin = pin}, unlocker);
    EXPECT_TRUE(store) << store.error().what;
    return std::move(*store);
  }
  static SlotHeader header() {
    SlotHeader out;
    out.id = 1;
    out.kind = SlotKind::tpm2;
    out.tpm = {Pin::asked, std::string(68, 'a'), "0b", "0c"};
    return out;
  }
};

TEST_F(TpmSlot, without_a_pin_nobody_is_asked) {
  const Store store = store_with(Pin::none);
  EXPECT_FALSE(needs_person(store.slots().front()));
  asker.asked_ = [] { FAIL() << "asked"; };
  EXPECT_TRUE(store.unlock(unlocker));
}

TEST_F(TpmSlot, a_wrong_pin_is_asked_again_and_not_once_the_tpm_is_locked_out) {
  asker.answers_ = {"right"};
  const Store store = store_with(Pin::asked);
  EXPECT_TRUE(needs_person(store.slots().front()));
  asker.answers_ = {"wrong", "right"};
  EXPECT_TRUE(store.unlock(unlocker));
  tpm.tries_ = 1;
  asker.answers_ = {"wrong", "right"};
  const auto refused = store.unlock(unlocker);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, base::ErrorKind::refused);
  EXPECT_EQ(asker.answers_.size(), 1U);  // the second question was not put
}

TEST_F(TpmSlot, another_tpm_is_said_before_the_pin_is_asked) {
  asker.answers_ = {"right"};
  const Store store = store_with(Pin::asked);
  tpm.id_ = std::string(68, '1');
  asker.asked_ = [] { FAIL() << "asked"; };
  const auto refused = store.unlock(unlocker);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, base::ErrorKind::store_damaged);
}

TEST_F(TpmSlot, a_changed_pin_replaces_the_old_one) {
  asker.answers_ = {"old", "old", "new"};
  Store store = store_with(Pin::asked);
  const auto key = store.unlock(unlocker);
  ASSERT_TRUE(key);
  ASSERT_TRUE(store.change_passphrase(*key, unlocker));
  asker.answers_ = {"old", "new"};
  EXPECT_TRUE(store.unlock(unlocker));
  EXPECT_TRUE(asker.answers_.empty());
}

TEST_F(TpmSlot, its_header_is_taken_only_as_it_was_written_and_within_its_limits) {
  EXPECT_TRUE(decode_slot(encode_slot(header()), quick_limits()));
  auto wrong = header();
  wrong.tpm.primary = "00";
  EXPECT_FALSE(decode_slot(encode_slot(wrong), quick_limits()));
  wrong = header();
  wrong.tpm.private_part = std::string(1026, '0');
  EXPECT_FALSE(decode_slot(encode_slot(wrong), quick_limits()));
  wrong = header();
  wrong.tpm.public_part = "no hex";
  EXPECT_FALSE(decode_slot(encode_slot(wrong), quick_limits()));
}

TEST_F(TpmSlot, a_format_of_the_future_is_named) {
  std::string text = encode_slot(header());
  text.replace(text.find("format=1"), 8, "format=2");
  const auto refused = decode_slot(text, quick_limits());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("format 2"), std::string::npos);
}

}  // namespace
}  // namespace secret
