#include "credentials/mfa_device.h"

#include "aws/iam.h"
#include "base/text.h"

#include <vector>

namespace credentials {

const std::string* profile_without_device(const Chain& chain) {
  const HopKind first = chain.hops.front().kind;
  if (first != HopKind::sealed_keys && first != HopKind::file_keys) return nullptr;
  const std::string* found = nullptr;
  for (const auto& hop : chain.hops) {
    if (!hop.mfa_serial.value.empty()) return nullptr;
    if (hop.kind == HopKind::assume_role && found == nullptr) found = &hop.profile;
  }
  return found;
}

std::optional<std::string> choose_device(const Errand& errand, const Chain& chain) {
  const Surroundings& around = errand.around;
  const bool can_ask = around.prompt.ready().has_value();
  if (!can_ask && !errand.request.mfa_code) return std::nullopt;
  const auto endpoint = aws::resolve_endpoint(
      aws::Service::iam, {around.environment, &errand.profiles, nullptr, {}, {}}, chain.hops.back().region.value);
  auto key = first_credentials(errand, chain.hops.front());
  if (!endpoint || !key) return std::nullopt;
  const auto devices = aws::Iam(errand.client(), *endpoint).list_mfa_devices(key->credentials, "");
  if (!devices || devices->empty()) return std::nullopt;
  if (devices->size() == 1) return devices->front().serial_number;
  if (!can_ask) return std::nullopt;
  std::vector<std::string> names;
  for (const auto& device : *devices) names.push_back(base::printable(device.serial_number));
  const auto chosen = around.prompt.choose("AWS refused without an MFA code. Which device shall give one", names, 0);
  if (!chosen) return std::nullopt;
  return (*devices)[*chosen].serial_number;
}

}  // namespace credentials
