#include "aws/endpoint.h"

#include "aws/vectors_for_test.h"

#include <gtest/gtest.h>

namespace aws {
namespace {

using nlohmann::json;

Profiles of(std::string_view config) { return std::move(Profiles::of_texts(config, {}).value()); }

base::Result<Endpoint> sts(const base::Environment& environment, std::string_view region = {},
                           Service service = Service::sts) {
  return resolve_endpoint(service, {.environment = environment, .region_flag = region});
}

std::string url_of(Service service, std::string_view region, const base::Environment& environment = {}) {
  const auto endpoint = sts(environment, region, service);
  return endpoint ? endpoint->url + " " + endpoint->signing_region : endpoint.error().what;
}

/// The suite's profiles and services as a config file.
std::string config_of(const json& suite) {
  std::string config;
  for (const auto& [name, keys] : suite.at("profiles").items()) {
    config += "[profile " + name + "]\n";
    for (const auto& [key, value] : keys.items()) config += key + " = " + value.get<std::string>() + "\n";
  }
  for (const auto& [name, services] : suite.at("services").items()) {
    config += "[services " + name + "]\n";
    for (const auto& [service, keys] : services.items()) {
      config += service + " =\n";
      for (const auto& [key, value] : keys.items()) config += "  " + key + " = " + value.get<std::string>() + "\n";
    }
  }
  return config;
}

TEST(EndpointVectors, precedence_of_configured_urls) {
  if (!vectors_present()) GTEST_SKIP();
  std::size_t ran = 0;
  const json file_of_vectors = vector_json("aws-cli/configured_endpoint_urls-profile-tests.json");
  for (const json& suite : file_of_vectors.at("testSuites")) {
    const Profiles profiles = of(config_of(suite));
    for (const json& test : suite.at("endpointUrlTests")) {
      ++ran;
      SCOPED_TRACE(test.at("name").get<std::string>());
      std::vector<std::string> entries;
      const json& client = suite["client_configs"].at(test["client_config"].get<std::string>());
      for (const auto& [name, value] : suite["environments"].at(test["environment"].get<std::string>()).items())
        entries.push_back(name + "=" + value.get<std::string>());
      // The client's switch has no flag of its own here; it outranks the environment as the variable would.
      if (client.value("ignore_configured_endpoint_urls", false))
        entries.insert(entries.begin(), "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true");
      entries.resize(4, "NONE=");
      const base::Environment environment = {entries[0], entries[1], entries[2], entries[3]};
      const Profile profile = *profiles.find(test["profile"].get<std::string>()).value();
      const std::string flag = client.value("endpoint_url", "");
      const auto found = endpoint_url({.environment = environment,
                                       .profiles = &profiles,
                                       .profile = &profile,
                                       .region_flag = {},
                                       .endpoint_flag = flag},
                                      test["service"].get<std::string>());
      ASSERT_TRUE(found.has_value()) << found.error().what;
      EXPECT_EQ(*found ? (*found)->value : "https://s3.fake-region-10.amazonaws.com",
                test["output"]["endpointUrl"].get<std::string>());
    }
  }
  vectors_ran("aws-cli/configured_endpoint_urls-profile-tests.json", ran, 39);
}

TEST(Endpoint, sts_is_regional_in_every_partition) {
  EXPECT_EQ(url_of(Service::sts, ""), "https://sts.us-east-1.amazonaws.com us-east-1");
  EXPECT_EQ(url_of(Service::sts, "eu-west-1"), "https://sts.eu-west-1.amazonaws.com eu-west-1");
  EXPECT_EQ(url_of(Service::sts, "aws-global"), "https://sts.amazonaws.com us-east-1");
  EXPECT_EQ(url_of(Service::sts, "cn-north-1"), "https://sts.cn-north-1.amazonaws.com.cn cn-north-1");
  EXPECT_EQ(url_of(Service::sts, "us-gov-west-1"), "https://sts.us-gov-west-1.amazonaws.com us-gov-west-1");
  EXPECT_EQ(url_of(Service::sts, "eusc-de-east-1"), "https://sts.eusc-de-east-1.amazonaws.eu eusc-de-east-1");
  EXPECT_EQ(url_of(Service::sts, "us-iso-east-1"), "https://sts.us-iso-east-1.c2s.ic.gov us-iso-east-1");
}

TEST(Endpoint, the_old_global_sts_serves_old_regions_only) {
  const base::Environment legacy = {"AWS_STS_REGIONAL_ENDPOINTS=legacy"};
  EXPECT_EQ(url_of(Service::sts, "eu-west-1", legacy), "https://sts.amazonaws.com us-east-1");
  EXPECT_EQ(url_of(Service::sts, "eu-south-1", legacy), "https://sts.eu-south-1.amazonaws.com eu-south-1");
}

TEST(Endpoint, fips_and_dual_stack) {
  const base::Environment fips = {"AWS_USE_FIPS_ENDPOINT=True"};
  const base::Environment dual = {"AWS_USE_DUALSTACK_ENDPOINT=true"};
  EXPECT_EQ(url_of(Service::sts, "us-east-2", fips), "https://sts-fips.us-east-2.amazonaws.com us-east-2");
  EXPECT_EQ(url_of(Service::sts, "us-gov-east-1", fips), "https://sts.us-gov-east-1.amazonaws.com us-gov-east-1");
  EXPECT_EQ(url_of(Service::sts, "us-east-2", dual), "https://sts.us-east-2.api.aws us-east-2");
  EXPECT_EQ(url_of(Service::sts, "us-east-1", {"AWS_USE_FIPS_ENDPOINT=yes"}),
            "use_fips_endpoint must be true or false (AWS_USE_FIPS_ENDPOINT)");
}

TEST(Endpoint, iam_is_one_per_partition) {
  EXPECT_EQ(url_of(Service::iam, "eu-west-1"), "https://iam.amazonaws.com us-east-1");
  EXPECT_EQ(url_of(Service::iam, "cn-northwest-1"), "https://iam.cn-north-1.amazonaws.com.cn cn-north-1");
  EXPECT_EQ(url_of(Service::iam, "us-gov-east-1"), "https://iam.us-gov.amazonaws.com us-gov-west-1");
  EXPECT_EQ(url_of(Service::iam, "us-iso-west-1"), "https://iam.us-iso-east-1.c2s.ic.gov us-iso-east-1");
}

TEST(Endpoint, sso_hosts) {
  EXPECT_EQ(url_of(Service::sso, "eu-west-1"), "https://portal.sso.eu-west-1.amazonaws.com eu-west-1");
  EXPECT_EQ(url_of(Service::sso_oidc, "eu-west-1"), "https://oidc.eu-west-1.amazonaws.com eu-west-1");
}

TEST(Endpoint, a_hostile_region_is_refused_wherever_it_comes_from) {
  const std::string hostile = "x@127.0.0.1:80/#";
  const Profiles profiles = of("[profile p]\nregion = " + hostile + "\n");
  const Profile profile = *profiles.find("p").value();
  const base::Environment none;
  const base::Environment variable = {"AWS_REGION=x@127.0.0.1:80/#"};
  for (const auto& endpoint :
       {resolve_endpoint(Service::sts, {.environment = none, .profiles = &profiles, .profile = &profile}),
        resolve_endpoint(Service::sts, {.environment = variable}), sts(none, hostile),
        resolve_endpoint(Service::sts, {.environment = none}, hostile),
        sts({"AWS_ENDPOINT_URL=http://127.0.0.1:1"}, hostile)}) {
    ASSERT_FALSE(endpoint.has_value());
    EXPECT_EQ(endpoint.error().kind, base::ErrorKind::refused);
  }
}

TEST(Endpoint, loopback_needs_no_notice) {
  for (const std::string_view entry :
       {"AWS_ENDPOINT_URL=http://127.0.0.1:5000/", "AWS_ENDPOINT_URL=http://localhost:5000",
        "AWS_ENDPOINT_URL_STS=http://[::1]:5000", "AWS_ENDPOINT_URL=https://sts.localhost"}) {
    const auto endpoint = sts({entry});
    ASSERT_TRUE(endpoint.has_value()) << entry;
    EXPECT_FALSE(endpoint->needs_notice) << entry;
    EXPECT_FALSE(endpoint->url.ends_with('/'));
    EXPECT_EQ(endpoint->signing_region, "us-east-1");
  }
}

TEST(Endpoint, another_host_is_noticed_and_must_be_https) {
  EXPECT_TRUE(sts({"AWS_ENDPOINT_URL=https://sts.example.com"})->needs_notice);
  for (const std::string_view entry :
       {"AWS_ENDPOINT_URL=http://sts.example.com", "AWS_ENDPOINT_URL=http://127.0.0.1.evil.example",
        "AWS_ENDPOINT_URL=http://127.0.0.1@evil.example", "AWS_ENDPOINT_URL=http://localhost@evil.example:80",
        "AWS_ENDPOINT_URL=ftp://127.0.0.1", "AWS_ENDPOINT_URL=https://user:pw@sts.example.com",
        "AWS_ENDPOINT_URL=https://a b", "AWS_ENDPOINT_URL=https://", "AWS_ENDPOINT_URL=sts.example.com",
        "AWS_ENDPOINT_URL=https://h:99999", "AWS_ENDPOINT_URL=https://h/?q=1", "AWS_ENDPOINT_URL=https://h\r\nX: y",
        "AWS_ENDPOINT_URL=http://127.1", "AWS_ENDPOINT_URL=http://0.0.0.0",
        "AWS_ENDPOINT_URL=http://[::1].evil.example"}) {
    const auto endpoint = sts({entry});
    ASSERT_FALSE(endpoint.has_value()) << entry;
    EXPECT_EQ(endpoint.error().kind, base::ErrorKind::refused) << entry;
  }
}

TEST(Endpoint, fips_and_a_custom_url_exclude_each_other) {
  const auto endpoint = sts({"AWS_ENDPOINT_URL=https://h", "AWS_USE_FIPS_ENDPOINT=true"});
  ASSERT_FALSE(endpoint.has_value());
  EXPECT_EQ(endpoint.error().what,
            "Invalid Configuration: FIPS and custom endpoint are not supported (AWS_ENDPOINT_URL)");
}

TEST(Endpoint, a_services_section_that_is_missing_is_an_error) {
  const Profiles profiles = of("[profile p]\nservices = gone\n");
  const Profile profile = *profiles.find("p").value();
  const base::Environment none;
  const auto endpoint =
      resolve_endpoint(Service::sts, {.environment = none, .profiles = &profiles, .profile = &profile});
  ASSERT_FALSE(endpoint.has_value());
  EXPECT_EQ(endpoint.error().what, "there is no [services gone] section, which config line 2 names");
}

std::string named(std::string_view service, std::string_view region, const base::Environment& environment = {}) {
  const auto endpoint = resolve_named_endpoint(service, {.environment = environment}, region);
  return endpoint ? endpoint->url + " " + endpoint->signing_region : endpoint.error().what;
}

TEST(Endpoint, of_a_service_by_its_signing_name) {
  EXPECT_EQ(named("s3", "eu-west-1"), "https://s3.eu-west-1.amazonaws.com eu-west-1");
  EXPECT_EQ(named("s3", "cn-north-1"), "https://s3.cn-north-1.amazonaws.com.cn cn-north-1");
  EXPECT_EQ(named("s3", "eu-west-1", {"AWS_USE_DUALSTACK_ENDPOINT=true"}),
            "https://s3.dualstack.eu-west-1.amazonaws.com eu-west-1");
  EXPECT_EQ(named("s3", "us-east-2", {"AWS_USE_FIPS_ENDPOINT=true"}),
            "https://s3-fips.us-east-2.amazonaws.com us-east-2");
  EXPECT_EQ(named("dynamodb", "eu-west-1"), "https://dynamodb.eu-west-1.amazonaws.com eu-west-1");
  EXPECT_EQ(named("ses", "eu-west-1"), "https://email.eu-west-1.amazonaws.com eu-west-1");
  EXPECT_EQ(named("route53", "eu-west-1"), "https://route53.amazonaws.com us-east-1");
  EXPECT_EQ(named("sts", "eu-west-1"), "https://sts.eu-west-1.amazonaws.com eu-west-1");
}

TEST(Endpoint, of_a_service_whose_domains_have_hosts_of_their_own_must_be_given) {
  EXPECT_EQ(named("es", "eu-west-1"), "es has no endpoint of its own: every API or domain has one");
  EXPECT_EQ(
      named("execute-api", "eu-west-1", {"AWS_ENDPOINT_URL_EXECUTE_API=https://a.execute-api.eu-west-1.amazonaws.com"}),
      "https://a.execute-api.eu-west-1.amazonaws.com eu-west-1");
  EXPECT_NE(named("s3", "eu-west-1", {"AWS_ENDPOINT_URL_S3=http://example.com"}).find("neither https"),
            std::string::npos);
  EXPECT_NE(named("s3", "x@evil:1/#").find("region"), std::string::npos);
}

}  // namespace
}  // namespace aws
