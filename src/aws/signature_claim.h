// What a signed request says about its own signature, taken apart and not yet believed. For those who stand where AWS
// stands; whoever computes is sigv4.
#pragma once

#include "base/clock.h"
#include "http/message.h"

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aws {

/// A refusal as AWS's services word them, for programs that look at the code.
struct ServiceRefusal {
  int status = 403;
  std::string code;
  std::string message;
};

enum class SignatureForm { header, query };

struct SignatureClaim {
  SignatureForm form = SignatureForm::header;
  std::string key_id;
  std::string date, region, service;  // of the scope
  std::string stamp;                  // "20150830T123600Z"
  base::Instant when;                 // the same
  std::chrono::seconds valid_for{0};  // of the query form
  std::vector<std::string> signed_headers;
  std::string signature;  // 64 hex digits

  bool signs(std::string_view lower_name) const;
};

/// `target`: path and query. Errors: as S3 words them; the older signature of two keys (SigV2) has one of its own.
std::expected<SignatureClaim, ServiceRefusal> read_claim(std::string_view target,
                                                         const std::vector<http::Header>& headers);

/// The query without what the query form of a signature added, in its order; "" where nothing is left.
std::string without_signature(std::string_view query);

/// Errors: RequestTimeTooSkewed, AccessDenied for what has expired. `now`: by any clock that may be right.
std::expected<void, ServiceRefusal> check_time(const SignatureClaim& claim, const std::vector<base::Instant>& now);

}  // namespace aws
