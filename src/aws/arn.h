// Amazon Resource Names: taken apart, not judged.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace aws {

struct Arn {
  std::string partition;  // "aws"
  std::string service;    // "iam"
  std::string region;     // empty for global services
  std::string account;    // 12 digits, or empty
  std::string resource;   // "role/path/name"

  /// The last part of the resource: "name" of "role/path/name".
  std::string_view name() const;
};

/// nullopt unless it has six parts, "arn" first, none but region and account empty, and no control characters.
std::optional<Arn> parse_arn(std::string_view text);

}  // namespace aws
