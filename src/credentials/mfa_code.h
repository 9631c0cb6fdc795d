// Where MFA codes come from and the promise that none is sent twice: the command line, a program, or a person, one
// asker per device over all processes. It sends nothing; the provider does, between next() and the end of the object.
#pragma once

#include "base/result.h"
#include "credentials/broker.h"
#include "credentials/chain.h"
#include "credentials/flight.h"
#include "secret/bytes.h"

#include <optional>
#include <string>

namespace credentials {

/// The codes of one device for one call. While it lives, no other process of the user asks for that device's codes.
class MfaCodes {
 public:
  /// `fingerprint_key` hides the code in the note of the last one. `given`: --mfa-token, used first.
  MfaCodes(const Surroundings& around, const Hop& hop, const secret::Bytes& fingerprint_key,
           std::optional<secret::Bytes> given, std::string command_to_run)
      : around_(around),
        hop_(hop),
        fingerprint_key_(fingerprint_key),
        given_(std::move(given)),
        command_to_run_(std::move(command_to_run)) {}

  /// The next code to send, already noted as sent. Errors: sign_in_needed at once where nobody can be asked,
  /// mfa_rejected after the third try.
  base::Result<secret::Bytes> next();
  /// AWS refused the last one, and said so.
  void refused(base::Error error) { refusal_ = std::move(error); }

 private:
  base::Result<void> take_device();
  base::Result<secret::Bytes> candidate();
  base::Result<secret::Bytes> ask();
  base::Result<secret::Bytes> from_program();
  bool note_as_sent(const secret::Bytes& code);
  void wait_for_next_code();

  const Surroundings& around_;
  const Hop& hop_;
  const secret::Bytes& fingerprint_key_;
  std::optional<secret::Bytes> given_;
  std::string command_to_run_;
  std::optional<Flight> device_;
  int tries_ = 0;
  std::optional<base::Error> refusal_;
};

/// The code of six digits in what a person typed or a program printed; nullopt for anything else.
std::optional<secret::Bytes> six_digits(const secret::Bytes& text);

}  // namespace credentials
