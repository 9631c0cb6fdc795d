// Where commands print: answers on standard output, everything else on standard error. Errors are two lines:
// `kabuto: error: …` and, where there is a next step, `kabuto: hint: …`. Nothing else in the product prints.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <utility>

namespace cli {

class Output {
 public:
  virtual ~Output() = default;
  /// An answer, written as it is; a failed write (full disk, closed pipe) is an error.
  virtual base::Result<void> answer(std::string_view text) = 0;
  /// One line on standard error, prefixed by `kabuto: `; untrusted parts must have passed base::printable.
  virtual void note(std::string_view text) = 0;
  /// `kabuto: warning: …`
  virtual void warn(std::string_view text) = 0;
  virtual void error(const base::Error& error) = 0;
};

/// What stands before a line on standard error: the name that was typed, as the tool of that name writes it.
struct Voice {
  std::string note = "kabuto: ";
  std::string warning = "kabuto: warning: ";
  std::string error = "kabuto: error: ";
  std::string hint = "kabuto: hint: ";
};

/// Writes to descriptors 1 and 2.
class StandardOutput final : public Output {
 public:
  explicit StandardOutput(Voice voice = {}) : voice_(std::move(voice)) {}
  base::Result<void> answer(std::string_view text) override;
  void note(std::string_view text) override;
  void warn(std::string_view text) override;
  void error(const base::Error& error) override;

 private:
  Voice voice_;
};

}  // namespace cli
