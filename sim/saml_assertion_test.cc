#include "saml_assertion.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

const base::Instant kNow = *base::parse_iso8601("2030-01-01T00:00:00Z");

SamlWishes wishes() {
  SamlWishes wanted;
  wanted.assertion.issuer = "https://idp.example.com/saml?a=1&b=\"2\"";
  wanted.assertion.subject = "erin <erin@example.com>";
  wanted.assertion.subject_type = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
  wanted.assertion.recipient = kSamlAudience;
  wanted.assertion.audiences = {std::string(kSamlAudience), "urn:other"};
  wanted.assertion.attributes = {{"a", {"1", "2"}}, {"b&", {"<>"}}};
  wanted.assertion.issued = kNow;
  wanted.assertion.not_on_or_after = kNow + std::chrono::minutes(5);
  wanted.assertion.session_end = kNow + std::chrono::hours(1);
  return wanted;
}

TEST(SamlResponse, is_read_as_it_was_written_and_signed) {
  const SigningKey key = SigningKey::create(SigningKey::Kind::rsa);
  for (const auto how : {SamlWishes::Signed::assertion, SamlWishes::Signed::response}) {
    SamlWishes wanted = wishes();
    wanted.how = how;
    const auto read = read_saml_response(write_saml_response(wanted, key), key);
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->is_signed);
    EXPECT_EQ(read->assertion.issuer, wanted.assertion.issuer);
    EXPECT_EQ(read->assertion.subject, wanted.assertion.subject);
    EXPECT_EQ(read->assertion.subject_type, wanted.assertion.subject_type);
    EXPECT_EQ(read->assertion.recipient, wanted.assertion.recipient);
    EXPECT_EQ(read->assertion.audiences, wanted.assertion.audiences);
    EXPECT_EQ(read->assertion.attributes, wanted.assertion.attributes);
    EXPECT_EQ(read->assertion.issued, kNow);
    EXPECT_EQ(read->assertion.not_on_or_after, wanted.assertion.not_on_or_after);
    EXPECT_EQ(read->assertion.session_end, wanted.assertion.session_end);
  }
}

TEST(SamlResponse, is_signed_by_the_key_given_and_no_other) {
  const SigningKey key = SigningKey::create(SigningKey::Kind::rsa);
  const SigningKey other = SigningKey::create(SigningKey::Kind::rsa);
  for (const auto how : {SamlWishes::Signed::foreign, SamlWishes::Signed::nothing}) {
    SamlWishes wanted = wishes();
    wanted.how = how;
    const auto read = read_saml_response(write_saml_response(wanted, key), key);
    ASSERT_TRUE(read);
    EXPECT_FALSE(read->is_signed);
  }
  const auto read = read_saml_response(write_saml_response(wishes(), key), other);
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->is_signed);
}

TEST(SamlResponse, with_one_byte_of_the_assertion_changed_is_signed_no_longer) {
  const SigningKey key = SigningKey::create(SigningKey::Kind::rsa);
  const std::string xml = write_saml_response(wishes(), key);
  const std::size_t begin = xml.find("<saml:Subject>");
  const std::size_t end = xml.find("</saml:Assertion>");
  ASSERT_LT(begin, end);
  for (std::size_t at = begin; at < end; ++at) {
    std::string changed = xml;
    changed[at] = changed[at] == 'x' ? 'y' : 'x';
    const auto read = read_saml_response(changed, key);
    EXPECT_TRUE(!read || !read->is_signed) << "byte " << at << " of " << xml;
  }
}

}  // namespace
}  // namespace sim
