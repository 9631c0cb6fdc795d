// Rotation against a fake AWS and a fake store, cut short before and after every single call.
#include "credentials/rotation.h"

#include "aws/arn.h"
#include "base/fake_clock_for_test.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace credentials {
namespace {

using Place = HeldKey::Place;
using base::FakeClock;
using std::chrono::seconds;

constexpr auto kArn = "arn:aws:iam::111122223333:user/team/alice";

struct Killed {};

/// Counts the calls that leave the process; kills it before or after the chosen one takes effect.
struct Fate {
  int kill_at = -1;
  bool after = false;
  int calls = 0;

  template <class Effect>
  auto happen(Effect effect) {
    const int mine = calls++;
    if (mine == kill_at && !after) throw Killed{};
    auto result = effect();
    if (mine == kill_at) throw Killed{};
    return result;
  }
};

aws::Credentials key_named(const std::string& id) {
  aws::Credentials key;
  key.access_key_id = id;
  key.secret_access_key = secret::Bytes::copy_of("secret of " + id);
  return key;
}

class FakeVault final : public KeyVault {
 public:
  explicit FakeVault(Fate& fate) : fate_(fate) {}

  base::Result<std::vector<HeldKey>> held() override {
    std::vector<HeldKey> all;
    for (const auto& [where, key] : keys) all.push_back({where.first, key.access_key_id, where.second});
    return all;
  }
  base::Result<aws::Credentials> open(std::string_view profile, Place place) override {
    const auto found = keys.find({std::string(profile), place});
    if (found == keys.end()) return base::fail(base::ErrorKind::not_found, "no such key");
    return found->second.clone();
  }
  base::Result<void> put(std::string_view profile, Place place, const aws::Credentials& key) override {
    return fate_.happen([&]() -> base::Result<void> {
      if (full) return base::fail(base::ErrorKind::failure, "no space left on device");
      keys[{std::string(profile), place}] = key.clone();
      return {};
    });
  }
  base::Result<std::optional<RotationIntent>> intent(std::string_view profile) override {
    const auto found = intents.find(std::string(profile));
    if (found == intents.end()) return std::optional<RotationIntent>{};
    return std::optional(found->second);
  }
  base::Result<void> record(std::string_view profile, const RotationIntent& intent) override {
    return fate_.happen([&]() -> base::Result<void> {
      intents[std::string(profile)] = intent;
      return {};
    });
  }
  base::Result<void> forget(std::string_view profile) override {
    TRY(fate_.happen([&]() -> base::Result<void> {
      keys.erase({std::string(profile), Place::candidate});
      return {};
    }));
    return fate_.happen([&]() -> base::Result<void> {
      intents.erase(std::string(profile));
      return {};
    });
  }

  std::map<std::pair<std::string, Place>, aws::Credentials> keys;
  std::map<std::string, RotationIntent> intents;
  bool full = false;

 private:
  Fate& fate_;
};

class FakeService final : public KeyService {
 public:
  FakeService(Fate& fate, FakeClock& clock) : fate_(fate), clock_(clock) { keys.push_back(made("AKIAOLD")); }

  base::Result<aws::CallerIdentity> identify(const aws::Credentials& key) override {
    return fate_.happen([&]() -> base::Result<aws::CallerIdentity> {
      if (!works(key.access_key_id)) return base::fail(base::ErrorKind::unknown_key, "InvalidClientTokenId");
      if (key.access_key_id != "AKIAOLD" && unknown_for-- > 0)
        return base::fail(base::ErrorKind::unknown_key, "InvalidClientTokenId");
      return aws::CallerIdentity{"111122223333", arn, "AIDA"};
    });
  }
  base::Result<void> sign_in(const aws::Credentials& key, const std::string& user_name) override {
    EXPECT_TRUE(works(key.access_key_id));
    signed_in_as = user_name;
    return {};
  }
  base::Result<std::vector<aws::AccessKey>> list() override { return keys; }
  base::Result<aws::Credentials> create() override {
    return fate_.happen([&]() -> base::Result<aws::Credentials> {
      if (keys.size() >= 2) return base::fail(base::ErrorKind::failure, "LimitExceeded");
      keys.push_back(made("AKIANEW" + std::to_string(++created)));
      return key_named(keys.back().access_key_id);
    });
  }
  base::Result<void> remove(const std::string& id) override {
    return fate_.happen([&]() -> base::Result<void> {
      if (deny_remove) return base::fail(base::ErrorKind::denied, "AccessDenied");
      if (std::erase_if(keys, [&](const auto& key) { return key.access_key_id == id; }) == 0)
        return base::fail(base::ErrorKind::not_found, "NoSuchEntity");
      return {};
    });
  }
  base::Instant now() override { return clock_.now(); }

