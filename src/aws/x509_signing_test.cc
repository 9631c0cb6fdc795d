#include "aws/x509_signing.h"

#include "aws/roles_anywhere.h"
#include "aws/vectors_for_test.h"
#include "base/text.h"
#include "secret/text_for_test.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>

namespace aws {
namespace {

const std::string kFolder = "derived/rolesanywhere/";

std::vector<Certificate> certificates_of(const std::string& name) {
  auto read = read_certificates(secret::Bytes::copy_of(vector_text(kFolder + name)), name);
  EXPECT_TRUE(read.has_value()) << read.error().what;
  return std::move(*read);
}

std::unique_ptr<secret::SigningKey> key_of(const std::string& name) {
  auto key = secret::read_key_file(
      secret::Bytes::copy_of(vector_text(kFolder + name)),
      []() -> base::Result<secret::Bytes> { return base::fail(base::ErrorKind::failure, "nobody to ask"); }, name);
  EXPECT_TRUE(key.has_value()) << key.error().what;
  return std::move(key->key);
}

bool verifies(const secret::Der& public_key, std::string_view text, const std::vector<std::byte>& signature) {
  const auto* at = reinterpret_cast<const unsigned char*>(public_key.data());
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      d2i_PUBKEY(nullptr, &at, static_cast<long>(public_key.size())), EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                          reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
}

std::string parameter(const std::string& url, const std::string& name) {
  const auto at = url.find(name + "=") + name.size() + 1;
  std::string out;
  for (std::size_t i = at; i < url.size() && url[i] != '&'; ++i)
    if (url[i] == '%') {
      out += static_cast<char>(std::stoi(url.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      out += url[i];
    }
  return out;
}

TEST(X509Signing, signs_every_vector_with_each_spelling_of_its_key) {
  if (!vectors_present()) GTEST_SKIP();
  const auto file = vector_json(kFolder + "rolesanywhere-signing.json");
  std::size_t cases = 0;
  for (const auto& one : file["cases"]) {
    const auto key_file = one["key_file"].get<std::string>();
    for (const auto& name : {key_file, key_file.substr(0, key_file.size() - 4) + "-pkcs8.pem"}) {
      SCOPED_TRACE(name);
      const auto key = key_of(name);
      X509Identity identity{key.get(), certificates_of(one["cert_file"].get<std::string>()).front(), {}};
      for (const auto& link : one["chain_files"])
        identity.chain.push_back(certificates_of(link.get<std::string>()).front());
      EXPECT_EQ(identity.certificate.serial, one["serial_decimal"].get<std::string>());
      EXPECT_EQ(base::lower_ascii(identity.certificate.serial_hex), one["serial_hex"].get<std::string>());
      const auto url = one["url"].get<std::string>();
      CreateSessionRequest asked{parameter(url, "trustAnchorArn"), parameter(url, "profileArn"),
                                 parameter(url, "roleArn"), std::chrono::seconds(900), ""};
      const Endpoint endpoint{
          url.substr(0, url.find("/sessions")), one["region"].get<std::string>(), "rolesanywhere", {}, false};
      auto request = create_session_request(endpoint, asked);
      EXPECT_EQ(request.url, url);
      EXPECT_EQ(secret::text_of(request.body), one["body"].get<std::string>());
      const auto signature =
          sign_with_certificate(request, identity, endpoint, *base::parse_iso8601("2021-11-03T12:00:00Z"));
      ASSERT_TRUE(signature.has_value()) << signature.error().what;
      EXPECT_EQ(secret::text_of(signature->canonical_request), one["canonical_request"].get<std::string>());
      EXPECT_EQ(signature->string_to_sign, one["string_to_sign"].get<std::string>());
      for (const auto& [header, value] : one["headers_signed"].items())
        if (header != "host") {
          EXPECT_NE(std::ranges::find_if(request.headers,
                                         [&](const http::Header& sent) {
                                           return base::lower_ascii(sent.name) == header && sent.value == value;
                                         }),
                    request.headers.end())
              << header;
        }
      const auto authorization = request.headers.back();
      const auto expected = one["authorization"].get<std::string>();
      if (one["signature_deterministic"].get<bool>()) {
        EXPECT_EQ(signature->hex, one["signature_hex"].get<std::string>());
        EXPECT_EQ(authorization.value, expected);
      } else {
        EXPECT_EQ(authorization.value, expected.substr(0, expected.find("Signature=")) + "Signature=" + signature->hex);
      }
      EXPECT_TRUE(
          verifies(identity.certificate.public_key, signature->string_to_sign, *base::from_hex(signature->hex)));
      EXPECT_FALSE(verifies(identity.certificate.public_key, "another", *base::from_hex(signature->hex)));
    }
    ++cases;
  }
  vectors_ran(kFolder, cases, 4);
}

TEST(X509Signing, refuses_to_sign_twice) {
  if (!vectors_present()) GTEST_SKIP();
  const auto key = key_of("ec-key.pem");
  const X509Identity identity{key.get(), certificates_of("ec-cert.pem").front(), {}};
  const Endpoint endpoint{"https://rolesanywhere.us-east-1.amazonaws.com", "us-east-1", "rolesanywhere", {}, false};
  auto request = create_session_request(endpoint, {});
  ASSERT_TRUE(sign_with_certificate(request, identity, endpoint, {}).has_value());
  EXPECT_FALSE(sign_with_certificate(request, identity, endpoint, {}).has_value());
}

TEST(Certificate, is_compared_with_the_key_and_with_the_time) {
  if (!vectors_present()) GTEST_SKIP();
  const auto certificate = certificates_of("rsa-cert.pem").front();
  const auto now = *base::parse_iso8601("2030-01-01T00:00:00Z");
  EXPECT_TRUE(check_usable(certificate, key_of("rsa-key.pem")->public_key(), now, "the certificate").has_value());
  EXPECT_EQ(check_usable(certificate, key_of("ec-key.pem")->public_key(), now, "the certificate").error().what,
            "the certificate (CN=rsa-leaf, serial " + certificate.serial_hex + ") does not belong to the private key");
  const auto key = key_of("rsa-key.pem");
  const auto early =
      check_usable(certificate, key->public_key(), *base::parse_iso8601("2020-12-31T23:59:59Z"), "the certificate");
  EXPECT_NE(early.error().what.find("is not valid before 2021-01-01T00:00:00Z"), std::string::npos);
  const auto late =
      check_usable(certificate, key->public_key(), *base::parse_iso8601("2050-01-01T00:00:00Z"), "the certificate");
  EXPECT_NE(late.error().what.find("has expired at 2049-12-31"), std::string::npos) << late.error().what;
}

TEST(Certificate, one_that_cannot_be_decoded_is_named) {
  if (!vectors_present()) GTEST_SKIP();
  const auto text = vector_text("rolesanywhere/tst/certs/invalid-rsa-cert.pem");
  const auto read = read_certificates(secret::Bytes::copy_of(text), "the certificate x.pem");
  ASSERT_FALSE(read.has_value());
  EXPECT_TRUE(read.error().what.starts_with("the certificate x.pem: ")) << read.error().what;
}

TEST(CreateSession, reads_the_documented_reply) {
  if (!vectors_present()) GTEST_SKIP();
  auto reply = vector_json(kFolder + "rolesanywhere-signing.json")["create_session_response_example"];
  // The example's key id is no key id; AWS's own look like this.
  reply["credentialSet"][0]["credentials"]["accessKeyId"] = "ASIAEXAMPLEEXAMPLE01";
  const auto read = read_create_session_reply(secret::Bytes::copy_of(reply.dump()));
  ASSERT_TRUE(read.has_value()) << read.error().what;
  EXPECT_EQ(secret::text_of(read->secret_access_key), "secretAccessKey");
  EXPECT_EQ(secret::text_of(read->session_token), "sessionToken");
  EXPECT_EQ(base::iso8601(*read->expiration), "2022-07-27T04:36:55Z");
  EXPECT_EQ(read->account_id, "000000000000");
}

TEST(CreateSession, refuses_replies_that_lack_or_double_a_part) {
  for (const auto* reply :
       {R"({"credentialSet":[]})", "{}", "[]", R"({"credentialSet":[{}]})",
        R"({"credentialSet":[{"credentials":{"accessKeyId":"ASIAEXAMPLEEXAMPLE01"}}]})",
        R"({"credentialSet":[{"credentials":{"accessKeyId":"ASIAEXAMPLEEXAMPLE01",)"
        R"("accessKeyId":"ASIAEXAMPLEEXAMPLE02","secretAccessKey":"s","sessionToken":"t",)"
        R"("expiration":"2030-01-01T00:00:00Z"}}]})",
        R"({"credentialSet":[{"credentials":{"accessKeyId":"ASIAEXAMPLEEXAMPLE01",)"
        R"("secretAccessKey":"s","sessionToken":"t\r\nX: y","expiration":"2030-01-01T00:00:00Z"}}]})"})
    EXPECT_FALSE(read_create_session_reply(secret::Bytes::copy_of(reply)).has_value()) << reply;
}

}  // namespace
}  // namespace aws
