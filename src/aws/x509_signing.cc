#include "aws/x509_signing.h"

#include "aws/canonical_request.h"
#include "base/base64.h"
#include "base/text.h"

#include <string_view>

namespace aws {
namespace {

std::string_view algorithm_name(secret::KeyAlgorithm algorithm) {
  switch (algorithm) {
    case secret::KeyAlgorithm::rsa:
      return "AWS4-X509-RSA-SHA256";
    case secret::KeyAlgorithm::ec:
      return "AWS4-X509-ECDSA-SHA256";
    case secret::KeyAlgorithm::ml_dsa:
      return "AWS4-X509-MLDSA";
  }
  return "";
}

}  // namespace

base::Result<X509Signature> sign_with_certificate(http::Request& request, const X509Identity& identity,
                                                  const Endpoint& endpoint, base::Instant when) {
  TRY(refuse_signed(request));
  const auto stamp = base::basic_iso8601(when);
  const auto scope = credential_scope(stamp, endpoint.signing_region, endpoint.signing_name);
  const auto algorithm = algorithm_name(identity.key->algorithm());
  request.headers.push_back({"X-Amz-Date", stamp});
  request.headers.push_back({"X-Amz-X509", base::base64(identity.certificate.der)});
  std::vector<std::string> chain;
  chain.reserve(identity.chain.size());
  for (const auto& one : identity.chain) chain.push_back(base::base64(one.der));
  if (!chain.empty()) request.headers.push_back({"X-Amz-X509-Chain", base::join(chain, ",")});

  const auto form = canonical_form(request, UriPath::normalized);
  X509Signature out;
  out.canonical_request = TRY(form.text());
  out.string_to_sign = string_to_sign(algorithm, stamp, scope, out.canonical_request);
  out.hex = base::hex(TRY(identity.key->sign(out.string_to_sign)));
  request.headers.push_back({"Authorization", std::string(algorithm) + " Credential=" + identity.certificate.serial +
                                                  "/" + scope + ", SignedHeaders=" + form.signed_headers() +
                                                  ", Signature=" + out.hex});
  return out;
}

}  // namespace aws