  bool works(const std::string& id) const {
    return std::ranges::any_of(
        keys, [&](const auto& key) { return key.access_key_id == id && key.status == aws::KeyStatus::active; });
  }
  aws::AccessKey made(const std::string& id) const { return {id, "alice", aws::KeyStatus::active, clock_.now()}; }

  std::vector<aws::AccessKey> keys;
  std::string arn = kArn;
  std::string signed_in_as;
  int unknown_for = 0;
  int created = 0;
  bool deny_remove = false;

 private:
  Fate& fate_;
  FakeClock& clock_;
};

struct World {
  Fate fate;
  FakeClock clock;
  FakeVault vault{fate};
  FakeService service{fate, clock};
  std::vector<std::string> asked;
  bool consent = true;
  int tries = 0;

  World() { vault.keys[{"dev", Place::in_use}] = key_named("AKIAOLD"); }

  base::Result<RotationPlan> look(const std::string& profile = "dev") {
    const auto facts = TRY(look_for_rotation(profile, vault, service));
    return plan_rotation(facts);
  }
  base::Result<std::string> rotate(const std::string& profile = "dev") {
    ++tries;
    const auto plan = TRY(look(profile));
    return apply_rotation(plan, vault, service, clock,
                          {[this](const RotationAction& action) -> base::Result<bool> {
                             asked.push_back(action.access_key_id);
                             return consent;
                           },
                           [](const RotationAction&) {}});
  }
  /// Runs until the process is killed or ends; whether it ended.
  bool run_with_fate(int kill_at, bool after) {
    fate = {kill_at, after, 0};
    try {
      (void)rotate();
    } catch (const Killed&) {
      fate = {};
      return false;
    }
    fate = {};
    return true;
  }
  std::string in_use(const std::string& profile = "dev") {
    return vault.keys.at({profile, Place::in_use}).access_key_id;
  }
  bool holds_a_working_key() { return service.works(in_use()); }
  bool is_clean() { return vault.intents.empty() && !vault.keys.contains({"dev", Place::candidate}); }
};

std::vector<RotationStep> steps_of(const RotationPlan& plan) {
  std::vector<RotationStep> steps;
  for (const auto& action : plan.actions) steps.push_back(action.step);
  return steps;
}

TEST(Rotation, replaces_the_key_and_deletes_the_old_one) {
  World world;
  const auto id = world.rotate();
  ASSERT_TRUE(id) << id.error().what;
  EXPECT_EQ(*id, "AKIANEW1");
  EXPECT_EQ(world.in_use(), "AKIANEW1");
  ASSERT_EQ(world.service.keys.size(), 1U);
  EXPECT_EQ(world.service.keys[0].access_key_id, "AKIANEW1");
  EXPECT_EQ(world.service.signed_in_as, "alice");
  EXPECT_TRUE(world.is_clean());
  EXPECT_TRUE(world.asked.empty());
}

TEST(Rotation, records_the_intent_before_anything_is_created) {
  World world;
  const auto plan = world.look();
  ASSERT_TRUE(plan);
  using enum RotationStep;
  EXPECT_EQ(steps_of(*plan), (std::vector{record, create, verify, commit, delete_old, forget}));
}

TEST(Rotation, killed_at_every_call_leaves_a_working_key_and_the_next_run_finishes) {
  for (const bool after : {false, true}) {
    for (int n = 0;; ++n) {
      SCOPED_TRACE("killed " + std::string(after ? "after" : "before") + " call " + std::to_string(n));
      World world;
      const bool ended = world.run_with_fate(n, after);
      ASSERT_TRUE(world.holds_a_working_key());
      const auto second = world.rotate();
      ASSERT_TRUE(second) << second.error().what;
      EXPECT_NE(world.in_use(), "AKIAOLD");
      EXPECT_TRUE(world.holds_a_working_key());
      EXPECT_EQ(world.service.keys.size(), 1U);
      EXPECT_TRUE(world.is_clean());
      if (ended) {
        EXPECT_GT(n, 7);
        break;
      }
    }
  }
}

TEST(Rotation, killed_twice_leaves_a_working_key_and_the_third_run_finishes) {
  for (int first = 0; first < 14; ++first) {
    for (int second = 0; second < 18; ++second) {
      for (const int sides : {0, 1, 2, 3}) {
        SCOPED_TRACE(std::to_string(first) + " " + std::to_string(second) + " " + std::to_string(sides));
        World world;
        (void)world.run_with_fate(first, (sides & 1) != 0);
        ASSERT_TRUE(world.holds_a_working_key());
        (void)world.run_with_fate(second, (sides & 2) != 0);
        ASSERT_TRUE(world.holds_a_working_key());
        const auto third = world.rotate();
        ASSERT_TRUE(third) << third.error().what;
        EXPECT_TRUE(world.holds_a_working_key());
        EXPECT_EQ(world.service.keys.size(), 1U);
        EXPECT_TRUE(world.is_clean());
      }
    }
  }
}

TEST(Rotation, a_key_whose_secret_was_lost_is_deleted_only_after_asking) {
  World world;
  world.vault.intents["dev"] = {"AKIAOLD", {"AKIAOLD"}, world.clock.now()};
  world.service.keys.push_back(world.service.made("AKIALOST"));
  world.consent = false;
  const auto refused = world.rotate();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, base::ErrorKind::refused);
  EXPECT_TRUE(world.service.works("AKIALOST"));
  EXPECT_TRUE(world.holds_a_working_key());
  EXPECT_FALSE(world.vault.intents.empty()) << "the next run could not tell whose key it is";
  world.consent = true;
  ASSERT_TRUE(world.rotate());
  EXPECT_EQ(world.asked, (std::vector<std::string>{"AKIALOST", "AKIALOST"}));
  EXPECT_FALSE(world.service.works("AKIALOST"));
}

