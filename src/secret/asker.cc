#include "secret/asker.h"

#include "secret/read_secret.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>

namespace secret {
namespace {

constexpr std::size_t kLongestPassphrase = 1024;
constexpr int kFreshTries = 3;

}  // namespace

base::Result<void> TerminalAsker::ready() {
  auto ready = prompt_.ready();
  if (!ready && ready.error().kind == base::ErrorKind::sign_in_needed)
    ready.error().hint = "run it in a terminal, or give --passphrase-fd or KABUTO_PASSPHRASE_FILE";
  return ready;
}

base::Result<Bytes> TerminalAsker::ask(Wanted wanted, std::string_view word) {
  // Who has just typed a new one twice is not asked a third time for the first use of it.
  if (wanted == Wanted::current && !just_set_.empty()) return std::move(just_set_);
  if (wanted == Wanted::current)
    return prompt_.ask_secret(fmt::format("{} of the kabuto store", word == "PIN" ? word : "Passphrase"));
  for (int i = 0; i < kFreshTries; ++i) {
    Bytes first = TRY(prompt_.ask_secret(fmt::format("New {} for the kabuto store", word)));
    if (first.empty()) {
      TRY(prompt_.tell(fmt::format("An empty {} protects nothing.", word)));
      continue;
    }
    const Bytes second = TRY(prompt_.ask_secret("The same again"));
    if (first.equals(second)) {
      just_set_ = second.clone();
      return first;
    }
    TRY(prompt_.tell("The two differ."));
  }
  return base::fail(base::ErrorKind::failure, fmt::format("no new {} was given", word));
}

AfterWrong TerminalAsker::after_wrong(std::string_view why) const {
  // Where the terminal is gone, the next question says so.
  (void)prompt_.tell(why);
  return AfterWrong::ask_again;
}

base::Result<void> LineAsker::ready() { return {}; }

base::Result<Bytes> LineAsker::next_line() {
  if (fd_ < 0) {
    TRY(base::check_only_owner_reads(path_, "passphrase file"));
    file_ = base::Descriptor(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file_.valid())
      return base::fail(base::ErrorKind::failure, "open the passphrase file: " + base::errno_text(errno));
    fd_ = file_.get();
  }
  return read_secret_line(fd_, kLongestPassphrase, "passphrase");
}

base::Result<Bytes> LineAsker::passphrase(Wanted wanted) {
  if (wanted == Wanted::current && !current_.empty()) return current_.clone();
  Bytes line = TRY(next_line());
  if (line.empty()) return base::fail(base::ErrorKind::refused, "the passphrase given is empty");
  // What was set as new opens the store from now on.
  current_ = line.clone();
  return line;
}

}  // namespace secret
