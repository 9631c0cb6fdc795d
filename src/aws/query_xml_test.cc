#include "aws/query_xml.h"

#include "aws/service_for_test.h"

#include <chrono>

namespace aws {
namespace {

base::Result<XmlReply> parse(std::string_view text) { return XmlReply::parse(secret::Bytes::copy_of(text)); }

void expect_refused(std::string_view text, std::string_view why) {
  const auto reply = parse(text);
  ASSERT_FALSE(reply.has_value()) << text.substr(0, 200);
  EXPECT_NE(reply.error().what.find(why), std::string::npos) << reply.error().what;
}

TEST(QueryXml, gives_text_without_the_white_space_around_it) {
  const auto reply = parse(
      "<?xml version=\"1.0\"?>\n<R xmlns=\"x\"><A>\n  <B> one &lt;two&gt; </B><C><![CDATA[three]]></C><D/></A></R>\n");
  ASSERT_TRUE(reply.has_value()) << reply.error().what;
  EXPECT_EQ(reply->root().name(), "R");
  EXPECT_EQ(reply->root().text("A/B"), "one <two>");
  EXPECT_EQ(reply->root().text("A/C"), "three");
  EXPECT_EQ(reply->root().text("A/D"), "");
  EXPECT_EQ(reply->root().optional_text("A/E"), std::nullopt);
  EXPECT_FALSE(reply->root().text("A/E").has_value());
  EXPECT_EQ(text_of(*reply->root().secret("A/B")), "one <two>");
}

TEST(QueryXml, refuses_what_is_not_one_document_of_utf8) {
  expect_refused("", "empty");
  expect_refused("hello", "not");
  expect_refused("<a>", "not XML");
  expect_refused("<a></b>", "not XML");
  expect_refused("<a/><b/>", "one XML element");
  expect_refused("<!-- nothing -->", "not");
  expect_refused("<a>\xff</a>", "UTF-8");
  expect_refused(std::string_view("<a>\0</a>", 8), "UTF-8");
  expect_refused(std::string_view("\xff\xfe<\0a\0/\0>\0", 10), "UTF-8");
}

TEST(QueryXml, refuses_a_document_type_definition) {
  expect_refused("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", "document type");
  expect_refused("<!DOCTYPE a [<!ENTITY x \"y\"><!ENTITY z \"&x;&x;&x;\">]><a>&z;</a>", "document type");
  const auto undeclared = parse("<a>&xxe;</a>");
  ASSERT_TRUE(undeclared.has_value());
  EXPECT_EQ(undeclared->root().text(""), "&xxe;");
}

TEST(QueryXml, refuses_deep_nesting_in_no_time) {
  const auto nested = [](std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += "<a>";
    for (std::size_t i = 0; i < depth; ++i) text += "</a>";
    return text;
  };
  EXPECT_TRUE(parse(nested(64)).has_value());
  expect_refused(nested(65), "deep");
  const auto start = std::chrono::steady_clock::now();
  expect_refused(nested(140'000), "deep");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

TEST(QueryXml, refuses_an_element_that_occurs_twice_or_holds_more_than_text) {
  const auto reply = parse("<R><A>1</A><A>2</A><B>1<C/></B><D>a<!-- x -->b</D><E><F>1</F></E><E/></R>");
  ASSERT_TRUE(reply.has_value());
  for (const auto* path : {"A", "B", "E/F"}) {
    EXPECT_FALSE(reply->root().text(path).has_value()) << path;
    EXPECT_FALSE(reply->root().secret(path).has_value()) << path;
  }
  EXPECT_FALSE(reply->root().optional_text("A").has_value());
}

TEST(QueryXml, lists_members) {
  const auto reply = parse("<R><L><member>a</member><other/><member>b</member></L><Empty/></R>");
  ASSERT_TRUE(reply.has_value());
  const auto members = reply->root().members("L");
  ASSERT_TRUE(members.has_value());
  ASSERT_EQ(members->size(), 2U);
  EXPECT_EQ((*members)[1].text(""), "b");
  EXPECT_EQ(reply->root().members("Empty")->size(), 0U);
  EXPECT_EQ(reply->root().members("Missing")->size(), 0U);
}

TEST(QueryXml, error_never_shows_text_of_the_reply) {
  const auto reply = parse("<R><SecretAccessKey>CANARY</SecretAccessKey><SecretAccessKey>CANARY</SecretAccessKey></R>");
  const auto secret = reply->root().secret("SecretAccessKey");
  ASSERT_FALSE(secret.has_value());
  EXPECT_EQ(secret.error().what.find("CANARY"), std::string::npos);
  const auto broken = parse("<R><SecretAccessKey>CANARY</SecretAccessKe></R>");
  ASSERT_FALSE(broken.has_value());
  EXPECT_EQ(broken.error().what.find("CANARY"), std::string::npos);
}

}  // namespace
}  // namespace aws
