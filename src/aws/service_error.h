// AWS's refusals as ours: what kind of error a code is, what to type next, and whether to try again. It sees one
// refusal at a time and sends nothing.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace aws {

struct ServiceError {
  int status = 0;
  std::string code;                    // without the suffix "Exception"; empty where the reply names none
  std::string word;                    // the member "error" of OAuth: "TOKEN_EXPIRED"; empty where there is none
  std::string message;                 // safe to show: one line, at most 300 bytes, without the secrets that were sent
  std::string request_id;              // empty where unknown
  std::optional<base::Duration> wish;  // how long the server would have us wait
};

/// What a server says, as it may be shown: one line, at most 300 bytes, and nothing of it where it quotes part of one
/// of the secrets it was sent.
std::string shown(std::string_view text, std::span<const secret::Bytes* const> sent);

/// Reads the error of a reply that is not a success, whatever its form: XML, JSON, a page. `sent` are the secrets of
/// the request, headers and bodies; a message that quotes part of one is not shown.
ServiceError read_service_error(http::Response response, std::span<const secret::Bytes* const> sent);

bool is_throttling(const ServiceError& error);
/// Throttling, 5xx, and what AWS documents as worth another attempt.
bool is_transient(const ServiceError& error);

enum class ClockSkew { no, possible, certain };
/// Whether the signature was refused for its time. Possible: the code says only that the signature is wrong.
ClockSkew clock_skew(const ServiceError& error);

/// The error as kabuto shows it: "AccessDenied: … (request id …)", with a hint where there is a next step.
base::Error explained(const ServiceError& error);

struct ProfilesOfCall {
  std::string asked_for;
  std::string of_call;  // whose settings made the call
  std::string of_key;   // whose key or session signed it
};
/// The error with the profiles' names in the place of the word PROFILE in its hint. Where a name is empty, the hint's
/// command is written without one.
base::Error naming(base::Error error, const ProfilesOfCall& profiles);

}  // namespace aws
