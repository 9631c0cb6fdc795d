// The terminal: /dev/tty, echo off for secrets, and termios as it was after every way out. Signals at the prompt (INT,
// TERM, HUP, QUIT, TSTP) restore it first and then take their default effect; after CONT the question is asked again.
#pragma once

#include "secret/prompt.h"

#include <string>

namespace secret {

class TerminalPrompt final : public Prompt {
 public:
  /// Another path than /dev/tty is for tests (a pty's name).
  explicit TerminalPrompt(std::string path = "/dev/tty") : path_(std::move(path)) {}
  base::Result<void> ready() override;
  base::Result<Bytes> ask_secret(std::string_view question) override;
  base::Result<std::string> ask_text(std::string_view question) override;
  base::Result<void> tell(std::string_view line) override;

 private:
  enum class Echo { on, off };
  base::Result<Bytes> ask(std::string_view question, Echo echo);

  std::string path_;
};

}  // namespace secret
