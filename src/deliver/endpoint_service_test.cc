#include "deliver/endpoint_service.h"

#include "base/fake_clock_for_test.h"
#include "deliver/metadata_service.h"
#include "secret/text_for_test.h"

#include <gtest/gtest.h>

namespace deliver {
namespace {

using http::Patience;
using secret::text_of;
using std::chrono::minutes;

constexpr char kToken[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
constexpr char kOther[] = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";

ServedProfile profile_of(const std::string& name, const char* token, const base::Clock& clock) {
  ServedProfile out;
  out.name = name;
  out.path = path_of(name);
  out.region = "eu-central-1";
  out.token = secret::Bytes::copy_of(std::string_view(token));
  out.lease.credentials.access_key_id = "ASIA-" + name;
  out.lease.credentials.secret_access_key = secret::Bytes::copy_of(std::string_view("secret\"with\\signs"));
  out.lease.credentials.session_token = secret::Bytes::copy_of(std::string_view("token"));
  out.lease.credentials.expiration = clock.now() + minutes(60);
  out.lease.left = minutes(60);
  return out;
}

struct Request {
  std::string_view method, target;
  std::vector<http::HeadField> fields;
};

std::deque<Served> two_profiles(const base::Clock& clock) {
  std::deque<Served> out;
  out.emplace_back(profile_of("dev", kToken, clock), clock);
  out.emplace_back(profile_of("a/b c", kOther, clock), clock);
  return out;
}

class Asking {
 public:
  std::string ask(http::Service& service, const Request& request, Patience patience = Patience::some) {
    http::RequestHead head;
    head.method = request.method;
    head.target = request.target;
    head.fields = request.fields;
    const secret::Bytes* const reply = service.answer(head, patience);
    return reply == nullptr ? "waits" : text_of(*reply);
  }
  std::string get(std::string_view target, std::string_view token, Patience patience = Patience::some) {
    return ask(endpoint, {"GET", target, {{"Authorization", token}}}, patience);
  }
  static std::string status(const std::string& reply) { return reply.substr(9, 3); }

  base::FakeClock clock;
  std::deque<Served> profiles = two_profiles(clock);
  int renewals = 0;
  bool helps = true;
  EndpointService endpoint{profiles, [this](Served&) {
                             ++renewals;
                             return helps;
                           }};
};

TEST(EndpointService, each_path_answers_its_own_token) {
  Asking asking;
  const auto reply = asking.get("/dev", kToken);
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(
      reply.ends_with("\r\n\r\n{\"AccessKeyId\":\"ASIA-dev\",\"SecretAccessKey\":\"secret\\\"with\\\\signs\","
                      "\"Token\":\"token\",\"Expiration\":\"2030-01-01T01:00:00Z\"}\n"))
      << reply;
  EXPECT_NE(asking.get("/a%2Fb%20c", kOther).find("ASIA-a/b c"), std::string::npos);
  EXPECT_EQ(Asking::status(asking.get("/dev", kOther)), "403");
  EXPECT_EQ(Asking::status(asking.get("/a%2Fb%20c", kToken)), "403");
}

TEST(EndpointService, no_short_long_or_wrong_token_gets_anything) {
  Asking asking;
  const std::string token = kToken;
  for (const std::string& wrong :
       {std::string(), token.substr(1), token + "0", "x" + token.substr(1), "Bearer " + token, std::string(64, '0')})
    EXPECT_EQ(Asking::status(asking.get("/dev", wrong)), "403") << wrong;
  EXPECT_EQ(Asking::status(asking.ask(asking.endpoint, {"GET", "/dev", {}})), "403");
  const Request twice{"GET", "/dev", {{"Authorization", kToken}, {"Authorization", kToken}}};
  EXPECT_EQ(Asking::status(asking.ask(asking.endpoint, twice)), "403");
}

TEST(EndpointService, other_paths_and_methods_are_not_served) {
  Asking asking;
  for (const auto path : {"/", "/dev/", "/dev?x", "/dev/x", "/role-arn/arn:aws:iam::222222222222:role/admin", "//dev"})
    EXPECT_EQ(Asking::status(asking.get(path, kToken)), "404") << path;
  for (const auto method : {"POST", "HEAD", "PUT", "DELETE"})
    EXPECT_EQ(Asking::status(asking.ask(asking.endpoint, {method, "/dev", {{"Authorization", kToken}}})), "405");
}

TEST(EndpointService, a_credential_process_finds_its_own_form) {
  Asking asking;
  const auto reply = asking.get("/dev/credential-process", kToken);
  EXPECT_NE(reply.find("\"Version\": 1"), std::string::npos);
  EXPECT_NE(reply.find("\"SessionToken\": \"token\""), std::string::npos);
  EXPECT_EQ(Asking::status(asking.get("/dev/credential-process", kOther)), "403");
}

TEST(EndpointService, expired_credentials_are_never_served) {
  Asking asking;
  asking.clock.sleep(minutes(60));
  EXPECT_EQ(asking.get("/dev", kToken), "waits");
  EXPECT_EQ(asking.renewals, 1);
  const auto late = asking.get("/dev", kToken, Patience::none);
  EXPECT_EQ(Asking::status(late), "503");
  EXPECT_NE(late.find("\"code\":\"CredentialsUnavailable\""), std::string::npos);
  EXPECT_EQ(late.find("secret"), std::string::npos);
  asking.helps = false;
  asking.profiles[0].credentials.failed(
      {base::ErrorKind::sign_in_needed, "nobody can be asked", "run kabuto exec dev"});
  const auto failed = asking.get("/dev", kToken);
  EXPECT_NE(failed.find("the credentials of dev have ended: nobody can be asked; run kabuto exec dev"),
            std::string::npos);
  asking.profiles[0].credentials.renewed(std::move(profile_of("new", kToken, asking.clock).lease));
  EXPECT_NE(asking.get("/dev", kToken).find("ASIA-new"), std::string::npos);
}

class Metadata : public ::testing::Test {
 protected:
  Asking asking;
  MetadataService service{asking.profiles[0], asking.clock, [](Served&) { return false; }};

  std::string put(std::vector<http::HeadField> fields) {
    return asking.ask(service, {"PUT", "/latest/api/token", std::move(fields)});
  }
  std::string token(std::string_view ttl = "60") {
    const auto reply = put({{"x-aws-ec2-metadata-token-ttl-seconds", ttl}});
    EXPECT_EQ(Asking::status(reply), "200");
    return reply.substr(reply.find("\r\n\r\n") + 4);
  }
  std::string get(std::string_view path, std::string_view token) {
    return asking.ask(service, {"GET", path, {{"X-aws-ec2-metadata-token", token}}});
  }
};

TEST_F(Metadata, a_token_leads_to_the_role_and_its_credentials) {
  const auto good = token();
  for (const std::string end : {"", "/"}) {
    EXPECT_TRUE(get("/latest/meta-data/iam/security-credentials" + end, good).ends_with("\r\n\r\ndev"));
    const auto reply = get("/latest/meta-data/iam/security-credentials/dev" + end, good);
    EXPECT_NE(reply.find("{\"Code\":\"Success\",\"LastUpdated\":\"2030-01-01T00:00:00Z\",\"Type\":\"AWS-HMAC\","
                         "\"AccessKeyId\":\"ASIA-dev\""),
              std::string::npos);
    EXPECT_NE(reply.find("x-aws-ec2-metadata-token-ttl-seconds: 60\r\n"), std::string::npos);
  }
  EXPECT_TRUE(get("/latest/meta-data/placement/region", good).ends_with("eu-central-1"));
  EXPECT_EQ(Asking::status(get("/latest/meta-data/iam/security-credentials/admin", good)), "404");
  EXPECT_EQ(Asking::status(get("/latest/user-data", good)), "404");
}

TEST_F(Metadata, nothing_is_told_without_a_token_that_is_alive) {
  const Request none{"GET", "/latest/meta-data/iam/security-credentials/dev", {}};
  const auto reply = asking.ask(service, none);
  EXPECT_EQ(Asking::status(reply), "401");
  EXPECT_NE(reply.find("no token provided"), std::string::npos);
  EXPECT_NE(get("/latest/meta-data/iam/security-credentials", "wrong").find("invalid token provided"),
            std::string::npos);
  const auto good = token("2");
  asking.clock.sleep(std::chrono::seconds(1));
  EXPECT_NE(get("/latest/meta-data/instance-id", good).find("ttl-seconds: 1\r\n"), std::string::npos);
  asking.clock.sleep(std::chrono::seconds(1));
  EXPECT_EQ(Asking::status(get("/latest/meta-data/instance-id", good)), "401");
}

TEST_F(Metadata, a_token_wants_a_right_ttl_a_put_and_no_proxy) {
  for (const auto ttl : {"0", "21601", "-1", "", "x", "1.5", "99999999999999999999"})
    EXPECT_EQ(Asking::status(put({{"x-aws-ec2-metadata-token-ttl-seconds", ttl}})), "400") << ttl;
  EXPECT_EQ(Asking::status(put({})), "400");
  EXPECT_EQ(Asking::status(put({{"x-aws-ec2-metadata-token-ttl-seconds", "60"}, {"X-Forwarded-For", "10.0.0.1"}})),
            "403");
  EXPECT_EQ(Asking::status(get("/latest/api/token", "")), "405");
  EXPECT_EQ(Asking::status(asking.ask(service, {"POST", "/latest/meta-data/instance-id", {}})), "405");
}

TEST_F(Metadata, of_many_tokens_the_one_that_ends_first_goes) {
  const auto first = token("100"), shortest = token("50");
  for (int i = 0; i < 255; ++i) token("200");
  EXPECT_EQ(Asking::status(get("/latest/meta-data/instance-id", shortest)), "401");
  EXPECT_EQ(Asking::status(get("/latest/meta-data/instance-id", first)), "200");
}

}  // namespace
}  // namespace deliver
