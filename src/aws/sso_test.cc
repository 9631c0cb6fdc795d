#include "aws/sso.h"

#include "aws/service_for_test.h"

namespace aws {
namespace {

using base::Duration;
using base::ErrorKind;

struct PortalBench : Bench {
  PortalBench(int status, std::string body, std::vector<http::Header> headers = {}) {
    http.then(status, std::move(body), std::move(headers));
  }
  Sso sso{client, [] {
            Endpoint out;
            out.url = "https://portal.sso.eu-west-1.amazonaws.com";
            return out;
          }()};
  secret::Bytes token = secret::Bytes::copy_of("ACCESS-TOKEN");
};

std::string credentials_body(std::string_view expiration = "1893459600000") {
  return R"({"roleCredentials":{"accessKeyId":"ASIAEXAMPLE123456789","secretAccessKey":"SECRET/+","sessionToken":"TOKEN==",
            "expiration":)" +
         std::string(expiration) + "}}";
}

TEST(Sso, lists_accounts_page_by_page) {
  PortalBench bench(200, R"({"nextToken":"n+/=","accountList":[
      {"accountId":"111122223333","accountName":"prod \u00e4","emailAddress":"a@b"},
      {"accountId":"444455556666","more":1}]})");
  const auto page = bench.sso.list_accounts(bench.token, "");
  ASSERT_TRUE(page && *page) << page.error().what;
  ASSERT_EQ((*page)->items.size(), 2U);
  EXPECT_EQ((*page)->items[0].id, "111122223333");
  EXPECT_EQ((*page)->items[0].name, "prod \xc3\xa4");
  EXPECT_EQ((*page)->items[1].email, "");
  EXPECT_EQ((*page)->next_token, "n+/=");
  EXPECT_TRUE(bench.sso.list_accounts(bench.token, "n+/=").has_value());
  EXPECT_EQ(bench.http.sent.at(0).url, "https://portal.sso.eu-west-1.amazonaws.com/assignment/accounts?max_result=100");
  EXPECT_EQ(bench.http.sent.at(1).url,
            "https://portal.sso.eu-west-1.amazonaws.com/assignment/accounts?max_result=100&next_token=n%2B%2F%3D");
  EXPECT_EQ(bench.http.sent.at(0).method, "GET");
  EXPECT_EQ(bench.http.sent.at(0).secret_headers.at("x-amz-sso_bearer_token"), "ACCESS-TOKEN");
}

TEST(Sso, lists_the_roles_of_an_account) {
  PortalBench bench(200,
                    R"({"nextToken":null,"roleList":[{"roleName":"Admin","accountId":"1"},{"roleName":"a+=,.@-_"}]})");
  const auto page = bench.sso.list_account_roles(bench.token, "111122223333", "");
  ASSERT_TRUE(page && *page);
  EXPECT_EQ((*page)->items, (std::vector<std::string>{"Admin", "a+=,.@-_"}));
  EXPECT_EQ((*page)->next_token, "");
  EXPECT_EQ(bench.http.sent.at(0).url,
            "https://portal.sso.eu-west-1.amazonaws.com/assignment/roles?account_id=111122223333&max_result=100");
}

TEST(Sso, hands_throttling_of_a_listing_up_at_once) {
  PortalBench bench(429, R"({"message":"Too many requests"})", {{"Retry-After", "3"}});
  const auto page = bench.sso.list_accounts(bench.token, "");
  ASSERT_TRUE(page.has_value());
  ASSERT_FALSE(page->has_value());
  EXPECT_EQ(page->error().wish, Duration(3000));
  EXPECT_EQ(bench.http.sent.size(), 1U);
  PortalBench failing(503, "");
  EXPECT_EQ(failing.sso.list_accounts(failing.token, "").error().kind, ErrorKind::unreachable);
  EXPECT_EQ(failing.http.sent.size(), 3U);
}

TEST(Sso, gets_the_credentials_of_a_role) {
  PortalBench bench(200, credentials_body());
  const auto got = bench.sso.get_role_credentials(bench.token, "111122223333", "Power/User &x");
  ASSERT_TRUE(got.has_value()) << got.error().what;
  EXPECT_EQ(got->access_key_id, "ASIAEXAMPLE123456789");
  EXPECT_EQ(text_of(got->secret_access_key), "SECRET/+");
  EXPECT_EQ(text_of(got->session_token), "TOKEN==");
  EXPECT_EQ(base::iso8601(*got->expiration), "2030-01-01T01:00:00Z") << "epoch milliseconds";
  EXPECT_EQ(got->account_id, "111122223333");
  EXPECT_EQ(bench.http.sent.at(0).url,
            "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials?"
            "role_name=Power%2FUser%20%26x&account_id=111122223333");
}