TEST(Rotation, a_key_made_elsewhere_is_not_taken_for_a_lost_one) {
  World world;
  world.vault.intents["dev"] = {"AKIAOLD", {"AKIAOLD"}, world.clock.now() - seconds{3600}};
  world.service.keys.push_back(world.service.made("AKIAHAND"));
  const auto plan = world.look();
  ASSERT_TRUE(plan);
  const auto asks = std::ranges::find(plan->actions, RotationStep::delete_unknown, &RotationAction::step);
  ASSERT_NE(asks, plan->actions.end());
  EXPECT_NE(asks->text.find("made elsewhere"), std::string::npos);
}

TEST(Rotation, a_second_key_sealed_for_another_profile_is_never_deleted) {
  World world;
  world.service.keys.push_back(world.service.made("AKIAOTHER"));
  world.vault.keys[{"ops", Place::in_use}] = key_named("AKIAOTHER");
  const auto plan = world.look();
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().kind, base::ErrorKind::refused);
  EXPECT_NE(plan.error().what.find("ops"), std::string::npos);
}

TEST(Rotation, every_profile_that_shares_the_key_gets_the_new_one) {
  for (int n = 0; n < 14; ++n) {
    World world;
    world.vault.keys[{"twin", Place::in_use}] = key_named("AKIAOLD");
    (void)world.run_with_fate(n, true);
    EXPECT_TRUE(world.service.works(world.in_use("twin")));
    ASSERT_TRUE(world.rotate());
    EXPECT_TRUE(world.service.works(world.in_use("twin")));
    EXPECT_EQ(world.in_use("twin"), world.in_use("dev"));
  }
}

TEST(Rotation, waits_with_growing_pauses_for_a_key_that_aws_does_not_know_yet) {
  World world;
  world.service.unknown_for = 4;
  ASSERT_TRUE(world.rotate());
  using std::chrono::milliseconds;
  EXPECT_EQ(world.clock.slept, (std::vector<base::Duration>{milliseconds{500}, milliseconds{1000}, milliseconds{2000},
                                                            milliseconds{4000}}));
}

