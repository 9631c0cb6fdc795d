#include "aws/partition.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace aws {
namespace {

using std::string_view;

constexpr std::size_t kLongestRegion = 63;  // one label of a host name

constexpr std::array<string_view, 35> kAws = {
    "af-south-1",     "ap-east-1",      "ap-east-2",      "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
    "ap-south-1",     "ap-south-2",     "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4",
    "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "aws-global",     "ca-central-1",   "ca-west-1",
    "eu-central-1",   "eu-central-2",   "eu-north-1",     "eu-south-1",     "eu-south-2",     "eu-west-1",
    "eu-west-2",      "eu-west-3",      "il-central-1",   "me-central-1",   "me-south-1",     "mx-central-1",
    "sa-east-1",      "us-east-1",      "us-east-2",      "us-west-1",      "us-west-2"};
constexpr std::array<string_view, 3> kChina = {"aws-cn-global", "cn-north-1", "cn-northwest-1"};
constexpr std::array<string_view, 1> kEurope = {"eusc-de-east-1"};
constexpr std::array<string_view, 3> kIso = {"aws-iso-global", "us-iso-east-1", "us-iso-west-1"};
constexpr std::array<string_view, 3> kIsoB = {"aws-iso-b-global", "us-isob-east-1", "us-isob-west-1"};
constexpr std::array<string_view, 2> kIsoE = {"aws-iso-e-global", "eu-isoe-west-1"};
constexpr std::array<string_view, 3> kIsoF = {"aws-iso-f-global", "us-isof-east-1", "us-isof-south-1"};
constexpr std::array<string_view, 3> kGov = {"aws-us-gov-global", "us-gov-east-1", "us-gov-west-1"};

constexpr std::array<Partition, 8> kPartitions = {{
    {"aws", "amazonaws.com", "api.aws", "us-east-1", "us|eu|ap|sa|ca|me|af|il|mx", kAws},
    {"aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "cn-northwest-1", "cn", kChina},
    {"aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu", "eusc-de-east-1", "eusc-de", kEurope},
    {"aws-iso", "c2s.ic.gov", "api.aws.ic.gov", "us-iso-east-1", "us-iso", kIso},
    {"aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud", "us-isob-east-1", "us-isob", kIsoB},
    {"aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "eu-isoe-west-1", "eu-isoe", kIsoE},
    {"aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov", "us-isof-south-1", "us-isof", kIsoF},
    {"aws-us-gov", "amazonaws.com", "api.aws", "us-gov-west-1", "us-gov", kGov},
}};

bool digit(char c) { return c >= '0' && c <= '9'; }
bool word(char c) { return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// prefix-\w+-\d+ for one of the partition's prefixes.
bool fits_pattern(const Partition& partition, string_view region) {
  for (const string_view prefix : base::split(partition.region_prefixes, '|')) {
    if (!region.starts_with(prefix) || region.size() <= prefix.size() || region[prefix.size()] != '-') continue;
    const string_view rest = region.substr(prefix.size() + 1);
    const auto dash = rest.find('-');
    if (dash == string_view::npos || dash == 0 || dash + 1 == rest.size()) continue;
    if (std::ranges::all_of(rest.substr(0, dash), word) && std::ranges::all_of(rest.substr(dash + 1), digit))
      return true;
  }
  return false;
}

}  // namespace

std::span<const Partition> partitions() { return kPartitions; }

const Partition& partition_of_region(std::string_view region) {
  for (const Partition& partition : kPartitions)
    if (std::ranges::find(partition.regions, region) != partition.regions.end()) return partition;
  for (const Partition& partition : kPartitions)
    if (fits_pattern(partition, region)) return partition;
  return kPartitions[0];
}

std::optional<Partition> partition_by_id(std::string_view id) {
  const auto found = std::ranges::find(kPartitions, id, &Partition::id);
  if (found == kPartitions.end()) return std::nullopt;
  return *found;
}

base::Result<void> check_region(std::string_view region, std::string_view origin) {
  const bool allowed =
      std::ranges::all_of(region, [](char c) { return digit(c) || (c >= 'a' && c <= 'z') || c == '-'; });
  if (!allowed || region.empty() || region.size() > kLongestRegion || region.front() == '-' || region.back() == '-')
    return base::fail(base::ErrorKind::refused,
                      fmt::format("'{}' is not a region ({})", base::printable(region, 80), base::printable(origin)),
                      "give a region such as eu-west-1");
  return {};
}

}  // namespace aws
