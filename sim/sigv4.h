// Verification of AWS Signature Version 4, in the header form and in the query (presigned) form. Written from AWS's
// description only; must stay apart from the product's signer, which it judges.
#pragma once

#include "base/clock.h"
#include "checks.h"
#include "error.h"
#include "message.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

constexpr base::Duration kAllowedSkew = std::chrono::minutes(15);

enum class SignatureForm { header, query };

/// What a request says about its signature, not yet believed.
struct SignatureClaim {
  SignatureForm form = SignatureForm::header;
  std::string key_id;
  std::string scope_date;  // 20150830
  std::string region;
  std::string service;
  std::string terminator;
  std::string time;  // 20150830T123600Z
  std::vector<std::string> signed_headers;
  std::string signature;
  std::optional<std::string> token;
};

/// Reads the claim. MissingAuthenticationToken where the request is not signed, IncompleteSignature where a part lacks.
Checked<SignatureClaim> read_claim(const Request& request);

/// The claim of an Authorization header of another algorithm of the same form: AWS4-X509-RSA-SHA256 …
Checked<SignatureClaim> read_header_claim(const Request& request, std::string_view algorithm);

/// What the claim must fit.
struct SignatureRules {
  base::Instant now;
  std::vector<std::string> regions;  // one of these
  std::string service;
};

/// Time, scope and signed headers. Errors: SignatureDoesNotMatch, as AWS words them.
Checked<void> check_claim(const Request& request, const SignatureClaim& claim, const SignatureRules& rules,
                          const Checks& checks);

/// Whether dots and doubled slashes in the path are resolved before signing: all services but S3 do.
enum class PathForm { normalized, as_sent };

/// What is signed: the algorithm, the time, the scope and the hash of the canonical request.
std::string string_to_sign(const Request& request, const SignatureClaim& claim, std::string_view algorithm,
                           PathForm path_form, std::string_view payload_hash);

/// Computes the signature with `secret` and compares. Errors: SignatureDoesNotMatch.
Checked<void> check_signature(const Request& request, const SignatureClaim& claim, std::string_view secret,
                              PathForm path_form, const Checks& checks);

}  // namespace sim