TEST(Rotation, gives_up_waiting_after_a_minute_and_the_next_run_goes_on_with_the_same_key) {
  World world;
  world.service.unknown_for = 1000;
  const auto id = world.rotate();
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().kind, base::ErrorKind::unknown_key);
  EXPECT_NE(id.error().hint.find("kabuto rotate dev"), std::string::npos);
  EXPECT_LE(world.clock.gone, seconds{60});
  EXPECT_EQ(world.in_use(), "AKIAOLD");
  world.service.unknown_for = 0;
  ASSERT_TRUE(world.rotate());
  EXPECT_EQ(world.in_use(), "AKIANEW1");
  EXPECT_EQ(world.service.created, 1);
}

TEST(Rotation, a_store_that_cannot_be_written_leaves_no_second_key) {
  World world;
  world.vault.full = true;
  ASSERT_FALSE(world.rotate());
  EXPECT_EQ(world.service.keys.size(), 1U);
  EXPECT_TRUE(world.holds_a_working_key());
}

TEST(Rotation, the_old_key_stays_where_it_may_not_be_deleted_and_the_new_one_is_in_use) {
  World world;
  world.service.deny_remove = true;
  const auto id = world.rotate();
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().kind, base::ErrorKind::denied);
  EXPECT_EQ(world.in_use(), "AKIANEW1");
  world.service.deny_remove = false;
  ASSERT_TRUE(world.rotate());
  EXPECT_EQ(world.service.keys.size(), 1U);
  EXPECT_EQ(world.service.created, 1);
}

TEST(Rotation, a_store_restored_from_the_middle_of_a_rotation_takes_the_key_that_works) {
  World world;
  world.vault.intents["dev"] = {"AKIAOLD", {"AKIAOLD"}, world.clock.now()};
  world.vault.keys[{"dev", Place::candidate}] = key_named("AKIANEW9");
  world.service.keys = {world.service.made("AKIANEW9")};
  const auto id = world.rotate();
  ASSERT_TRUE(id) << id.error().what;
  EXPECT_EQ(*id, "AKIANEW9");
  EXPECT_TRUE(world.is_clean());
}

TEST(Rotation, a_key_replaced_by_hand_makes_the_old_record_void) {
  World world;
  world.vault.intents["dev"] = {"AKIAANCIENT", {"AKIAANCIENT"}, world.clock.now() - seconds{86400}};
  world.vault.keys[{"dev", Place::candidate}] = key_named("AKIAGONE");
  ASSERT_TRUE(world.rotate());
  EXPECT_EQ(world.in_use(), "AKIANEW1");
  EXPECT_TRUE(world.is_clean());
}

TEST(Rotation, a_candidate_deleted_at_aws_is_dropped_and_a_new_key_made) {
  World world;
  world.vault.intents["dev"] = {"AKIAOLD", {"AKIAOLD"}, world.clock.now() - seconds{86400}};
  world.vault.keys[{"dev", Place::candidate}] = key_named("AKIAGONE");
  const auto id = world.rotate();
  ASSERT_TRUE(id) << id.error().what;
  EXPECT_EQ(*id, "AKIANEW1");
}

TEST(Rotation, a_sealed_key_that_aws_does_not_know_is_named) {
  World world;
  world.service.keys.clear();
  const auto id = world.rotate();
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().kind, base::ErrorKind::unknown_key);
  EXPECT_NE(id.error().hint.find("add --replace dev"), std::string::npos);
}

TEST(Rotation, a_new_key_of_another_user_is_refused) {
  World world;
  const auto plan = world.look();
  ASSERT_TRUE(plan);
  world.service.arn = "arn:aws:iam::111122223333:user/mallory";
  const auto id = apply_rotation(*plan, world.vault, world.service, world.clock,
                                 {[](const auto&) -> base::Result<bool> { return true; }, [](const auto&) {}});
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().kind, base::ErrorKind::refused);
  EXPECT_EQ(world.in_use(), "AKIAOLD");
}

TEST(Rotation, only_users_and_root_have_names) {
  EXPECT_EQ(user_name_of(kArn), "alice");
  EXPECT_EQ(user_name_of("arn:aws:iam::111122223333:root"), "");
  EXPECT_EQ(user_name_of("arn:aws:sts::111122223333:assumed-role/x/y"), std::nullopt);
  EXPECT_EQ(user_name_of("arn:aws:iam::111122223333:role/x"), std::nullopt);
}

}  // namespace
}  // namespace credentials
