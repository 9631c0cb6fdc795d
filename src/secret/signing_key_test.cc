#include "secret/signing_key.h"

#include "secret/pem.h"
#include "secret/text_for_test.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace secret {
namespace {

namespace fs = std::filesystem;

const fs::path kVectors = KABUTO_VECTORS_DIR;
const fs::path kFixtures = kVectors / "rolesanywhere/tst";

bool present() {
  if (fs::is_directory(kFixtures)) return true;
  std::printf("VECTORS MISSING: %s\n", kFixtures.c_str());
  const char* const ci = std::getenv("CI");
  if (ci != nullptr && std::string_view(ci) == "true") ADD_FAILURE() << "no vectors in " << kFixtures;
  return false;
}

Bytes content_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.good()) << path;
  return Bytes::copy_of(std::string(std::istreambuf_iterator<char>(in), {}));
}

AskPassphrase answering(const char* passphrase) {
  return [=]() -> base::Result<Bytes> { return Bytes::copy_of(passphrase); };
}

base::Result<Bytes> nobody() { return base::fail(base::ErrorKind::sign_in_needed, "nobody can be asked"); }

// What no libcrypto before 3.5 has is said; from then on the key opens.
bool opens_or_names_ml_dsa(const base::Result<KeyFile>& read) {
  if (read) return read->key->algorithm() == KeyAlgorithm::ml_dsa;
  return read.error().what == "the key is an ML-DSA key, and the libcrypto of this machine knows no ML-DSA";
}

TEST(SigningKey, every_fixture_opens_with_its_passphrase_as_far_as_libcrypto_knows_the_key) {
  if (!present()) GTEST_SKIP();
  std::size_t plain = 0, sealed = 0;
  for (const auto& entry : fs::directory_iterator(kFixtures / "mldsa-fixtures")) {
    const auto name = entry.path().filename().string();
    if (name.find("-cert") != std::string::npos) continue;
    SCOPED_TRACE(name);
    const Bytes content = content_of(entry.path());
    const bool is_sealed = text_of(content).find("ENCRYPTED") != std::string::npos;
    const auto read = read_key_file(content, is_sealed ? answering("password") : nobody, "the key");
    EXPECT_TRUE(opens_or_names_ml_dsa(read)) << (read ? "" : read.error().what);
    if (is_sealed) {
      const auto wrong = read_key_file(content, answering("passwort"), "the key");
      ASSERT_FALSE(wrong.has_value());
      EXPECT_EQ(wrong.error().what, "the key does not open with this passphrase");
    }
    ++(is_sealed ? sealed : plain);
  }
  std::printf("vectors: rolesanywhere/tst/mldsa-fixtures: %zu plain, %zu encrypted keys\n", plain, sealed);
  EXPECT_EQ(plain, 6U);
  EXPECT_EQ(sealed, 21U);
}

TEST(SigningKey, an_encrypted_rsa_key_opens_and_signs) {
  if (!present()) GTEST_SKIP();
  auto read = read_key_file(content_of(kFixtures / "keys/acm-encrypted.pem"), answering("password"), "the key");
  ASSERT_TRUE(read.has_value()) << read.error().what;
  EXPECT_EQ(read->key->algorithm(), KeyAlgorithm::rsa);
  EXPECT_EQ(read->key->sign("text")->size(), 256U);
  EXPECT_EQ(read_key_file(content_of(kFixtures / "keys/acm-encrypted.pem"), nobody, "the key").error().kind,
            base::ErrorKind::sign_in_needed);
}

TEST(SigningKey, a_damaged_key_is_said_to_be_one) {
  if (!present()) GTEST_SKIP();
  const auto read = read_key_file(content_of(kFixtures / "certs/invalid-rsa-key.pem"), nobody, "the key x.pem");
  ASSERT_FALSE(read.has_value());
  EXPECT_TRUE(read.error().what.starts_with("the key x.pem")) << read.error().what;
  EXPECT_FALSE(read_key_file(Bytes::copy_of("no key at all"), nobody, "the key").has_value());
  EXPECT_FALSE(read_key_file(Bytes(), nobody, "the key").has_value());
  EXPECT_EQ(read_key_file(content_of(kVectors / "derived/rolesanywhere/rsa-cert.pem"), nobody, "the key").error().what,
            "the key holds no private key");
}

TEST(SigningKey, the_old_encryption_of_pem_is_refused_with_the_way_out) {
  const auto read = read_key_file(Bytes::copy_of("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
                                                 "DEK-Info: AES-256-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"),
                                  nobody, "the key");
  ASSERT_FALSE(read.has_value());
  EXPECT_NE(read.error().hint.find("openssl pkcs8 -topk8"), std::string::npos);
}

TEST(SigningKey, both_spellings_of_one_key_have_one_public_key) {
  if (!present()) GTEST_SKIP();
  for (const auto* name : {"ec", "rsa"}) {
    const auto folder = kVectors / "derived/rolesanywhere";
    const auto traditional = read_key_file(content_of(folder / (std::string(name) + "-key.pem")), nobody, "the key");
    const auto pkcs8 = read_key_file(content_of(folder / (std::string(name) + "-key-pkcs8.pem")), nobody, "the key");
    ASSERT_TRUE(traditional && pkcs8) << name;
    EXPECT_EQ(traditional->key->public_key(), pkcs8->key->public_key());
  }
}

TEST(Pem, base64_is_strict_where_it_matters) {
  EXPECT_EQ(text_of(*decode_base64("Zm9v\nYmFy")), "foobar");
  EXPECT_EQ(text_of(*decode_base64("Zm9vYg==")), "foob");
  EXPECT_EQ(decode_base64("")->size(), 0U);
  for (const auto* bad : {"Z", "Zg", "Zg=", "Zg===", "Z=g=", "Zm9v!", "Zm9vYg==YQ=="})
    EXPECT_FALSE(decode_base64(bad).has_value()) << bad;
}

TEST(Pem, a_block_without_an_end_or_with_another_end_is_refused) {
  for (const auto* bad : {"-----BEGIN X-----\nAAAA\n", "-----BEGIN X-----\nAAAA\n-----END Y-----\n", "-----BEGIN X",
                          "-----BEGIN X-----\n!!\n-----END X-----"})
    EXPECT_FALSE(read_pem(Bytes::copy_of(bad)).has_value()) << bad;
  const auto two =
      read_pem(Bytes::copy_of("note\n-----BEGIN X-----\r\nAAAA\r\n-----END X-----\n"
                              "-----BEGIN Y-----\nAAAA\n-----END Y-----\n"));
  ASSERT_TRUE(two.has_value());
  ASSERT_EQ(two->size(), 2U);
  EXPECT_EQ((*two)[1].label, "Y");
}

}  // namespace
}  // namespace secret
