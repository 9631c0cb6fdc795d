#include "secret/code_prompt.h"

#include "base/file.h"
#include "secret/read_secret.h"

#include <span>

namespace secret {
namespace {

constexpr std::size_t kLongestCode = 64;

}  // namespace

base::Result<void> CodePrompt::write(std::string_view text) const {
  return base::write_all(to_, std::as_bytes(std::span(text)));
}

base::Result<Bytes> CodePrompt::ask_mfa_code(std::string_view) {
  TRY(write(question_));
  Bytes line = TRY(read_secret_line(from_, kLongestCode, "MFA code"));
  if (line.empty())
    return base::fail(base::ErrorKind::sign_in_needed, "no MFA code on standard input",
                      "type it, or give a line with it");
  return line;
}

base::Result<void> CodePrompt::tell(std::string_view line) { return write(std::string(line) + "\n"); }

}  // namespace secret
