// Constraints on parameters, and AWS's sentence about all that are broken at once.
#pragma once

#include "checks.h"
#include "error.h"
#include "message.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

struct TextRule {
  std::size_t shortest = 0;
  std::size_t longest = std::numeric_limits<std::size_t>::max();
  std::string_view pattern = {};  // as AWS prints it; empty: any text
  std::string_view extra = {};    // the characters the pattern allows besides letters, digits and _
};

constexpr TextRule kRoleArnRule{20, 2048};
constexpr TextRule kSessionNameRule{2, 64, "[\\w+=,.@-]*", "+=,.@-"};
constexpr TextRule kFederatedNameRule{2, 32, "[\\w+=,.@-]*", "+=,.@-"};
constexpr TextRule kExternalIdRule{2, 1224, "[\\w+=,.@:\\/-]*", "+=,.@:/-"};
constexpr TextRule kSerialRule{9, 256, "[\\w+=/:,.@-]*", "+=/:,.@-"};
constexpr TextRule kTokenCodeRule{6, 6, "[\\d]*"};
constexpr TextRule kAccessKeyIdRule{16, 128, "[\\w]*", ""};
constexpr TextRule kNameRule{1, 128, "[\\w+=,.@-]+", "+=,.@-"};
constexpr TextRule kPolicyRule{1, 2048};

/// Whether a value keeps a rule.
bool fits(std::string_view value, const TextRule& rule);

class Fields {
 public:
  Fields(const Parameters& parameters, const Checks& checks) : parameters_(parameters), checks_(checks) {}
  std::string required(std::string_view name, const TextRule& rule);
  std::optional<std::string> optional(std::string_view name, const TextRule& rule);
  /// As required(), for a value that no error may repeat.
  std::string secret(std::string_view name, const TextRule& rule);
  std::int64_t integer(std::string_view name, std::int64_t least, std::int64_t most, std::int64_t fallback);
  void fail(std::string_view name, std::string_view value, const std::string& constraint);
  /// ValidationError with every broken constraint; nothing where all hold.
  Checked<void> verdict() const;

 private:
  void check(std::string_view name, const std::string& value, const TextRule& rule);
  void check_length(std::string_view name, const std::string& value, std::string_view shown, const TextRule& rule);
  void fail_absent(std::string_view name);
  const Parameters& parameters_;
  const Checks& checks_;
  std::vector<std::string> broken_;
};

}  // namespace sim
