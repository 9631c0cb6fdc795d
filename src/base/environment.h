// The process environment as a value: read once in main, passed down, never modified. Entries are views into the
// environment block, so a secret variable is not copied into a string by looking at it.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace base {

class Environment {
 public:
  Environment() = default;
  /// Views the block of the process (main's environ); it must outlive this object.
  static Environment of_process();
  /// Views the given entries, which must outlive this object: a part of another environment.
  static Environment of_entries(std::vector<std::string_view> entries);
  /// Views the given "NAME=value" entries, which must outlive this object (literals, in tests).
  Environment(std::initializer_list<std::string_view> entries) : entries_(entries) {}

  /// The first entry of that name, as getenv; nullopt where unset. An empty value is a value.
  std::optional<std::string_view> get(std::string_view name) const;
  /// As get, but an empty value counts as unset (how AWS's SDKs read their variables).
  std::optional<std::string_view> get_nonempty(std::string_view name) const;
  /// Every "NAME=value" in order, duplicates included.
  const std::vector<std::string_view>& entries() const { return entries_; }

 private:
  std::vector<std::string_view> entries_;
};

/// HOME where it is an absolute path; nullopt where it is unset or relative (never the current directory instead).
std::optional<std::string> home_directory(const Environment& environment);

}  // namespace base
