// A part of a config file between two marking lines, which belongs to a program: read and replaced as a whole, every
// byte outside as it was. Pure; file_rewrite.h writes.
#pragma once

#include "aws/config_file.h"
#include "aws/file_text.h"
#include "base/result.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace aws {

/// "# BEGIN kabuto config sync NAME" and "# END kabuto config sync NAME".
struct MarkedBlock {
  std::size_t begin = 0;  // offset of the first marker's line
  std::size_t end = 0;    // behind the last marker's line
  std::string_view body;  // the lines between; a view into the file
};

/// nullopt where the file has none of that name. Errors (refused, naming the line): a marker without its fellow, the
/// same twice, one inside another, of any name; settings behind an end marker that no header of their own precedes.
base::Result<std::optional<MarkedBlock>> find_block(const ConfigFile& file, std::string_view name);

/// The file's text with that block's body replaced, at its place or at the end; an empty body takes the block away.
/// `body`: whole lines with LF, written with the file's own line ends. Errors: as find_block; refused, where the result
/// would not read as the parts did.
base::Result<FileText> with_block(const ConfigFile& file, std::string_view name, std::string_view body);

}  // namespace aws
