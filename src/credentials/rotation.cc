#include "credentials/rotation.h"

#include "aws/arn.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace credentials {
namespace {

using base::ErrorKind;
using Place = HeldKey::Place;

// AWS gives a user two access keys at most.
constexpr std::size_t kMostKeys = 2;
// A new key is known everywhere within seconds; a run that gives up leaves the candidate for the next one.
constexpr base::Duration kFirstPause{500};
constexpr base::Duration kLongestPause{8'000};
constexpr base::Duration kPatience{60'000};
// A key made by a run that was cut short was created within the time one call may take after the intent.
constexpr base::Duration kSlackBefore{60'000};
constexpr base::Duration kSlackAfter{5 * 60'000};
// AWS may leave a key out of the list for a while after creating it; past this, a missing key was deleted.
constexpr base::Duration kListingDelay{15 * 60'000};

std::optional<std::string> held_id(const std::vector<HeldKey>& held, std::string_view profile, Place place) {
  for (const auto& key : held)
    if (key.profile == profile && key.place == place) return key.access_key_id;
  return std::nullopt;
}

std::vector<std::string> profiles_using(const std::vector<HeldKey>& held, std::string_view id) {
  std::vector<std::string> profiles;
  for (const auto& key : held)
    if (key.place == Place::in_use && key.access_key_id == id) profiles.push_back(key.profile);
  return profiles;
}

bool lists(const std::vector<std::string>& ids, std::string_view id) { return std::ranges::find(ids, id) != ids.end(); }

bool lists(const std::vector<aws::AccessKey>& keys, std::string_view id) {
  return std::ranges::find(keys, id, &aws::AccessKey::access_key_id) != keys.end();
}

bool made_by_lost_run(const aws::AccessKey& key, const RotationIntent& intent) {
  if (lists(intent.keys_before, key.access_key_id) || !key.created) return false;
  return *key.created >= intent.started - kSlackBefore && *key.created <= intent.started + kSlackAfter;
}

class Planner {
 public:
  explicit Planner(const RotationFacts& facts) : facts_(facts) {
    plan_.profile = facts.profile;
    plan_.user_arn = facts.user_arn;
    for (const auto& key : facts.keys) plan_.keys_now.push_back(key.access_key_id);
  }

  base::Result<RotationPlan> make() {
    const auto current = held_id(facts_.held, facts_.profile, Place::in_use);
    const auto candidate = held_id(facts_.held, facts_.profile, Place::candidate);
    assert(current.has_value());
    plan_.old_key_id = facts_.intent ? facts_.intent->old_key_id : *current;
    if (facts_.intent && candidate) {
      if (*current == *candidate) return finish(*candidate);
      if (*current == facts_.intent->old_key_id && is_alive(*candidate)) return resume(*candidate);
    }
    if (facts_.current_state == KeyState::unknown_to_aws)
      return base::fail(ErrorKind::unknown_key,
                        "AWS does not know the sealed key " + *current + " of " + facts_.profile,
                        "run kabuto add --replace " + facts_.profile);
    plan_.old_key_id = *current;
    // The record goes last: it is what tells a lost key from one made elsewhere, should its deletion be refused.
    TRY(make_room(*current));
    if (facts_.intent || candidate)
      add(RotationStep::forget, candidate.value_or(""), "drop the record of an earlier run");
    return replace(*current);
  }

 private:
  void add(RotationStep step, std::string id, std::string text) {
    plan_.actions.push_back({step, std::move(id), std::move(text)});
  }

  bool is_alive(const std::string& candidate) const {
    if (facts_.current_state == KeyState::unknown_to_aws) return true;  // the candidate is all there is
    if (facts_.now - facts_.intent->started < kListingDelay) return true;
    return lists(facts_.keys, candidate);
  }

  void add_end() {
    const auto& old = plan_.old_key_id;
    add(RotationStep::delete_old, old, "delete the old key " + old + " at AWS");
    add(RotationStep::forget, "", "drop the record of this rotation");
  }

  void add_commit(const std::string& candidate) {
    plan_.profiles = profiles_using(facts_.held, plan_.old_key_id);
    // The rotated profile comes last: until its own key has changed, the next run commits again.
    std::ranges::stable_partition(plan_.profiles, [&](const auto& name) { return name != facts_.profile; });
    if (plan_.profiles.empty()) return;
    add(RotationStep::commit, candidate,
        "seal the new key in place of the old one for " + base::join(plan_.profiles, ", "));
  }

  RotationPlan finish(const std::string& candidate) {
    add_commit(candidate);
    add_end();
    return std::move(plan_);
  }

  RotationPlan resume(const std::string& candidate) {
    add(RotationStep::verify, candidate, "verify " + candidate + ", made by a run that was cut short");
    add_commit(candidate);
    add_end();
    return std::move(plan_);
  }

  RotationPlan replace(const std::string& current) {
    add(RotationStep::record, current, "record the intent in the store");
    add(RotationStep::create, "", "make a new key for " + facts_.user_arn + " and store it beside the old one");
    add(RotationStep::verify, "", "verify the new key, waiting until AWS knows it");
    add_commit("");
    add_end();
    return std::move(plan_);
  }

  /// A third key is not possible, so one that is not ours to use has to go, if its owner agrees.
  base::Result<void> make_room(const std::string& current) {
    if (!lists(facts_.keys, current))
      return base::fail(ErrorKind::failure,
                        "AWS does not list the sealed key " + current + " among the keys of " + facts_.user_arn,
                        "run kabuto rotate " + facts_.profile + " in a minute");
    for (const auto& key : facts_.keys) {
      if (key.access_key_id == current) continue;
      const bool lost = facts_.intent && made_by_lost_run(key, *facts_.intent);
      if (!lost && facts_.keys.size() < kMostKeys) continue;
      for (const auto& other : facts_.held)
        if (other.access_key_id == key.access_key_id && other.profile != facts_.profile)
          return base::fail(ErrorKind::refused,
                            facts_.user_arn + " has two keys, and the other one, " + key.access_key_id +
                                ", is sealed for the profile " + other.profile,
                            "run kabuto remove " + other.profile + " and delete that key at AWS");
      const std::string made = key.created ? ", created " + base::iso8601(*key.created) : "";
      const std::string state = key.status == aws::KeyStatus::inactive ? ", inactive" : "";
      add(RotationStep::delete_unknown, key.access_key_id,
          lost ? "delete " + key.access_key_id + made + " by a rotation that was cut short: its secret is lost"
               : "delete " + key.access_key_id + made + state +
                     ": a user has two keys at most, and this one, made elsewhere, is in the way");
    }
    return {};
  }

  const RotationFacts& facts_;
  RotationPlan plan_;
};

class Rotation {
 public:
  Rotation(const RotationPlan& plan, KeyVault& vault, KeyService& service, base::Clock& clock,
           const RotationManners& manners)
      : plan_(plan), vault_(vault), service_(service), clock_(clock), manners_(manners) {}

  base::Result<std::string> perform() {
    for (const auto& action : plan_.actions) {
      manners_.tell(action);
      if (auto done = perform(action); !done) return std::unexpected(explained(std::move(done).error(), action));
    }
    const auto held = TRY(vault_.held());
    return held_id(held, plan_.profile, Place::in_use).value_or("");
  }

 private:
  base::Result<void> perform(const RotationAction& action) {
    switch (action.step) {
      case RotationStep::forget:
        return vault_.forget(plan_.profile);
      case RotationStep::delete_unknown:
        return delete_unknown(action);
      case RotationStep::record:
        return vault_.record(plan_.profile, {plan_.old_key_id, plan_.keys_now, service_.now()});
      case RotationStep::create:
        return create();
      case RotationStep::verify:
        return verify();
      case RotationStep::commit:
        return commit();
      case RotationStep::delete_old:
        return delete_old();
    }
    return {};
  }

  base::Result<void> delete_unknown(const RotationAction& action) {
    const bool agreed = TRY(manners_.agree(action));
    if (!agreed)
      return base::fail(ErrorKind::refused,
                        "the key " + action.access_key_id + " stays, so there is no room for a new one");
    return remove(action.access_key_id);
  }

  base::Result<void> create() {
    const aws::Credentials key = TRY(service_.create());
    // From AWS's reply to this line the secret exists in this process alone.
    if (auto stored = vault_.put(plan_.profile, Place::candidate, key); !stored) {
      // What cannot be kept must not stay behind as a second key; a failure here is met by the next run.
      (void)service_.remove(key.access_key_id);
      return stored;
    }
    return {};
  }

  /// What the store gives back is verified, not what AWS sent: so it is known to be readable too.
  base::Result<void> verify() {
    const aws::Credentials key = TRY(vault_.open(plan_.profile, Place::candidate));
    const auto deadline = clock_.monotonic() + kPatience;
    for (auto pause = kFirstPause;; pause = std::min(pause * 2, kLongestPause)) {
      auto caller = service_.identify(key);
      if (caller) {
        if (caller->arn == plan_.user_arn) return {};
        return base::fail(ErrorKind::refused, "the new key belongs to " + base::printable(caller->arn) + ", not to " +
                                                  base::printable(plan_.user_arn));
      }
      if (caller.error().kind != ErrorKind::unknown_key) return std::unexpected(std::move(caller).error());
      if (clock_.monotonic() + pause > deadline)
        return base::fail(ErrorKind::unknown_key, "AWS still does not know the new key " + key.access_key_id +
                                                      " after " + base::human_duration(kPatience));
      clock_.sleep(pause);
    }
  }

  base::Result<void> commit() {
    const aws::Credentials key = TRY(vault_.open(plan_.profile, Place::candidate));
    for (const auto& profile : plan_.profiles) TRY(vault_.put(profile, Place::in_use, key));
    return {};
  }

  /// The one step that cannot be taken back: it looks at the store once more.
  base::Result<void> delete_old() {
    const aws::Credentials current = TRY(vault_.open(plan_.profile, Place::in_use));
    const aws::Credentials candidate = TRY(vault_.open(plan_.profile, Place::candidate));
    if (current.access_key_id != candidate.access_key_id || current.access_key_id == plan_.old_key_id ||
        !current.secret_access_key.equals(candidate.secret_access_key))
      return base::fail(ErrorKind::failure, "the store does not give back the new key; the old one is kept");
    const auto held = TRY(vault_.held());
    if (const auto users = profiles_using(held, plan_.old_key_id); !users.empty())
      return base::fail(ErrorKind::refused, "the old key is still in use for the profile " + users.front());
    return remove(plan_.old_key_id);
  }

  base::Result<void> remove(const std::string& id) {
    auto removed = service_.remove(id);
    if (!removed && removed.error().kind == ErrorKind::not_found) return {};
    return removed;
  }

  base::Error explained(base::Error error, const RotationAction& action) const {
    if (error.hint.empty())
      error.hint = "run kabuto rotate " + plan_.profile + " again; it goes on where this run stopped";
    return base::with_context(std::move(error),
                              "rotate " + plan_.profile + ", step " + std::string(name_of(action.step)));
  }

  const RotationPlan& plan_;
  KeyVault& vault_;
  KeyService& service_;
  base::Clock& clock_;
  const RotationManners& manners_;
};

}  // namespace

std::string_view name_of(RotationStep step) {
  switch (step) {
    case RotationStep::forget:
      return "forget";
    case RotationStep::delete_unknown:
      return "delete-unknown";
    case RotationStep::record:
      return "record";
    case RotationStep::create:
      return "create";
    case RotationStep::verify:
      return "verify";
    case RotationStep::commit:
      return "commit";
    case RotationStep::delete_old:
      return "delete-old";
  }
  return "";
}

std::optional<std::string> user_name_of(std::string_view text) {
  const auto arn = aws::parse_arn(text);
  if (!arn || arn->service != "iam") return std::nullopt;
  if (arn->resource == "root") return "";
  if (!arn->resource.starts_with("user/")) return std::nullopt;
  return std::string(arn->name());
}

base::Result<RotationFacts> look_for_rotation(const std::string& profile, KeyVault& vault, KeyService& service) {
  RotationFacts facts;
  facts.profile = profile;
  facts.held = TRY(vault.held());
  if (!held_id(facts.held, profile, Place::in_use))
    return base::fail(ErrorKind::not_found, "no sealed key for the profile " + base::printable(profile, 80),
                      "run kabuto list");
  facts.intent = TRY(vault.intent(profile));
  aws::Credentials key = TRY(vault.open(profile, Place::in_use));
  auto caller = service.identify(key);
  // A store restored from a backup may hold an old key that AWS has deleted, and beside it the one that works.
  if (!caller && caller.error().kind == ErrorKind::unknown_key && held_id(facts.held, profile, Place::candidate)) {
    facts.current_state = KeyState::unknown_to_aws;
    key = TRY(vault.open(profile, Place::candidate));
    caller = service.identify(key);
  }
  if (!caller && caller.error().kind == ErrorKind::unknown_key)
    return base::fail(ErrorKind::unknown_key,
                      "AWS does not know the sealed key " + key.access_key_id + " of " + profile,
                      "run kabuto add --replace " + profile);
  if (!caller) return std::unexpected(base::with_context(std::move(caller).error(), "whose key is it"));
  const auto user = user_name_of(caller->arn);
  if (!user)
    return base::fail(ErrorKind::refused, "the sealed key of " + profile + " belongs to " +
                                              base::printable(caller->arn) + ", not to an IAM user");
  facts.user_arn = caller->arn;
  TRY(service.sign_in(key, *user));
  facts.keys = TRY(service.list());
  facts.now = service.now();
  return facts;
}

base::Result<RotationPlan> plan_rotation(const RotationFacts& facts) { return Planner(facts).make(); }

base::Result<std::string> apply_rotation(const RotationPlan& plan, KeyVault& vault, KeyService& service,
                                         base::Clock& clock, const RotationManners& manners) {
  return Rotation(plan, vault, service, clock, manners).perform();
}

}  // namespace credentials
