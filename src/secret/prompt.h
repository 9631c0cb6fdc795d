// Asks a person. The real one speaks to /dev/tty, also when stdin, stdout and stderr are captured; tests bring a fake.
// It prints questions only, never an answer.
#pragma once

#include "base/result.h"
#include "secret/bytes.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace secret {

enum class YesNo { yes, no };

class Prompt {
 public:
  virtual ~Prompt() = default;
  /// Fails at once (sign_in_needed) where nobody can be asked: no terminal, or it belongs to another process group.
  virtual base::Result<void> ready() = 0;
  /// One line without echo: passphrases, secret keys, MFA codes. Question without the final ": ". Empty is an answer.
  virtual base::Result<Bytes> ask_secret(std::string_view question) = 0;
  /// The code that the device shows, unchecked.
  virtual base::Result<Bytes> ask_mfa_code(std::string_view device);
  /// One line with echo, without its line end.
  virtual base::Result<std::string> ask_text(std::string_view question) = 0;
  /// "y", "yes", "n", "no"; an empty line takes `preset`; anything else asks again.
  base::Result<YesNo> ask_yes_no(std::string_view question, YesNo preset);
  /// Shows a numbered list; the answer is the index. An empty line takes `preset`.
  base::Result<std::size_t> choose(std::string_view question, const std::vector<std::string>& options,
                                   std::size_t preset);
  /// One line for the person at the terminal, not an answer of the program ("the two differ, again").
  virtual base::Result<void> tell(std::string_view line) = 0;
};

}  // namespace secret
