// Headers and signature of a request signed with X.509.
#include "x509_request.h"

#include "base/text.h"
#include "crypto.h"
#include "sigv4.h"

#include <algorithm>

namespace sim {
namespace {

constexpr std::size_t kLongestChain = 5;

std::unexpected<AwsError> denied(std::string words) { return refuse(403, "AccessDeniedException", std::move(words)); }
std::unexpected<AwsError> invalid_signature() { return denied("Invalid signature"); }

/// The algorithm that the request names; empty where it is none of ours.
std::string_view algorithm_of(const Request& request) {
  const std::string_view authorization = request.header("authorization").value_or("");
  for (const std::string_view algorithm : {"AWS4-X509-RSA-SHA256", "AWS4-X509-ECDSA-SHA256"})
    if (authorization.starts_with(std::string(algorithm) + " ")) return algorithm;
  return "";
}

bool signs(const SignatureClaim& claim, const Request& request, std::string_view header) {
  return !request.header(header) || std::ranges::find(claim.signed_headers, header) != claim.signed_headers.end();
}

}  // namespace

Checked<Presented> read_certificates(const Request& request) {
  std::optional<PresentedCertificate> leaf = PresentedCertificate::parse(request.header("x-amz-x509").value_or(""));
  if (!leaf) return denied("Untrusted certificate. Insufficient certificate");
  Presented presented{.leaf = std::move(*leaf), .chain = {}};
  const auto chain = request.header("x-amz-x509-chain");
  if (!chain) return presented;
  const std::vector<std::string_view> parts = base::split(*chain, ',');
  if (parts.size() > kLongestChain) return denied("Untrusted signing certificate");
  for (const std::string_view part : parts) {
    std::optional<PresentedCertificate> certificate = PresentedCertificate::parse(part);
    if (!certificate) return denied("Untrusted signing certificate");
    presented.chain.push_back(std::move(*certificate));
  }
  return presented;
}

Checked<void> check_x509_signature(const RestCall& call, const PresentedCertificate& leaf, const std::string& region) {
  const Checks& checks = call.world.checks;
  const std::string_view algorithm = algorithm_of(call.request);
  if (algorithm.empty()) return denied("Missing Authentication Token");
  if (checks.on("anywhere-algorithm") && algorithm != leaf.signature_algorithm()) return invalid_signature();
  const Checked<SignatureClaim> claim = read_header_claim(call.request, algorithm);
  if (!claim) return invalid_signature();
  const SignatureRules rules{.now = call.world.now(), .regions = {region}, .service = "rolesanywhere"};
  if (!check_claim(call.request, *claim, rules, checks)) return invalid_signature();
  if (checks.on("anywhere-serial") && claim->key_id != leaf.serial_decimal()) return invalid_signature();
  const bool all_signed = signs(*claim, call.request, "x-amz-x509") && signs(*claim, call.request, "x-amz-x509-chain");
  if (checks.on("anywhere-signed") && !all_signed) return invalid_signature();
  const std::string text =
      string_to_sign(call.request, *claim, algorithm, PathForm::normalized, sha256_hex(call.request.body));
  const std::optional<std::vector<std::byte>> signature = base::from_hex(claim->signature);
  const bool lower_case = base::lower_ascii(claim->signature) == claim->signature;
  const auto* bytes = signature ? reinterpret_cast<const char*>(signature->data()) : "";
  const bool right = signature && lower_case && leaf.has_signed(text, {bytes, signature->size()});
  if (checks.on("anywhere-signature") && !right) return invalid_signature();
  return {};
}

}  // namespace sim
