// A config and a credentials file of any bytes: no crash; every profile that is named is found, with the same answer
// before and after the index is built; errors and warnings name a line that the file has.
#include "aws/profile.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void look_through(const aws::Profiles& profiles, std::ptrdiff_t lines) {
  for (const auto name : profiles.names()) {
    check(profiles.contains(name));
    const auto profile = profiles.find(name);
    if (!profile) continue;  // include_profile to nowhere or in a circle
    check(profile->has_value());
    for (const aws::Setting& setting : (*profile)->settings()) {
      check(setting.line >= 1 && setting.line <= lines);
      const auto again = (*profile)->get(setting.key);
      check(again && again->value == setting.value && again->line == setting.line);
      check(!aws::holds_secret(setting.key) || setting.value.empty());
      (void)(*profile)->get(setting.key, "endpoint_url");
    }
  }
  for (const auto name : profiles.sso_session_names()) check(profiles.sso_session(name).has_value());
  for (const aws::Warning& warning : profiles.warnings()) check(warning.line >= 1 && warning.line <= lines);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::ptrdiff_t lines = std::ranges::count(text, '\n') + 1;
  for (const auto& [config, credentials] :
       {std::pair(text, std::string_view()), std::pair(std::string_view(), text), std::pair(text, text)}) {
    const auto profiles = aws::Profiles::of_texts(config, credentials, aws::Inherit::included_and_default);
    if (profiles)
      look_through(*profiles, lines);
    else
      check(profiles.error().what.find('\n') == std::string::npos);
  }
  return 0;
}
