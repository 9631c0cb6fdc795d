// The first half of the two-key door: is this request signed with the pair that we gave out, and what does it say of
// its body? It forwards nothing.
#pragma once

#include "aws/credentials.h"
#include "aws/signature_claim.h"
#include "base/clock.h"
#include "http/stream_request.h"

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deliver {

/// How a body is covered by its request's signature.
enum class BodyForm {
  hashed,                   // as a whole, by its SHA-256
  not_hashed,               // UNSIGNED-PAYLOAD
  signed_chunks,            // STREAMING-AWS4-HMAC-SHA256-PAYLOAD
  signed_chunks_trailer,    // …-TRAILER
  unsigned_chunks_trailer,  // STREAMING-UNSIGNED-PAYLOAD-TRAILER
};

struct BodyClaim {
  BodyForm form = BodyForm::hashed;
  std::string word;        // as x-amz-content-sha256 has it; empty: the body must be read to be hashed
  bool in_header = false;  // the header was there
};

/// Who may come in, and as what.
struct DoorRule {
  std::string service;
  const aws::Credentials& pair;
  std::vector<base::Instant> now;  // by every clock that may be right
};

/// What the request says of its body. Errors: InvalidRequest (S3 without the header), InvalidArgument.
std::expected<BodyClaim, aws::ServiceRefusal> read_body_claim(const http::StreamRequest& request,
                                                              const aws::SignatureClaim& claim,
                                                              std::string_view service);

/// Key, scope, time, signed headers and signature; `body_hash` is the body's or its word. Errors: as AWS's.
std::expected<void, aws::ServiceRefusal> check_signature(const http::StreamRequest& request,
                                                         const aws::SignatureClaim& claim, const std::string& body_hash,
                                                         const DoorRule& rule);

}  // namespace deliver
