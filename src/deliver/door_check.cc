#include "deliver/door_check.h"

#include "aws/chunk_signatures.h"
#include "aws/sigv4.h"
#include "base/text.h"
#include "http/status.h"

#include <algorithm>
#include <array>
#include <utility>

namespace deliver {
namespace {

using aws::ServiceRefusal;
using Refused = std::unexpected<ServiceRefusal>;

constexpr std::string_view kHashHeader = "x-amz-content-sha256";
constexpr std::size_t kHashDigits = 64;

struct FormWord {
  std::string_view word;
  BodyForm form;
};
constexpr std::array<FormWord, 4> kWords{
    {{"UNSIGNED-PAYLOAD", BodyForm::not_hashed},
     {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", BodyForm::signed_chunks},
     {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", BodyForm::signed_chunks_trailer},
     {"STREAMING-UNSIGNED-PAYLOAD-TRAILER", BodyForm::unsigned_chunks_trailer}}};

Refused refuse(int status, std::string_view code, std::string message) {
  return Refused({status, std::string(code), std::move(message)});
}

bool is_hash(std::string_view text) {
  return text.size() == kHashDigits &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// The scope's names end in a string to sign, whose lines they must not part.
bool is_scope_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

/// As S3: whatever AWS acts on must be signed. A token is no part of our pair and goes no further.
std::expected<void, ServiceRefusal> check_all_signed(const http::StreamRequest& request,
                                                     const aws::SignatureClaim& claim) {
  for (const auto& header : request.headers) {
    const auto name = base::lower_ascii(header.name);
    if (!name.starts_with("x-amz-") || name == "x-amz-security-token" || claim.signs(name)) continue;
    if (name == kHashHeader && claim.form == aws::SignatureForm::query) continue;
    return refuse(http::kForbidden, "AccessDenied",
                  "There were headers present in the request which were not signed: " + base::printable(name, 100));
  }
  return {};
}

}  // namespace

std::expected<BodyClaim, ServiceRefusal> read_body_claim(const http::StreamRequest& request,
                                                         const aws::SignatureClaim& claim, std::string_view service) {
  const auto is_hash_header = [](const http::Header& header) {
    return base::equals_ignoring_case(header.name, kHashHeader);
  };
  if (std::ranges::count_if(request.headers, is_hash_header) > 1)
    return refuse(http::kBadRequest, "InvalidArgument", "x-amz-content-sha256 is given twice.");
  const std::string* const word = request.header(kHashHeader);
  if (word == nullptr) {
    if (service != "s3") return BodyClaim{};
    if (claim.form == aws::SignatureForm::query)
      return BodyClaim{BodyForm::not_hashed, std::string(kWords[0].word), false};
    return refuse(http::kBadRequest, "InvalidRequest",
                  "Missing required header for this request: x-amz-content-sha256");
  }
  if (is_hash(*word)) return BodyClaim{BodyForm::hashed, *word, true};
  const auto* const known = std::ranges::find(kWords, *word, &FormWord::word);
  if (known == kWords.end())
    return refuse(http::kBadRequest, "InvalidArgument",
                  "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
                  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 "
                  "value.");
  return BodyClaim{known->form, *word, true};
}

std::expected<void, ServiceRefusal> check_signature(const http::StreamRequest& request,
                                                    const aws::SignatureClaim& claim, const std::string& body_hash,
                                                    const DoorRule& rule) {
  if (claim.key_id != rule.pair.access_key_id)
    return refuse(http::kForbidden, "InvalidAccessKeyId",
                  "The AWS Access Key Id you provided does not exist in our records. (kabuto: it is not the one that "
                  "this run of kabuto proxy gave out)");
  if (claim.service != rule.service)
    return refuse(
        http::kBadRequest, "AuthorizationHeaderMalformed",
        "The authorization header is malformed; incorrect service. This endpoint belongs to \"" + rule.service + "\".");
  if (!is_scope_word(claim.region))
    return refuse(http::kBadRequest, "AuthorizationHeaderMalformed", "The region of the Credential is malformed.");
  if (auto good = aws::check_time(claim, rule.now); !good) return good;
  if (auto good = check_all_signed(request, claim); !good) return good;

  http::Request signed_request{request.method, "http://" + request.host + request.target, request.headers, {}, {}};
  const auto path = rule.service == "s3" ? aws::UriPath::encoded_once : aws::UriPath::normalized;
  auto form = aws::received_form(signed_request, path, claim.signed_headers, body_hash);
  if (!form) return refuse(http::kForbidden, "SignatureDoesNotMatch", form.error().what);
  if (claim.form == aws::SignatureForm::query)
    std::erase_if(form->query, [](const aws::SignedEntry& entry) { return entry.name == "X-Amz-Signature"; });
  const aws::SigningKey key(rule.pair.secret_access_key, claim.stamp, claim.region, claim.service);
  const auto good = key.has_signed(*form, claim.signature);
  if (good && *good) return {};
  return refuse(http::kForbidden, "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. Check your key and "
                "signing method.");
}

}  // namespace deliver
