// The simulator's checks by name. Each can be switched off (--without NAME), so that a test can prove that it is this
// check, and no other, that refuses a request.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>

namespace sim {

struct CheckName {
  std::string_view name;
  std::string_view what;
};

/// Every check there is, for --help and for the tests.
std::span<const CheckName> all_checks();
bool is_check(std::string_view name);

class Checks {
 public:
  void switch_off(std::string name) { off_.insert(std::move(name)); }
  void switch_on(const std::string& name) { off_.erase(name); }
  void switch_all_on() { off_.clear(); }
  /// Asserts that `name` is in the table, so that a misspelt check cannot go unnoticed.
  bool on(std::string_view name) const;

 private:
  std::set<std::string, std::less<>> off_;
};

}  // namespace sim
