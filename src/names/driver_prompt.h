// Who gives an MFA code under --prompt: ykman from a YubiKey, or zenity and kdialog in a window of their own, as
// aws-vault calls them. All else is asked at the terminal.
#pragma once

#include "base/clock.h"
#include "base/environment.h"
#include "secret/terminal_prompt.h"

#include <string>
#include <string_view>

namespace names {

/// Whether the driver is a program, and not the terminal.
bool is_program(std::string_view driver);

class DriverPrompt final : public secret::Prompt {
 public:
  /// Both must outlive the prompt.
  DriverPrompt(std::string driver, const base::Environment& environment, base::Clock& clock)
      : driver_(std::move(driver)), environment_(environment), clock_(clock) {}
  /// The program may answer where there is no terminal.
  base::Result<void> ready() override { return {}; }
  base::Result<secret::Bytes> ask_secret(std::string_view question) override { return terminal_.ask_secret(question); }
  /// Errors: not_found, failure (the program), with mfa_process as the other way.
  base::Result<secret::Bytes> ask_mfa_code(std::string_view device) override;
  base::Result<std::string> ask_text(std::string_view question) override { return terminal_.ask_text(question); }
  /// Nobody may be at a terminal: then it is not told.
  base::Result<void> tell(std::string_view line) override;

 private:
  secret::TerminalPrompt terminal_;
  std::string driver_;
  const base::Environment& environment_;
  base::Clock& clock_;
};

}  // namespace names
