// Partitions and regions, as AWS's partitions.json lists them (a test compares). A region becomes part of a host name:
// whatever is not plainly a region name is refused before any packet.
#pragma once

#include "base/result.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace aws {

struct Partition {
  std::string_view id;
  std::string_view dns_suffix;
  std::string_view dual_stack_suffix;
  std::string_view global_region;    // where its global services sign
  std::string_view region_prefixes;  // "us|eu|ap": what regionRegex allows before "-word-digits"
  std::span<const std::string_view> regions;
};

std::span<const Partition> partitions();
/// The partition that lists the region, else the one whose pattern it fits, else aws.
const Partition& partition_of_region(std::string_view region);
/// By id, as in an ARN's second field.
std::optional<Partition> partition_by_id(std::string_view id);

/// Refuses all but 1 to 63 of a-z 0-9 -, with no '-' at either end. `origin` names who gave it, for the error.
base::Result<void> check_region(std::string_view region, std::string_view origin);

}  // namespace aws
