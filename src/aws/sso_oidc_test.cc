#include "aws/sso_oidc.h"

#include "aws/service_for_test.h"
#include "aws/vectors_for_test.h"

#include <set>

namespace aws {
namespace {

using base::Duration;
using base::ErrorKind;

struct OidcBench : Bench {
  SsoOidc oidc{client, [] {
                 Endpoint out;
                 out.url = "https://oidc.eu-west-1.amazonaws.com";
                 return out;
               }()};
  ClientRegistration registration{"client-1", secret::Bytes::copy_of("CLIENT-SECRET"), clock.now()};
  nlohmann::json sent(std::size_t which = 0) const { return nlohmann::json::parse(http.sent.at(which).body); }
};

secret::Bytes secret_of(const char* text) { return secret::Bytes::copy_of(text); }

constexpr char kTokens[] =
    R"({"accessToken":"ACCESS","tokenType":"Bearer","expiresIn":3600,"refreshToken":"REFRESH","idToken":null})";

TEST(SsoOidc, registers_for_the_code_flow) {
  OidcBench bench;
  bench.http.then(200, R"({"clientId":"c","clientSecret":"s","clientIdIssuedAt":1,"clientSecretExpiresAt":1900000000,
                           "authorizationEndpoint":null,"tokenEndpoint":null,"more":[{"x":1}]})");
  const auto made = bench.oidc.register_client({.client_name = "kabuto-corp",
                                                .flow = SsoFlow::authorization_code,
                                                .scopes = {"sso:account:access", "x:y"},
                                                .redirect_uri = "http://127.0.0.1/oauth/callback",
                                                .issuer_url = "https://d-1.awsapps.com/start"});
  ASSERT_TRUE(made.has_value()) << made.error().what;
  EXPECT_EQ(made->client_id, "c");
  EXPECT_EQ(text_of(made->client_secret), "s");
  EXPECT_EQ(base::iso8601(made->expires), "2030-03-17T17:46:40Z");
  EXPECT_EQ(bench.http.sent.at(0).url, "https://oidc.eu-west-1.amazonaws.com/client/register");
  EXPECT_EQ(bench.sent(), nlohmann::json::parse(R"({"clientName":"kabuto-corp","clientType":"public",
      "scopes":["sso:account:access","x:y"],"redirectUris":["http://127.0.0.1/oauth/callback"],
      "grantTypes":["authorization_code","refresh_token"],"issuerUrl":"https://d-1.awsapps.com/start"})"));
}

TEST(SsoOidc, registers_for_the_device_flow_without_a_redirect) {
  OidcBench bench;
  bench.http.then(200, R"({"clientId":"c","clientSecret":"s","clientSecretExpiresAt":1900000000})");
  RegisterClientRequest request;
  request.client_name = "k";
  request.flow = SsoFlow::device_code;
  ASSERT_TRUE(bench.oidc.register_client(request).has_value());
  EXPECT_EQ(bench.sent(), nlohmann::json::parse(R"({"clientName":"k","clientType":"public",
      "grantTypes":["urn:ietf:params:oauth:grant-type:device_code","refresh_token"]})"));
}

TEST(SsoOidc, starts_a_device_authorization) {
  OidcBench bench;
  bench.http.then(200, R"({"deviceCode":"DEVICE","userCode":"ABCD-EFGH","expiresIn":600,"interval":1,
      "verificationUri":"https://d-1.awsapps.com/start/#/device",
      "verificationUriComplete":"https://d-1.awsapps.com/start/#/device?user_code=ABCD-EFGH"})",
                  {{"Date", "Tue, 01 Jan 2030 01:00:00 GMT"}});
  const auto device = bench.oidc.start_device_authorization(bench.registration, "https://d-1.awsapps.com/start");
  ASSERT_TRUE(device.has_value()) << device.error().what;
  EXPECT_EQ(text_of(device->device_code), "DEVICE");
  EXPECT_EQ(device->user_code, "ABCD-EFGH");
  EXPECT_EQ(device->interval, Duration(1000));
  EXPECT_EQ(base::iso8601(device->expires), "2030-01-01T01:10:00Z") << "in AWS's time";
  EXPECT_EQ(bench.sent(), nlohmann::json::parse(
                              R"({"clientId":"client-1","clientSecret":"CLIENT-SECRET",
                                  "startUrl":"https://d-1.awsapps.com/start"})"));
}

