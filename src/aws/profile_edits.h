// Which edits of which file a change of a profile takes. Pure; config_writer.h makes them.
#pragma once

#include "aws/config_file.h"
#include "aws/config_writer.h"

#include <string_view>
#include <vector>

namespace aws {

/// Whether this file itself gives the profile that key (with `sub_key`: a nested value of it).
bool gives(const ConfigFile& file, std::string_view profile, std::string_view key, std::string_view sub_key = {});

/// The section's new name, and every source_profile and include_profile that names it. Empty where the file knows
/// nothing of `from`. Errors: `to` has a section of its own in the file.
base::Result<std::vector<Edit>> rename_edits(const ConfigFile& file, std::string_view from, std::string_view to);

}  // namespace aws
