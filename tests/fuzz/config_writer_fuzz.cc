// Any file, any edit: the edit is refused, or the key reads back as given and every other key says what it said. Then
// the same edit once more changes nothing.
#include "aws/config_writer.h"
#include "aws/profile.h"
#include "base/text.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

/// The text up to the next 0xFF byte, which UTF-8 never has.
std::string_view take(std::string_view& rest) {
  const auto end = rest.find('\xFF');
  const auto out = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return out;
}

using Values = std::map<std::string, std::map<std::string, std::string>>;

Values values_of(std::string_view text, aws::FileKind kind) {
  const bool config = kind == aws::FileKind::config;
  const auto profiles = aws::Profiles::of_texts(config ? text : "", config ? "" : text);
  check(profiles.has_value());
  Values out;
  for (const auto name : profiles->names()) {
    const auto profile = profiles->find(name);
    if (!profile) continue;
    auto& keys = out[std::string(name)];
    for (const aws::Setting& setting : (*profile)->settings()) {
      const auto value = (*profile)->secret(setting.key);
      keys[base::lower_ascii(setting.key)] =
          value ? value->reveal_text([](std::string_view v) { return std::string(v); }) : std::string();
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const auto kind = (data[0] & 1) != 0 ? aws::FileKind::config : aws::FileKind::credentials;
  std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::string_view name = take(rest);
  const std::string key(take(rest));
  const std::string sub_key((data[0] & 2) != 0 ? take(rest) : std::string_view());
  const std::string value(take(rest));
  const std::string_view text = rest;
  aws::Edit edit{.action = (data[0] & 4) != 0 ? aws::Edit::Action::unset : aws::Edit::Action::set,
                 .section = aws::SectionName::of_profile(name, kind),
                 .key = key,
                 .sub_key = sub_key,
                 .value = value};
  const auto once = aws::edited(text, kind, std::span(&edit, 1));
  if (!once) {
    check(once.error().what.find('\n') == std::string::npos);
    return 0;
  }
  const auto twice = aws::edited(once->view(), kind, std::span(&edit, 1));
  check(twice.has_value() && twice->view() == once->view());
  // include_profile carries one profile's keys into another; the comparison is about files without it.
  if (base::lower_ascii(text).find("include_profile") != std::string::npos ||
      base::equals_ignoring_case(key, "include_profile"))
    return 0;
  Values before = values_of(text, kind);
  Values after = values_of(once->view(), kind);
  const std::string lower = base::lower_ascii(key);
  if (edit.action == aws::Edit::Action::set && sub_key.empty()) check(after.at(std::string(name)).at(lower) == value);
  if (edit.action == aws::Edit::Action::unset && sub_key.empty() && after.contains(std::string(name)))
    check(!after.at(std::string(name)).contains(lower));
  for (Values* values : {&before, &after}) {
    (*values)[std::string(name)].erase(lower);
  }
  check(before == after);
  return 0;
}
