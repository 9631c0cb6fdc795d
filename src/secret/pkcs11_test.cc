#include "secret/pkcs11.h"

#include "base/own_directory_for_test.h"
#include "secret/text_for_test.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace secret {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModule = "/usr/lib/softhsm/libsofthsm2.so";
constexpr const char* kPin = "1234";

TEST(Pkcs11Uri, reads_the_parts_of_the_rfc) {
  const auto uri = parse_pkcs11_uri(
      "pkcs11:token=My%20token;object=web;id=%01%ab;type=private;serial=1;manufacturer=m;model=x"
      "?module-path=/usr/lib/a.so&pin-source=file:///home/u/pin");
  ASSERT_TRUE(uri.has_value()) << uri.error().what;
  EXPECT_EQ(uri->token, "My token");
  EXPECT_EQ(uri->object, "web");
  EXPECT_EQ(uri->id, "\x01\xab");
  EXPECT_EQ(uri->module_path, "/usr/lib/a.so");
  EXPECT_EQ(uri->pin_source, "/home/u/pin");
  EXPECT_EQ(parse_pkcs11_uri("pkcs11:id=%01?pin-source=/pin")->pin_source, "/pin");
}

TEST(Pkcs11Uri, refuses_what_it_does_not_know_and_what_would_lie_in_clear) {
  for (const auto* bad :
       {"", "pkcs11", "pkcs11:", "pkcs11:token=a", "pkcs11:object", "pkcs11:object=a;object=b", "pkcs11:object=%",
        "pkcs11:object=%4", "pkcs11:object=%zz", "pkcs11:object=a;colour=red", "pkcs11:object=a;type=cert",
        "pkcs11:object=a?module-path=a.so", "pkcs11:object=a?module-name=softhsm2", "pkcs11:object=a?pin-source=a",
        "pkcs11:object=a?pin-source=|cat", "pkcs11:object=a?module-path=/a%00b", "file:object=a"})
    EXPECT_FALSE(parse_pkcs11_uri(bad).has_value()) << bad;
  const auto pin = parse_pkcs11_uri("pkcs11:object=a?pin-value=1234");
  ASSERT_FALSE(pin.has_value());
  EXPECT_EQ(pin.error().kind, base::ErrorKind::refused);
  EXPECT_EQ((pin.error().what + pin.error().hint).find("1234"), std::string::npos);
}

/// A SoftHSM token with the throw-away keys of the vectors in it.
class SoftHsm : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kModule) || !fs::is_directory(kVectors)) {
      std::printf("NO SOFTHSM OR NO VECTORS: %s, %s\n", kModule, kVectors.c_str());
      const char* const ci = std::getenv("CI");
      if (ci != nullptr && std::string_view(ci) == "true") ADD_FAILURE() << "nothing was tested";
      GTEST_SKIP();
    }
    fs::create_directory(directory_.path() + "/tokens");
    const auto conf = directory_.path() + "/softhsm2.conf";
    std::ofstream(conf) << "directories.tokendir = " << directory_.path() << "/tokens\nobjectstore.backend = file\n";
    setenv("SOFTHSM2_CONF", conf.c_str(), 1);
    run("softhsm2-util --init-token --free --label kabuto --so-pin 5678 --pin 1234");
    run("softhsm2-util --import " + (kVectors / "rsa-key-pkcs8.pem").string() +
        " --token kabuto --label rsa --id 01 --pin 1234");
    run("softhsm2-util --import " + (kVectors / "ec-key-pkcs8.pem").string() +
        " --token kabuto --label ec --id 02 --pin 1234");
  }
  void run(const std::string& command) const {
    const auto log = directory_.path() + "/log";
    ASSERT_EQ(std::system((command + " >" + log + " 2>&1").c_str()), 0) << command << "\n" << text_of_file(log);
  }
  static std::string text_of_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static Der public_key(const std::string& name) {
    const auto read = read_key_file(
        Bytes::copy_of(text_of_file(kVectors / name)),
        []() -> base::Result<Bytes> { return base::fail(base::ErrorKind::failure, "encrypted"); }, "the key");
    return read->key->public_key();
  }
  base::Result<std::unique_ptr<SigningKey>> key(const std::string& object, const std::string& of,
                                                const char* pin = kPin, const std::string& token = "kabuto") {
    asked_ = 0;
    const auto uri =
        parse_pkcs11_uri("pkcs11:token=" + token + ";object=" + object + "?module-path=" + std::string(kModule));
    return token_key(
        *uri, public_key(of),
        [this, pin]() -> base::Result<Bytes> {
          ++asked_;
          return Bytes::copy_of(pin);
        },
        clock_);
  }

  static inline const fs::path kVectors = fs::path(KABUTO_VECTORS_DIR) / "derived/rolesanywhere";
  const base::OwnDirectory directory_;
  base::SystemClock clock_;
  int asked_ = 0;
};

