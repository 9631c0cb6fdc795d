#include "aws/certificate_selector.h"

#include "aws/vectors_for_test.h"

#include <gtest/gtest.h>

namespace aws {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSerial = "15D19632234BF759A32802C0DA88F9E8AFC8702D";

TEST(CertificateSelector, every_file_of_the_vectors_is_read_or_refused_as_its_name_says) {
  if (!vectors_present()) GTEST_SKIP();
  std::size_t cases = 0;
  for (const auto& entry : fs::directory_iterator(std::string(KABUTO_VECTORS_DIR) + "/rolesanywhere/tst/selectors")) {
    const auto name = entry.path().filename().string();
    SCOPED_TRACE(name);
    const auto read = read_certificate_selector("file://" + entry.path().string());
    EXPECT_EQ(read.has_value(), name.starts_with("valid-")) << (read ? "" : read.error().what);
    if (read) {
      EXPECT_EQ(read->subject, "CN=Subject");
      EXPECT_EQ(read->serial_hex, kSerial);
      EXPECT_EQ(read->issuer, name == "valid-all-attributes-selector.json" ? "CN=Issuer" : "");
    } else {
      EXPECT_TRUE(read.error().what.starts_with("the certificate selector ")) << read.error().what;
    }
    ++cases;
  }
  vectors_ran("rolesanywhere/tst/selectors", cases, 6);
}

TEST(CertificateSelector, words_are_read_as_the_list_is) {
  const auto read =
      parse_certificate_selector("Key=x509Subject,Value=CN=web server,O=Example  Key=x509Serial,Value=00aB1");
  ASSERT_TRUE(read.has_value()) << read.error().what;
  EXPECT_EQ(read->subject, "CN=web server,O=Example");
  EXPECT_EQ(read->serial_hex, "0AB1");
  for (const auto* bad : {"", "Key=", "Key=x509Subject", "Key=x509Subject,Value=", "Key=x509Name,Value=a",
                          "Key=x509Serial,Value=xyz", "Key=x509Subject,Value=a Key=x509Subject,Value=b", "[]",
                          R"([{"Key":"x509Subject"}])", R"([{"Key":"x509Subject","Value":"a","More":"b"}])"})
    EXPECT_FALSE(parse_certificate_selector(bad).has_value()) << bad;
}

TEST(CertificateSelector, chooses_one_and_says_where_it_cannot) {
  std::vector<Certificate> all(3);
  all[0].subject = all[1].subject = "CN=web";
  all[2].subject = "CN=ca";
  all[1].serial_hex = "0B";
  EXPECT_EQ(*selected({"CN=ca", "", ""}, all), 2U);
  EXPECT_EQ(*selected({"CN=web", "", "0B"}, all), 1U);
  EXPECT_EQ(selected({"CN=web", "", ""}, all).error().what, "2 certificates fit roles_anywhere_certificate_selector");
  EXPECT_EQ(selected({"CN=mail", "", ""}, all).error().kind, base::ErrorKind::not_found);
}

}  // namespace
}  // namespace aws