TEST(SsoOidc, a_device_reply_cannot_lead_to_a_page_without_tls_or_show_control_characters) {
  const auto started = [](std::string_view uri, std::string_view code) {
    OidcBench bench;
    bench.http.then(200, R"({"deviceCode":"D","expiresIn":600,"userCode":")" + std::string(code) +
                             R"(","verificationUri":")" + std::string(uri) + "\"}");
    return bench.oidc.start_device_authorization(bench.registration, "https://x").has_value();
  };
  EXPECT_TRUE(started("https://device.sso.eu-west-1.amazonaws.com/", "ABCD-EFGH"));
  EXPECT_TRUE(started("http://127.0.0.1:4000/device", "ABCD-EFGH")) << "the simulator's";
  for (const auto* uri : {"http://device.example/", "javascript:alert(1)", "file:///etc/passwd", "--help", "",
                          "https://user@h/", "https://h/\\u001b[2J", "https://h/#\\u0007"})
    EXPECT_FALSE(started(uri, "ABCD-EFGH")) << uri;
  for (const auto* code : {"", "\\u001b[31m", "A B", "\\u202e"}) EXPECT_FALSE(started("https://h/", code)) << code;
  EXPECT_FALSE(started("https://h/", std::string(65, 'A')));
}

TEST(SsoOidc, waits_between_polls_for_a_time_within_reason) {
  const auto interval = [](std::string_view text) {
    OidcBench bench;
    bench.http.then(200, R"({"deviceCode":"D","expiresIn":600,"userCode":"U","verificationUri":"https://h/")" +
                             std::string(text) + "}");
    return bench.oidc.start_device_authorization(bench.registration, "https://x").value().interval;
  };
  EXPECT_EQ(interval(""), Duration(5000));
  EXPECT_EQ(interval(R"(,"interval":null)"), Duration(5000));
  EXPECT_EQ(interval(R"(,"interval":0)"), Duration(1000));
  EXPECT_EQ(interval(R"(,"interval":100000)"), Duration(60'000));
}

TEST(SsoOidc, asks_for_tokens_with_each_grant) {
  OidcBench bench;
  bench.http.then(200, kTokens);
  const auto device = bench.oidc.token_for_device(bench.registration, secret_of("DEVICE"));
  ASSERT_TRUE(device && std::holds_alternative<SsoTokens>(*device));
  const auto& tokens = std::get<SsoTokens>(*device);
  EXPECT_EQ(text_of(tokens.access_token), "ACCESS");
  EXPECT_EQ(text_of(tokens.refresh_token), "REFRESH");
  EXPECT_EQ(base::iso8601(tokens.expires), "2030-01-01T01:00:00Z");
  EXPECT_EQ(bench.sent(0)["grantType"], "urn:ietf:params:oauth:grant-type:device_code");
  EXPECT_EQ(bench.sent(0)["deviceCode"], "DEVICE");
  ASSERT_TRUE(
      bench.oidc.token_for_code(bench.registration, secret_of("CODE"), secret_of("VERIFIER"), "http://127.0.0.1:9/cb"));
  EXPECT_EQ(bench.sent(1), nlohmann::json::parse(R"({"clientId":"client-1","clientSecret":"CLIENT-SECRET",
      "grantType":"authorization_code","code":"CODE","redirectUri":"http://127.0.0.1:9/cb","codeVerifier":"VERIFIER"})"));
  ASSERT_TRUE(bench.oidc.refresh(bench.registration, secret_of("REFRESH")));
  EXPECT_EQ(bench.sent(2), nlohmann::json::parse(R"({"clientId":"client-1","clientSecret":"CLIENT-SECRET",
      "grantType":"refresh_token","refreshToken":"REFRESH"})"));
  EXPECT_EQ(bench.http.sent.at(2).url, "https://oidc.eu-west-1.amazonaws.com/token");
}

TEST(SsoOidc, what_aws_answers_to_a_poll_is_no_failure) {
  const std::map<std::string, TokenRefusal> known{
      {"authorization_pending", TokenRefusal::pending}, {"slow_down", TokenRefusal::slow_down},
      {"expired_token", TokenRefusal::expired},         {"access_denied", TokenRefusal::denied},
      {"invalid_grant", TokenRefusal::invalid_grant},   {"invalid_client", TokenRefusal::invalid_client},
  };
  for (const auto& [name, refusal] : known) {
    OidcBench bench;
    bench.http.then(name == "invalid_client" ? 401 : 400, R"({"error":")" + name + "\"}");
    const auto reply = bench.oidc.token_for_device(bench.registration, secret_of("D"));
    ASSERT_TRUE(reply.has_value()) << name;
    EXPECT_EQ(std::get<TokenRefusal>(*reply), refusal) << name;
    EXPECT_EQ(bench.http.sent.size(), 1U) << "the poll's pace is the caller's";
  }
  OidcBench other;
  other.http.then(400, R"({"error":"invalid_scope","error_description":"no such scope"})");
  const auto reply = other.oidc.refresh(other.registration, secret_of("R"));
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().what, "InvalidScope: no such scope");
}

