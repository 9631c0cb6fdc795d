#include "base/environment.h"

#include <unistd.h>

#include <utility>

namespace base {

Environment Environment::of_process() {
  Environment out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) out.entries_.emplace_back(*entry);
  return out;
}

Environment Environment::of_entries(std::vector<std::string_view> entries) {
  Environment out;
  out.entries_ = std::move(entries);
  return out;
}

std::optional<std::string_view> Environment::get(std::string_view name) const {
  for (const auto entry : entries_)
    if (entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name))
      return entry.substr(name.size() + 1);
  return std::nullopt;
}

std::optional<std::string_view> Environment::get_nonempty(std::string_view name) const {
  const auto value = get(name);
  return value && !value->empty() ? value : std::nullopt;
}

std::optional<std::string> home_directory(const Environment& environment) {
  const auto home = environment.get("HOME");
  if (!home || !home->starts_with('/')) return std::nullopt;
  return std::string(*home);
}

}  // namespace base
