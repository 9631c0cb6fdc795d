// ~/.aws/roles: what is read can be written in the same shape and is read again as the same; nothing of it spans lines.
#include "names/roles_file.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

/// In quotes that the value does not hold; empty where no quotes can hold it.
std::string quoted(const std::string& value) {
  const char quote = value.find('"') == std::string::npos ? '"' : '\'';
  if (value.find(quote) != std::string::npos || value.find('\\') != std::string::npos) return {};
  return quote + value + quote;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto roles = names::parse_roles(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!roles) {
    if (!roles.error().what.starts_with("line ") || roles.error().what.find('\n') != std::string::npos) std::abort();
    return 0;
  }
  std::string text;
  for (const auto& role : *roles) {
    for (const auto* part : {&role.name, &role.role_arn, &role.mfa_serial})
      if (part->find('\n') != std::string::npos) std::abort();
    const std::string name = quoted(role.name);
    const std::string arn = quoted(role.role_arn);
    const std::string mfa = quoted(role.mfa_serial);
    if (name.empty() || arn.empty() || mfa.empty()) return 0;
    text += name + ":\n  role: " + arn + "\n  mfa: " + mfa + "\n";
  }
  const auto again = names::parse_roles(text);
  if (!again || again->size() != roles->size()) std::abort();
  for (std::size_t i = 0; i < roles->size(); ++i) {
    const auto& a = (*roles)[i];
    const auto& b = (*again)[i];
    if (a.name != b.name || a.role_arn != b.role_arn || a.mfa_serial != b.mfa_serial) std::abort();
  }
  return 0;
}
