// What one of AWS's files says, apart from how it says it: for those who change a file and may not change its meaning.
// It holds secret values as views of the file, and lives no longer.
#pragma once

#include "aws/config_file.h"

#include <map>
#include <string>
#include <tuple>

namespace aws {

/// The last value of each key (lower case) of each section, by prefix, name and key.
using Meaning = std::map<std::tuple<std::string, std::string, std::string>, Property>;

Meaning meaning_of(const ConfigFile& file);
bool same_meaning(const Meaning& a, const Meaning& b);

}  // namespace aws
