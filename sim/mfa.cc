// The acceptance window is the current 30 s step and one at either side.
#include "mfa.h"

#include "totp.h"

#include <algorithm>
#include <array>

namespace sim {
namespace {

constexpr std::array<std::int64_t, 3> kAcceptedSteps{0, -1, 1};

std::unexpected<AwsError> denied(std::string message) { return refuse(403, "AccessDenied", std::move(message)); }

}  // namespace

Checked<const MfaDevice*> check_mfa(World& world, const Caller& caller, const std::optional<std::string>& serial,
                                    const std::optional<std::string>& code) {
  const Checks& checks = world.checks;
  if (!serial && !code) return nullptr;
  if (!serial || !code) {
    if (!checks.on("mfa-pair")) return nullptr;
    return denied("MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.");
  }
  MfaDevice* device = nullptr;
  for (const auto& [arn, user] : world.state.users) {
    if (checks.on("mfa-device") && (caller.is_role() || user.get() != caller.user)) continue;
    const auto found = std::ranges::find(user->devices, *serial, &MfaDevice::arn);
    if (found != user->devices.end()) device = &*found;
  }
  if (device == nullptr)
    return denied(
        "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid "
        "and associated with this user.");
  if (use_code(world, *device, *code) == CodeUse::accepted) return device;
  return denied("MultiFactorAuthentication failed with invalid MFA one time pass code.");
}

CodeUse use_code(const World& world, MfaDevice& device, std::string_view code) {
  if (!world.checks.on("mfa")) return CodeUse::accepted;
  const std::int64_t now = totp_step(world.now());
  CodeUse use = CodeUse::wrong;
  for (const std::int64_t offset : kAcceptedSteps) {
    const std::int64_t step = now + offset;
    if (hotp(device.secret, step) != code) continue;
    use = CodeUse::used;
    if (world.checks.on("mfa-once") && device.used_steps.contains(step)) continue;
    device.used_steps.insert(step);
    return CodeUse::accepted;
  }
  return use;
}

CodeOffer offer_code(const World& world, const MfaDevice& device, CodeChoice choice) {
  const std::int64_t now = totp_step(world.now());
  for (const std::int64_t offset : kAcceptedSteps) {
    if (choice == CodeChoice::current && offset != 0) continue;
    if (!device.used_steps.contains(now + offset)) return {.code = hotp(device.secret, now + offset)};
  }
  const base::Instant next{std::chrono::seconds((now + 1) * kTotpStepSeconds)};
  return {.code = {}, .wait = next - world.now()};
}

}  // namespace sim
