#include "names/driver_prompt.h"

#include "base/process.h"
#include "base/text.h"
#include "deliver/environment.h"
#include "secret/locked_sink.h"

#include <vector>

namespace names {
namespace {

using base::ErrorKind;

constexpr std::size_t kMostOutput = 4096;
constexpr base::Duration kLongest = std::chrono::minutes{2};  // a person must touch a key, or type

std::vector<std::string> ykman(const std::string& device, const base::Environment& environment) {
  std::vector<std::string> words = {"ykman"};
  if (const auto serial = environment.get_nonempty("YKMAN_OATH_DEVICE_SERIAL"))
    words.insert(words.end(), {"--device", std::string(*serial)});
  words.emplace_back("oath");
  const auto version = environment.get("AWS_VAULT_YKMAN_VERSION").value_or("");
  if (version != "1" && version != "2" && version != "3") words.emplace_back("accounts");
  const std::string name(environment.get_nonempty("YKMAN_OATH_CREDENTIAL_NAME").value_or(device));
  words.insert(words.end(), {"code", "--single", name});
  return words;
}

std::vector<std::string> words_of(const std::string& driver, const std::string& device,
                                  const base::Environment& environment) {
  const std::string question = "Enter MFA code for " + base::printable(device);
  if (driver == "zenity") return {"zenity", "--entry", "--title", "aws-vault", "--text", question};
  if (driver == "kdialog") return {"kdialog", "--inputbox", question, "--title", "aws-vault"};
  return ykman(device, environment);
}

}  // namespace

bool is_program(std::string_view driver) { return driver == "ykman" || driver == "zenity" || driver == "kdialog"; }

base::Result<secret::Bytes> DriverPrompt::ask_mfa_code(std::string_view device) {
  const auto words = words_of(driver_, std::string(device), environment_);
  if (driver_ == "ykman") TRY(tell("the YubiKey gives the code: touch it where it blinks"));
  secret::LockedSink sink(kMostOutput);
  // It gets no credentials, and nothing that opens our store.
  const auto outcome = base::run(words, deliver::scrubbed_variables(environment_), sink, clock_, {.time = kLongest});
  const std::string hint = "name another way to the code in the profile: mfa_process = COMMAND";
  if (!outcome) {
    auto error = base::with_context(outcome.error(), "--prompt=" + driver_);
    if (error.hint.empty()) error.hint = hint;
    return std::unexpected(std::move(error));
  }
  if (outcome->status == 0) return sink.take();
  const std::string said = base::printable(base::trim_lines(outcome->error_text));
  return base::fail(
      ErrorKind::failure,
      driver_ + " ended with " + std::to_string(outcome->status) + (said.empty() ? "" : " and said: " + said), hint);
}

base::Result<void> DriverPrompt::tell(std::string_view line) {
  if (!terminal_.ready()) return {};
  return terminal_.tell(line);
}

}  // namespace names