TEST(SsoOidc, a_code_or_a_refresh_token_is_not_spent_twice) {
  OidcBench bench;
  bench.http.then(ErrorKind::unreachable, "the reply was cut short");
  EXPECT_FALSE(bench.oidc.refresh(bench.registration, secret_of("R")).has_value());
  EXPECT_EQ(bench.http.sent.size(), 1U);
  EXPECT_FALSE(bench.oidc.token_for_code(bench.registration, secret_of("C"), secret_of("V"), "u").has_value());
  EXPECT_EQ(bench.http.sent.size(), 2U);
}

TEST(SsoOidc, refuses_replies_that_are_not_as_documented_and_never_quotes_them) {
  for (const auto* body : {"",
                           "[]",
                           "null",
                           "\"CANARY\"",
                           R"({"accessToken":"CANARY"})",
                           R"({"expiresIn":3600})",
                           R"({"accessToken":7,"expiresIn":3600})",
                           R"({"accessToken":"CANARY","expiresIn":"3600"})",
                           R"({"accessToken":"CANARY","expiresIn":0})",
                           R"({"accessToken":"CANARY","expiresIn":-5})",
                           R"({"accessToken":"CANARY","expiresIn":99999999999999})",
                           R"({"accessToken":"CANARY","expiresIn":3.5})",
                           R"({"accessToken":"CAN\u000aARY","expiresIn":3600})",
                           R"({"accessToken":"CANARY \u0000","expiresIn":3600})",
                           R"({"accessToken":"","expiresIn":3600})",
                           R"({"accessToken":"CANARY","accessToken":"X","expiresIn":3600})",
                           R"({"accessToken":"CANARY","expiresIn":3600}x)",
                           R"({"accessToken":["CANARY"],"expiresIn":3600})",
                           R"({"accessToken":"CANARY","refreshToken":{},"expiresIn":3600})",
                           "{\"accessToken\":\"CANARY"}) {
    OidcBench bench;
    bench.http.then(200, body);
    const auto reply = bench.oidc.refresh(bench.registration, secret_of("R"));
    ASSERT_FALSE(reply.has_value()) << body;
    EXPECT_EQ(reply.error().kind, ErrorKind::failure);
    EXPECT_EQ(reply.error().what.find("CANARY"), std::string::npos) << reply.error().what;
  }
  OidcBench expired;
  expired.http.then(200, R"({"clientId":"c","clientSecret":"s","clientSecretExpiresAt":5})");
  EXPECT_FALSE(expired.oidc.register_client({}).has_value());
}

TEST(SsoOidc, the_authorize_url_is_that_of_the_aws_cli) {
  if (!vectors_present()) GTEST_SKIP();
  std::size_t cases = 0;
  const auto vectors = vector_json("derived/oauth-authorize-urls.json");
  for (const auto& entry : vectors["cases"]) {
    if (entry["kind"] != "sso authorization-code") continue;
    Endpoint endpoint;
    endpoint.url = "https://oidc." + entry["region"].get<std::string>() + ".amazonaws.com";
    AuthorizeRequest request{entry["client_id"],
                             entry["redirect_uri"],
                             entry["state"],
                             code_challenge(secret::Bytes::copy_of(entry["code_verifier"].get<std::string>())),
                             {}};
    if (entry["scopes"].is_array()) request.scopes = entry["scopes"].get<std::vector<std::string>>();
    EXPECT_EQ(authorize_url(endpoint, request), entry["authorize_url"].get<std::string>());
    ++cases;
  }
  vectors_ran("derived/oauth-authorize-urls.json", cases, 2);
}

TEST(SsoOidc, the_challenge_is_that_of_rfc_7636) {
  if (!vectors_present()) GTEST_SKIP();
  std::size_t cases = 0;
  const auto vectors = vector_json("derived/pkce.json");
  for (const auto& entry : vectors["cases"]) {
    EXPECT_EQ(code_challenge(secret::Bytes::copy_of(entry["verifier"].get<std::string>())),
              entry["challenge_s256"].get<std::string>());
    ++cases;
  }
  vectors_ran("derived/pkce.json", cases, 2);
}

TEST(SsoOidc, a_verifier_is_64_signs_of_the_set_and_never_the_same) {
  std::set<std::string> seen;
  for (int i = 0; i < 50; ++i) {
    const auto verifier = text_of(make_verifier());
    EXPECT_EQ(verifier.size(), 64U);
    EXPECT_EQ(verifier.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"),
              std::string::npos);
    EXPECT_TRUE(seen.insert(verifier).second);
  }
}

}  // namespace
}  // namespace aws
