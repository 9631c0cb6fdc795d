// Held against the public vectors of Roles Anywhere: what a certificate says, and whose signature is whose.
#include "x509_leaf.h"

#include "base/text.h"
#include "issuing_authority.h"
#include "sigv4.h"
#include "vectors_for_test.h"

#include <nlohmann/json.hpp>

namespace sim {
namespace {

const char* const kVectors = "derived/rolesanywhere/rolesanywhere-signing.json";

TEST(X509, requests_of_the_vectors_are_signed_by_their_certificates) {
  const std::string path = vector_path(kVectors);
  if (path.empty()) return;
  int proven = 0;
  const auto vectors = nlohmann::json::parse(text_of(path));
  for (const auto& vector : vectors.at("cases")) {
    Request request{.method = vector.at("method"), .target = {}, .headers = {}, .body = vector.at("body")};
    const std::string url = vector.at("url");
    request.target = url.substr(url.find('/', std::string_view("https://").size()));
    for (const auto& [name, value] : vector.at("headers_signed").items()) request.headers.emplace_back(name, value);
    request.headers.emplace_back("authorization", vector.at("authorization"));
    const std::string algorithm = vector.at("algorithm");
    const auto claim = read_header_claim(request, algorithm);
    ASSERT_TRUE(claim) << claim.error().message;
    const auto leaf = PresentedCertificate::parse(*request.header("x-amz-x509"));
    ASSERT_TRUE(leaf);
    EXPECT_EQ(leaf->signature_algorithm(), algorithm);
    EXPECT_EQ(leaf->serial_decimal(), vector.at("serial_decimal"));
    EXPECT_EQ(leaf->serial_hex(), vector.at("serial_hex"));
    const std::string canonical = vector.at("canonical_request");
    const std::string payload_hash = canonical.substr(canonical.rfind('\n') + 1);
    const std::string text = string_to_sign(request, *claim, algorithm, PathForm::normalized, payload_hash);
    EXPECT_EQ(text, vector.at("string_to_sign"));
    const auto signature = base::from_hex(vector.at("signature_hex").get<std::string>());
    ASSERT_TRUE(signature);
    const std::string_view bytes(reinterpret_cast<const char*>(signature->data()), signature->size());
    EXPECT_TRUE(leaf->has_signed(text, bytes));
    EXPECT_FALSE(leaf->has_signed(text + " ", bytes));
    ++proven;
  }
  EXPECT_EQ(proven, 4);
}

TEST(X509, what_is_no_certificate_is_none) {
  for (const char* text : {"", "=", "AAAA", "MIIB", "not base64"})
    EXPECT_FALSE(PresentedCertificate::parse(text)) << text;
}

}  // namespace
}  // namespace sim