TEST_F(SoftHsm, rsa_and_ec_keys_sign_what_their_certificates_verify) {
  for (const auto* kind : {"rsa", "ec"}) {
    const auto opened = key(kind, std::string(kind) + "-key.pem");
    ASSERT_TRUE(opened.has_value()) << opened.error().what;
    for (const auto* text : {"one", "two", ""}) {
      const auto signature = (*opened)->sign(text);
      ASSERT_TRUE(signature.has_value()) << signature.error().what;
    }
    EXPECT_EQ(asked_, 1);
  }
  const auto rsa = key("rsa", "rsa-key.pem");
  const auto read = read_key_file(
      Bytes::copy_of(text_of_file(kVectors / "rsa-key.pem")),
      []() -> base::Result<Bytes> { return base::fail(base::ErrorKind::failure, "encrypted"); }, "the key");
  EXPECT_EQ(*(*rsa)->sign("text"), *read->key->sign("text"));
}

TEST_F(SoftHsm, each_trouble_has_its_own_text) {
  EXPECT_EQ((*key("rsa", "ec-key.pem"))->sign("text").error().what, "the token kabuto cannot do what it was asked for");
  EXPECT_EQ((*key("ec", "rsa-key.pem"))->sign("text").error().kind, base::ErrorKind::failure);
  const auto wrong = (*key("rsa", "rsa-key.pem", "9999"))->sign("text");
  EXPECT_EQ(wrong.error().kind, base::ErrorKind::denied);
  EXPECT_NE(wrong.error().what.find("refuses the PIN"), std::string::npos) << wrong.error().what;
  EXPECT_EQ((*key("none", "rsa-key.pem"))->sign("text").error().kind, base::ErrorKind::not_found);
  EXPECT_NE((*key("rsa", "rsa-key.pem", kPin, "other"))->sign("text").error().what.find("the token other is not there"),
            std::string::npos);
  run("softhsm2-util --import " + (kVectors / "rsa-key-pkcs8.pem").string() +
      " --token kabuto --label rsa --id 03 --pin 1234");
  EXPECT_NE((*key("rsa", "rsa-key.pem"))->sign("text").error().what.find("more than one key"), std::string::npos);
}

TEST_F(SoftHsm, certificates_are_read_without_a_pin) {
  run("openssl x509 -in " + (kVectors / "rsa-cert.pem").string() + " -outform DER -out " + directory_.path() +
      "/c.der");
  run("pkcs11-tool --module " + std::string(kModule) + " --token-label kabuto --login --pin 1234 --write-object " +
      directory_.path() + "/c.der --type cert --label rsa --id 01");
  const auto uri = parse_pkcs11_uri("pkcs11:token=kabuto;object=rsa?module-path=" + std::string(kModule));
  const auto read = token_certificates(*uri, clock_);
  ASSERT_TRUE(read.has_value()) << read.error().what;
  ASSERT_EQ(read->size(), 1U);
  const auto der = text_of_file(directory_.path() + "/c.der");
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(read->front().data()), read->front().size()), der);
  EXPECT_EQ(token_certificates(*parse_pkcs11_uri("pkcs11:object=ec?module-path=" + std::string(kModule)), clock_)
                .error()
                .kind,
            base::ErrorKind::not_found);
}

TEST_F(SoftHsm, a_module_that_is_none_or_that_others_can_write_is_not_used) {
  const auto fake = directory_.path() + "/module.so";
  std::ofstream(fake) << "no library";
  const auto uri = [&] { return *parse_pkcs11_uri("pkcs11:object=rsa?module-path=" + fake); };
  EXPECT_NE(token_certificates(uri(), clock_).error().what.find("cannot be loaded"), std::string::npos);
  fs::permissions(fake, fs::perms::owner_all | fs::perms::others_write);
  EXPECT_EQ(token_certificates(uri(), clock_).error().kind, base::ErrorKind::refused);
}

}  // namespace
}  // namespace secret
