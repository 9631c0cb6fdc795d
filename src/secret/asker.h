// Where a passphrase or the PIN of a TPM comes from: the terminal, a descriptor (--passphrase-fd), a 0600 file
// (KABUTO_PASSPHRASE_FILE), or a variable, under the name of a tool that has one.
#pragma once

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "secret/bytes.h"
#include "secret/prompt.h"

#include <string>
#include <string_view>
#include <vector>

namespace secret {

enum class Wanted { current, fresh };          // the passphrase that opens, or a new one
enum class AfterWrong { ask_again, give_up };  // what may be done when it did not open

class Asker {
 public:
  virtual ~Asker() = default;
  /// Fails (sign_in_needed) at once where nobody can answer; called before any lock is taken.
  virtual base::Result<void> ready() = 0;
  virtual base::Result<Bytes> passphrase(Wanted wanted) = 0;
  /// As passphrase: a PIN takes its place where the slot has one.
  virtual base::Result<Bytes> pin(Wanted wanted) = 0;
  /// Told, with the reason, where a person can be asked again; not called after the last try.
  virtual AfterWrong after_wrong(std::string_view why) const = 0;
};

/// Asks a person; a fresh passphrase is asked twice.
class TerminalAsker final : public Asker {
 public:
  explicit TerminalAsker(Prompt& prompt) : prompt_(prompt) {}
  base::Result<void> ready() override;
  base::Result<Bytes> passphrase(Wanted wanted) override { return ask(wanted, "passphrase"); }
  base::Result<Bytes> pin(Wanted wanted) override { return ask(wanted, "PIN"); }
  AfterWrong after_wrong(std::string_view why) const override;

 private:
  base::Result<Bytes> ask(Wanted wanted, std::string_view word);

  Prompt& prompt_;
  Bytes just_set_;
};

/// Line 1 is the current passphrase; a fresh one is the next line that has not been used. The descriptor is read only
/// as far as needed and stays the caller's.
class LineAsker final : public Asker {
 public:
  explicit LineAsker(int fd) : fd_(fd) {}
  /// A file that only its owner may read; anything else is refused when it is first needed.
  explicit LineAsker(std::string path) : path_(std::move(path)) {}
  base::Result<void> ready() override;
  base::Result<Bytes> passphrase(Wanted wanted) override;
  base::Result<Bytes> pin(Wanted wanted) override { return passphrase(wanted); }
  AfterWrong after_wrong(std::string_view) const override { return AfterWrong::give_up; }

 private:
  base::Result<Bytes> next_line();

  std::string path_;
  base::Descriptor file_;
  int fd_ = -1;
  Bytes current_;
};

/// One passphrase that is there already, current and fresh.
class GivenAsker final : public Asker {
 public:
  explicit GivenAsker(Bytes passphrase) : passphrase_(std::move(passphrase)) {}
  base::Result<void> ready() override { return {}; }
  base::Result<Bytes> passphrase(Wanted) override { return passphrase_.clone(); }
  base::Result<Bytes> pin(Wanted) override { return passphrase_.clone(); }
  AfterWrong after_wrong(std::string_view) const override { return AfterWrong::give_up; }

 private:
  Bytes passphrase_;
};

}  // namespace secret
