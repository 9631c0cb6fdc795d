#include "aws/profile_edits.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace aws {
namespace {

constexpr std::array<std::string_view, 2> kReferences = {"source_profile", "include_profile"};

}  // namespace

bool gives(const ConfigFile& file, std::string_view profile, std::string_view key, std::string_view sub_key) {
  for (const Section* section : file.sections(SectionKind::profile, profile)) {
    for (const Property& property : file.properties(*section)) {
      if (!base::equals_ignoring_case(property.key, key)) continue;
      if (sub_key.empty()) return true;
      for (const std::string_view line : property.continuations)
        if (property.value.empty() && base::equals_ignoring_case(take_apart(line).key, sub_key)) return true;
    }
  }
  return false;
}

base::Result<std::vector<Edit>> rename_edits(const ConfigFile& file, std::string_view from, std::string_view to) {
  if (!file.sections(SectionKind::profile, to).empty())
    return base::fail(base::ErrorKind::failure,
                      fmt::format("there is a profile {} in {} already", base::printable(to), file.path()),
                      "choose another name");
  std::vector<Edit> out;
  const auto name_of = [&](std::string_view name) { return SectionName::of_profile(name, file.kind()); };
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const Section& section : file.sections()) {
    if (section.kind != SectionKind::profile || !file.counts(section)) continue;
    for (const Property& property : file.properties(section)) {
      const auto known = std::ranges::find_if(
          kReferences, [&](std::string_view key) { return base::equals_ignoring_case(key, property.key); });
      if (known == kReferences.end() || property.value != from || !property.continuations.empty()) continue;
      if (!seen.emplace(section.name, *known).second) continue;
      out.push_back({.action = Edit::Action::set,
                     .section = name_of(section.name),
                     .key = std::string(*known),
                     .value = std::string(to)});
    }
  }
  if (!file.sections(SectionKind::profile, from).empty())
    out.push_back({.action = Edit::Action::rename_section, .section = name_of(from), .new_section = name_of(to)});
  return out;
}

}  // namespace aws
