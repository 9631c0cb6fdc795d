// The names of the temporary files through which a file is written whole: what a killed writer leaves is known by them.
#pragma once

#include <string>
#include <string_view>

namespace base {

/// A name beside `target` that nobody else has.
std::string temporary_name(std::string_view target);

/// Whether a file's name (without its folder) is such a name, of `target` or, where that is empty, of any file.
bool is_temporary_name(std::string_view name, std::string_view target = {});

/// Whether the regular file at `path` is so old (a minute) that its writer has been killed; false where it is gone.
bool is_abandoned(const std::string& path);

}  // namespace base
