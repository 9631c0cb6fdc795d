// Replacing a user's long-term key so that at every moment the store holds a key that works. plan_rotation() decides
// from what the store and AWS say; apply_rotation() performs exactly that. A run that was cut short leaves a record,
// and the next plan goes on from it. It prints nothing and asks nobody: both come in as functions.
#pragma once

#include "aws/credentials.h"
#include "aws/iam.h"
#include "aws/sts.h"
#include "base/clock.h"
#include "base/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace credentials {

/// Recorded in the store before anything is created: what the next run needs to tell our own lost key from others.
struct RotationIntent {
  std::string old_key_id;
  std::vector<std::string> keys_before;  // every key the user had
  base::Instant started;                 // in AWS's time
};

/// A key id somewhere in the store. The candidate is a new key that is stored but not yet in use.
struct HeldKey {
  enum class Place : std::uint8_t { in_use, candidate };
  std::string profile;
  std::string access_key_id;
  Place place = Place::in_use;
};

/// What a rotation wants of the store. Each call is one atomic change, on disk when it returns.
class KeyVault {
 public:
  virtual ~KeyVault() = default;
  /// Every key id in the store; never unlocks.
  virtual base::Result<std::vector<HeldKey>> held() = 0;
  virtual base::Result<aws::Credentials> open(std::string_view profile, HeldKey::Place place) = 0;
  virtual base::Result<void> put(std::string_view profile, HeldKey::Place place, const aws::Credentials& key) = 0;
  virtual base::Result<std::optional<RotationIntent>> intent(std::string_view profile) = 0;
  virtual base::Result<void> record(std::string_view profile, const RotationIntent& intent) = 0;
  /// Drops the candidate, then the intent.
  virtual base::Result<void> forget(std::string_view profile) = 0;
};

/// What a rotation wants of AWS: the keys of one user, the one whose key signs.
class KeyService {
 public:
  virtual ~KeyService() = default;
  /// Whose key it is (GetCallerIdentity). Error unknown_key: AWS does not know it, or not yet.
  virtual base::Result<aws::CallerIdentity> identify(const aws::Credentials& key) = 0;
  /// From here on the calls below are signed by this key, or by its MFA session where the profile has a device.
  virtual base::Result<void> sign_in(const aws::Credentials& key, const std::string& user_name) = 0;
  virtual base::Result<std::vector<aws::AccessKey>> list() = 0;
  virtual base::Result<aws::Credentials> create() = 0;
  /// Error not_found: gone already.
  virtual base::Result<void> remove(const std::string& access_key_id) = 0;
  /// AWS's time.
  virtual base::Instant now() = 0;
};

enum class KeyState : std::uint8_t { works, unknown_to_aws };

/// All that a plan is made from.
struct RotationFacts {
  std::string profile;
  std::string user_arn;
  KeyState current_state = KeyState::works;
  std::optional<RotationIntent> intent;
  std::vector<HeldKey> held;
  std::vector<aws::AccessKey> keys;  // of the user, as AWS lists them
  base::Instant now;
};

enum class RotationStep : std::uint8_t {
  forget,          // the candidate and the intent of an earlier run
  delete_unknown,  // a key whose secret the store does not hold; asks first
  record,          // the intent
  create,          // the new key, and store it as the candidate
  verify,          // the candidate, waiting until AWS knows it
  commit,          // the candidate becomes the key in use
  delete_old,      // at AWS
};

std::string_view name_of(RotationStep step);

struct RotationAction {
  RotationStep step;
  std::string access_key_id;  // empty where the key does not exist yet
  std::string text;           // for people: what and why
};

struct RotationPlan {
  std::string profile;
  std::string user_arn;
  std::string old_key_id;
  std::vector<std::string> profiles;  // all that get the new key: those whose key in use is the old one
  std::vector<std::string> keys_now;
  std::vector<RotationAction> actions;
};

/// Reads the store and AWS; signs in. Errors: not_found (no sealed key), unknown_key, denied, refused (not a user's
/// key).
base::Result<RotationFacts> look_for_rotation(const std::string& profile, KeyVault& vault, KeyService& service);

/// Pure. Errors: refused (the key in the way belongs to another profile), failure (AWS does not list the key).
base::Result<RotationPlan> plan_rotation(const RotationFacts& facts);

struct RotationManners {
  /// Before a key is deleted whose secret we do not hold. False ends the rotation with `refused`.
  std::function<base::Result<bool>(const RotationAction&)> agree;
  std::function<void(const RotationAction&)> tell;
};

/// Performs the plan; returns the id of the key that is in use now. A failure in the middle says so and leaves all that
/// the next run needs.
base::Result<std::string> apply_rotation(const RotationPlan& plan, KeyVault& vault, KeyService& service,
                                         base::Clock& clock, const RotationManners& manners);

/// The user's name in an IAM user's ARN, empty for the account's root user; nullopt for roles and other callers.
std::optional<std::string> user_name_of(std::string_view arn);

}  // namespace credentials
