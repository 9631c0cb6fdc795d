#include "aws/sso_start_url.h"

#include "aws/service_for_test.h"
#include "aws/vectors_for_test.h"

namespace aws {
namespace {

using base::ErrorKind;

struct Company {
  FakeClock clock;
  ScriptedHttp http{clock};

  void redirects(const std::string& to, int status = 302) { http.then(status, "", {{"Location", to}}); }
  base::Result<StartUrl> resolve(std::string_view configured = "https://aws.mycompany.com/",
                                 std::string_view region = "") {
    return resolve_start_url(http, configured, region);
  }
};

TEST(StartUrl, hosts_regions_and_urls_are_read_as_the_aws_cli_reads_them) {
  if (!vectors_present()) GTEST_SKIP();
  std::size_t cases = 0;
  const auto vectors = vector_json("derived/sso-start-url-resolution.json");
  for (const auto& entry : vectors["cases"]) {
    const auto name = entry["test"].get<std::string>();
    for (const auto& value : entry["values"]) {
      SCOPED_TRACE(name + " " + value.dump());
      if (name == "test_aws_owned_returns_true") {
        EXPECT_TRUE(is_aws_sso_host(value.get<std::string>()));
      } else if (name == "test_non_aws_owned_returns_false") {
        EXPECT_FALSE(is_aws_sso_host(value.get<std::string>()));
      } else if (name == "test_extracts_region") {
        EXPECT_EQ(region_of_sso_host(value[0].get<std::string>()), value[1].get<std::string>());
      } else if (name == "test_returns_none_for_region_less_hostnames") {
        EXPECT_EQ(region_of_sso_host(value.get<std::string>()), std::nullopt);
      } else if (name == "test_normalize_url") {
        EXPECT_EQ(normalized_start_url(value[0].get<std::string>()), value[1].get<std::string>());
      } else {
        ASSERT_EQ(name, "test_head_unsupported_falls_back_to_get");
        Company company;
        company.http.then(value.get<int>(), "");
        company.redirects("https://ssoins-1.portal.us-west-2.app.aws/");
        EXPECT_TRUE(company.resolve().has_value());
        ASSERT_EQ(company.http.sent.size(), 2U);
        EXPECT_EQ(company.http.sent[0].method + company.http.sent[1].method, "HEADGET");
      }
      ++cases;
    }
  }
  vectors_ran("derived/sso-start-url-resolution.json", cases, 57);
}

TEST(StartUrl, of_aws_is_taken_without_asking_anybody) {
  Company company;
  const auto plain = company.resolve("https://d-abc123.awsapps.com/start/#/?x", "eu-west-1");
  ASSERT_TRUE(plain.has_value()) << plain.error().what;
  EXPECT_EQ(plain->url, "https://d-abc123.awsapps.com/start");
  EXPECT_EQ(plain->region, "eu-west-1");
  EXPECT_EQ(company.resolve("https://ssoins-1.portal.us-west-2.app.aws", "eu-west-1")->region, "us-west-2")
      << "the host knows better";
  EXPECT_TRUE(company.http.sent.empty());
}

TEST(StartUrl, without_any_region_says_what_to_set) {
  Company company;
  const auto resolved = company.resolve("https://d-abc123.awsapps.com/start");
  ASSERT_FALSE(resolved.has_value());
  EXPECT_EQ(resolved.error().kind, ErrorKind::failure);
  EXPECT_NE(resolved.error().hint.find("sso_region"), std::string::npos);
}

TEST(StartUrl, of_a_company_leads_to_aws_by_one_redirect) {
  for (const int status : {301, 302, 303, 307, 308}) {
    Company company;
    company.redirects("https://ssoins-1.portal.us-west-2.app.aws:443/start/?x=1#/", status);
    const auto resolved = company.resolve("https://aws.mycompany.com/", "eu-west-1");
    ASSERT_TRUE(resolved.has_value()) << resolved.error().what;
    EXPECT_EQ(resolved->url, "https://ssoins-1.portal.us-west-2.app.aws/start");
    EXPECT_EQ(resolved->region, "us-west-2");
    ASSERT_EQ(company.http.sent.size(), 1U);
    EXPECT_EQ(company.http.sent[0].method + " " + company.http.sent[0].url, "HEAD https://aws.mycompany.com");
    EXPECT_EQ(company.http.sent[0].total, base::Duration(10'000));
  }
}

TEST(StartUrl, leads_nowhere_but_to_a_portal_of_aws) {
  for (const auto* target :
       {"https://awsapps.com.evil.net/start", "https://evil.net/#.awsapps.com", "https://evil.net/?.awsapps.com",
        "https://d-1.awsapps.com@evil.net/", "https://evil.net\\.awsapps.com/", "http://d-1.awsapps.com/start",
        "//d-1.awsapps.com/start", "/start", "", "javascript:alert(1)", "https://d-1.awsapps.com%2eevil.net/",
        "https://evil-awsapps.com/", "https://127.0.0.1/", "https://d-1.awsapps.com\r\nX: y",
        "https://\x1b[2J.awsapps.com/"}) {
    Company company;
    company.redirects(target);
    const auto resolved = company.resolve("https://aws.mycompany.com/", "eu-west-1");
    ASSERT_FALSE(resolved.has_value()) << target;
    EXPECT_EQ(resolved.error().kind, ErrorKind::refused) << target;
    EXPECT_EQ(resolved.error().what.find('\x1b'), std::string::npos);
    EXPECT_EQ(company.http.sent.size(), 1U) << "what the reply names is never asked";
  }
}

TEST(StartUrl, that_is_no_portal_says_so) {
  for (const int status : {200, 404, 500, 300, 304}) {
    Company company;
    company.http.then(status, "<html>");
    EXPECT_EQ(company.resolve("https://aws.mycompany.com/", "eu-west-1").error().kind, ErrorKind::failure);
  }
  Company unreachable;
  unreachable.http.then(ErrorKind::unreachable, "no such host");
  EXPECT_EQ(unreachable.resolve("https://aws.mycompany.com/", "eu-west-1").error().kind, ErrorKind::unreachable);
}

TEST(StartUrl, without_tls_is_only_for_this_machine_itself) {
  Company company;
  company.redirects("https://d-1.awsapps.com/start");
  for (const auto* configured :
       {"http://d-1.awsapps.com/start", "http://aws.mycompany.com/", "ftp://h/", "d-1.awsapps.com", "",
        "https://user:pw@d-1.awsapps.com/start", "file:///etc/passwd", "http://127.1/", "http://localhost.evil.net/"}) {
    const auto resolved = company.resolve(configured, "eu-west-1");
    ASSERT_FALSE(resolved.has_value()) << configured;
    EXPECT_EQ(resolved.error().kind, ErrorKind::refused) << configured;
    EXPECT_EQ(resolved.error().what.find("pw"), std::string::npos);
  }
  EXPECT_TRUE(company.http.sent.empty());
  EXPECT_TRUE(company.resolve("http://127.0.0.1:8080/start", "eu-west-1").has_value());
}

TEST(StartUrl, a_hostile_region_is_refused_before_any_packet) {
  Company company;
  company.redirects("https://d-1.awsapps.com/start");
  for (const auto* region : {"evil.net/", "eu-west-1.evil.net", "a@b", "EU", "../x", "x y", "-a", "x#", "x\n"})
    EXPECT_EQ(company.resolve("https://aws.mycompany.com/", region).error().kind, ErrorKind::refused) << region;
  EXPECT_TRUE(company.http.sent.empty());
  EXPECT_EQ(region_of_sso_host("x.portal.evil.app.aws"), std::nullopt);
  EXPECT_EQ(region_of_sso_host("x.us-west-2.app.aws"), std::nullopt);
}

}  // namespace
}  // namespace aws
