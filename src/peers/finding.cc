#include "peers/finding.h"

#include <algorithm>
#include <array>
#include <utility>

namespace peers {
namespace {

constexpr std::array<std::pair<Source, std::string_view>, 6> kNames = {{
    {Source::aws, "aws"},
    {Source::aws_mfa, "aws-mfa"},
    {Source::aws_vault, "aws-vault"},
    {Source::granted, "granted"},
    {Source::aws_sso, "aws-sso"},
    {Source::aws_cli, "aws-cli"},
}};

}  // namespace

std::string_view name_of(Source source) {
  const auto* const found = std::ranges::find(kNames, source, &std::pair<Source, std::string_view>::first);
  return found->second;
}

std::optional<Source> source_named(std::string_view name) {
  const auto* const found = std::ranges::find(kNames, name, &std::pair<Source, std::string_view>::second);
  if (found == kNames.end()) return std::nullopt;
  return found->first;
}

std::vector<std::string_view> source_names() {
  std::vector<std::string_view> out;
  out.reserve(kNames.size());
  for (const auto& [source, name] : kNames) out.push_back(name);
  return out;
}

}  // namespace peers