TEST(Sso, repeats_a_throttled_call_for_credentials) {
  PortalBench bench(429, R"({"message":"Too many requests"})");
  bench.http.then(200, credentials_body());
  EXPECT_TRUE(bench.sso.get_role_credentials(bench.token, "111122223333", "Admin").has_value());
}

TEST(Sso, tells_the_refusals_apart) {
  const auto kind = [](int status, const char* type, const char* message) {
    PortalBench bench(status, R"({"message":")" + std::string(message) + "\"}", {{"x-amzn-ErrorType", type}});
    const auto got = bench.sso.get_role_credentials(bench.token, "111122223333", "Admin");
    EXPECT_NE(got.error().what.find(message), std::string::npos) << got.error().what;
    EXPECT_EQ(got.error().what.find("ACCESS-TOKEN"), std::string::npos);
    return got.error().kind;
  };
  EXPECT_EQ(kind(401, "UnauthorizedException", "Session token not found or invalid"), ErrorKind::expired);
  EXPECT_EQ(kind(403, "ForbiddenException", "No access"), ErrorKind::denied);
  EXPECT_EQ(kind(404, "ResourceNotFoundException", "no such role"), ErrorKind::not_found);
  EXPECT_EQ(kind(400, "InvalidRequestException", "bad"), ErrorKind::failure);
  EXPECT_EQ(kind(500, "InternalServerException", "later"), ErrorKind::unreachable);
}

TEST(Sso, logs_out_with_the_token_as_a_header) {
  PortalBench bench(200, "");
  EXPECT_TRUE(bench.sso.logout(bench.token).has_value());
  const auto& sent = bench.http.sent.at(0);
  EXPECT_EQ(sent.method + " " + sent.url, "POST https://portal.sso.eu-west-1.amazonaws.com/logout");
  EXPECT_EQ(sent.body + sent.content_type, "");
  EXPECT_EQ(sent.secret_headers.at("x-amz-sso_bearer_token"), "ACCESS-TOKEN");
}

TEST(Sso, refuses_credentials_that_are_not_as_documented) {
  const auto got = [](std::string body) {
    PortalBench bench(200, std::move(body));
    return bench.sso.get_role_credentials(bench.token, "111122223333", "Admin").has_value();
  };
  EXPECT_TRUE(got(credentials_body()));
  for (const auto* expiration : {"1893455999", "0", "-1", "\"1893459600000\"", "1893459600000.5", "1e30", "null",
                                 "9223372036854775807", "99999999999999999999999", "1893455999999"})
    EXPECT_FALSE(got(credentials_body(expiration))) << expiration;
  for (
      const auto* body :
      {"{}", "[]", R"({"roleCredentials":null})", R"({"roleCredentials":[]})", R"({"roleCredentials":{}})",
       R"({"roleCredentials":{"accessKeyId":"AK;rm -rf","secretAccessKey":"s","sessionToken":"t","expiration":1893459600000}})",
       R"({"roleCredentials":{"accessKeyId":"ASIAEXAMPLE123456789","secretAccessKey":"a\nb","sessionToken":"t","expiration":1893459600000}})",
       R"({"roleCredentials":{"accessKeyId":"ASIAEXAMPLE123456789","secretAccessKey":"s","expiration":1893459600000}})"})
    EXPECT_FALSE(got(body)) << body;
}

TEST(Sso, refuses_listings_that_are_not_as_documented) {
  for (const auto* body : {R"({"accountList":[{"accountId":"12"}]})", R"({"accountList":[{"accountId":111122223333}]})",
                           R"({"accountList":[{"accountName":"x"}]})", R"({"accountList":{}})",
                           R"({"accountList":["111122223333"]})", R"({"accountList":[],"nextToken":7})"}) {
    PortalBench bench(200, body);
    EXPECT_FALSE(bench.sso.list_accounts(bench.token, "").has_value()) << body;
  }
  for (const auto* name : {"", "a/b", "a b", "../x", "a\\u001b", "a:b"}) {
    PortalBench bench(200, R"({"roleList":[{"roleName":")" + std::string(name) + "\"}]}");
    EXPECT_FALSE(bench.sso.list_account_roles(bench.token, "111122223333", "").has_value()) << name;
  }
  std::string many = R"({"accountList":[{"accountId":"111122223333"})";
  for (int i = 0; i < 1000; ++i) many += R"(,{"accountId":"111122223333"})";
  PortalBench bench(200, many + "]}");
  EXPECT_FALSE(bench.sso.list_accounts(bench.token, "").has_value());
}

}  // namespace
}  // namespace aws
