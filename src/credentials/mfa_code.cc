#include "credentials/mfa_code.h"

#include "base/file.h"
#include "base/text.h"
#include "credentials/program.h"
#include "secret/digest.h"

#include <algorithm>
#include <string_view>

namespace credentials {
namespace {

using base::Duration;
using base::ErrorKind;
using base::fail;

constexpr int kMostTries = 3;
constexpr std::size_t kDigits = 6;
// RFC 6238: a new code every half minute.
constexpr Duration kStep{30'000};
constexpr std::size_t kMostNote = 256;
constexpr std::size_t kMostProgramOutput = 4096;

std::string device_key(const std::string& serial) { return "mfa-" + secret::Digest().add(serial).hex(); }

std::string directory_of(const Surroundings& around) { return around.places.directory + "/flights"; }

}  // namespace

std::optional<secret::Bytes> six_digits(const secret::Bytes& text) {
  return text.reveal_text([](std::string_view typed) -> std::optional<secret::Bytes> {
    const std::string_view code = base::trim_lines(typed);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (code.size() != kDigits || !std::all_of(code.begin(), code.end(), is_digit)) return std::nullopt;
    return secret::Bytes::copy_of(code);
  });
}

/// Whoever asks for this device's code first asks alone; the others wait for it and then, mostly, find a session.
base::Result<void> MfaCodes::take_device() {
  if (device_) return {};
  device_.emplace(directory_of(around_), device_key(hop_.mfa_serial.value));
  for (;;) {
    const auto turn = device_->try_take();
    // Where no lock can be made (a full disk) the code is still worth sending.
    if (!turn || *turn == Flight::Turn::mine) return {};
    around_.note("waiting for " +
                 (device_->owner() > 0 ? "pid " + std::to_string(device_->owner()) : "another process") +
                 ", which is asking for a code of the same device");
    // Its failure is not ours: another call asked.
    [[maybe_unused]] const auto left_behind = TRY(device_->wait());
  }
}

void MfaCodes::wait_for_next_code() {
  const Duration left = kStep - around_.clock.now().time_since_epoch() % kStep;
  around_.note("this MFA code was sent before and works once; waiting " + base::human_duration(left + Duration(999)) +
               " for the next one");
  around_.clock.sleep(left);
}

/// False where the very code was the last one sent.
bool MfaCodes::note_as_sent(const secret::Bytes& code) {
  const std::string path = directory_of(around_) + "/" + device_key(hop_.mfa_serial.value) + ".last";
  const std::string mark = secret::Digest(fingerprint_key_).add(hop_.mfa_serial.value).add_secret(code).hex();
  if (const auto last = base::read_file(path, kMostNote); last && *last && **last == mark) return false;
  // Without the note a repeated code is AWS's to refuse.
  (void)base::write_file_atomically(path, mark);
  return true;
}

base::Result<secret::Bytes> MfaCodes::from_program() {
  const ProgramCall call{.setting = "mfa_process",
                         .profile = hop_.profile,
                         .command = hop_.mfa_process.value,
                         .path = hop_.mfa_process_path,
                         .most_bytes = kMostProgramOutput};
  const secret::Bytes output = TRY(run_program(call, around_.environment, around_.clock));
  auto code = six_digits(output);
  if (!code)
    return fail(ErrorKind::failure,
                "mfa_process (" + hop_.mfa_process.why + ") printed something else than a code of six digits");
  return std::move(*code);
}

base::Result<secret::Bytes> MfaCodes::ask() {
  if (auto ready = around_.prompt.ready(); !ready) {
    if (ready.error().kind != ErrorKind::sign_in_needed) return std::unexpected(std::move(ready).error());
    return fail(ErrorKind::sign_in_needed,
                "an MFA code of " + hop_.mfa_serial.value + " is needed, and there is no terminal", command_to_run_);
  }
  for (int wrong = 0; wrong < kMostTries; ++wrong) {
    const secret::Bytes typed = TRY(around_.prompt.ask_mfa_code(hop_.mfa_serial.value));
    if (auto code = six_digits(typed)) return std::move(*code);
    TRY(around_.prompt.tell("an MFA code is six digits"));
  }
  return fail(ErrorKind::sign_in_needed, "no MFA code of six digits was typed", command_to_run_);
}

base::Result<secret::Bytes> MfaCodes::candidate() {
  if (given_) {
    const secret::Bytes text = std::move(*given_);
    given_.reset();
    auto code = six_digits(text);
    if (!code) return fail(ErrorKind::usage, "--mfa-token wants a code of six digits", "run kabuto help exec");
    return std::move(*code);
  }
  if (!hop_.mfa_process.value.empty()) return from_program();
  return ask();
}

base::Result<secret::Bytes> MfaCodes::next() {
  TRY(take_device());
  for (; tries_ < kMostTries; ++tries_) {
    const bool by_program = !given_ && !hop_.mfa_process.value.empty();
    const bool by_person = !given_ && !by_program;
    if (refusal_ && by_person) {
      // --mfa-token was wrong and nobody can be asked: what AWS said is the answer.
      if (!around_.prompt.ready()) return std::unexpected(*refusal_);
      TRY(around_.prompt.tell("AWS refused the code: it was wrong, or had been used before"));
    }
    const bool was_given = given_.has_value();
    secret::Bytes code = TRY(candidate());
    if (note_as_sent(code)) {
      ++tries_;
      return code;
    }
    if (was_given && hop_.mfa_process.value.empty() && !around_.prompt.ready())
      return fail(ErrorKind::mfa_rejected, "this MFA code was sent before, and AWS takes each code once",
                  "wait for the next code and give that one");
    wait_for_next_code();
  }
  if (refusal_) return std::unexpected(*refusal_);
  return fail(ErrorKind::mfa_rejected, "three MFA codes in a row had been sent before", command_to_run_);
}

}  // namespace credentials
