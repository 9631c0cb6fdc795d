// Configuration files of other tools as a flat list of settings: TOML (granted) and YAML (aws-sso-cli). What is not
// read, is said to be not read; nothing is guessed. They hold no secrets.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace peers {

struct TextSetting {
  std::vector<std::string> path;  // the tables or mappings that it stands in, its own key last
  std::string value;
  unsigned line = 0;
};

/// Tables, and keys whose value is a text on one line; other values on one line are passed over. failure, with the
/// line, for a text or a list over several lines, a list of tables, and what is no TOML.
base::Result<std::vector<TextSetting>> read_toml(std::string_view text);

/// Mappings and their scalars; what stands in a sequence is passed over. By libyaml, loaded here. failure, with the
/// line, for aliases and what is no YAML.
base::Result<std::vector<TextSetting>> read_yaml(std::string_view text);

/// The value at that path, names compared without regard to case, as both tools read them; "" where there is none.
std::string_view setting_at(const std::vector<TextSetting>& settings, const std::vector<std::string_view>& path);

}  // namespace peers
