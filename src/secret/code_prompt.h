// How small tools ask for an MFA code: a word on standard error, one line of standard input, whoever is behind it. All
// else is asked at the terminal.
#pragma once

#include "secret/terminal_prompt.h"

#include <string>
#include <string_view>

namespace secret {

class CodePrompt final : public Prompt {
 public:
  /// `question`: written as it is. The descriptors are those of standard input and error; others are for tests.
  explicit CodePrompt(std::string question, int from = 0, int to = 2)
      : question_(std::move(question)), from_(from), to_(to) {}
  /// A line may come, or the end of the input, which is then the error.
  base::Result<void> ready() override { return {}; }
  base::Result<Bytes> ask_secret(std::string_view question) override { return terminal_.ask_secret(question); }
  base::Result<Bytes> ask_mfa_code(std::string_view device) override;
  base::Result<std::string> ask_text(std::string_view question) override { return terminal_.ask_text(question); }
  base::Result<void> tell(std::string_view line) override;

 private:
  base::Result<void> write(std::string_view text) const;

  TerminalPrompt terminal_;
  std::string question_;
  int from_;
  int to_;
};

}  // namespace secret
