#include "peers/settings_text.h"

#include "base/text.h"

#include <algorithm>

namespace peers {

std::string_view setting_at(const std::vector<TextSetting>& settings, const std::vector<std::string_view>& path) {
  for (const auto& setting : settings)
    if (std::ranges::equal(setting.path, path,
                           [](const auto& a, const auto& b) { return base::equals_ignoring_case(a, b); }))
      return setting.value;
  return {};
}

}  // namespace peers
