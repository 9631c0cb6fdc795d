#include "aws/sso_cache.h"

#include "aws/vectors_for_test.h"
#include "base/own_directory_for_test.h"
#include "secret/text_for_test.h"

#include <sys/stat.h>

namespace aws {
namespace {

using base::ErrorKind;
using secret::text_of;

std::optional<SsoCacheToken> parse(std::string_view text) { return parse_sso_cache(secret::Bytes::copy_of(text)); }

std::string with_expiry(std::string_view text) {
  return R"({"accessToken":"T","expiresAt":")" + std::string(text) + "\"}";
}

TEST(SsoCache, files_are_named_as_the_aws_cli_names_them) {
  if (!vectors_present()) GTEST_SKIP();
  const base::Environment home{"HOME=/home/u"};
  std::size_t cases = 0;
  const auto vectors = vector_json("derived/cache-keys-20.json");
  for (const auto& entry : vectors["cases"]) {
    if (!entry["kind"].get<std::string>().starts_with("sso token")) continue;
    EXPECT_EQ(sso_cache_path(home, entry["input"].get<std::string>()),
              "/home/u/.aws/sso/cache/" + entry["file"].get<std::string>());
    ++cases;
  }
  vectors_ran("derived/cache-keys-20.json (sso token)", cases, 5);
  EXPECT_EQ(sso_cache_path({}, "corp").error().kind, ErrorKind::not_found);
}

TEST(SsoCache, what_the_aws_cli_left_is_read) {
  const auto token = parse(R"({"startUrl": "https://d-1.awsapps.com/start", "region": "eu-west-1",
      "accessToken": "ACCESS", "expiresAt": "2030-01-01T08:00:00Z", "clientId": "c", "clientSecret": "s",
      "registrationExpiresAt": "2030-04-01T00:00:00Z", "refreshToken": "REFRESH", "more": {"x": [1, null]}})");
  ASSERT_TRUE(token.has_value());
  EXPECT_EQ(token->start_url, "https://d-1.awsapps.com/start");
  EXPECT_EQ(token->region, "eu-west-1");
  EXPECT_EQ(text_of(token->access_token), "ACCESS");
  EXPECT_EQ(base::iso8601(token->expires), "2030-01-01T08:00:00Z");
  EXPECT_EQ(token->client_id, "c");
  EXPECT_EQ(text_of(token->client_secret), "s");
  EXPECT_EQ(base::iso8601(token->registration_expires.value()), "2030-04-01T00:00:00Z");
  EXPECT_EQ(text_of(token->refresh_token), "REFRESH");
}

TEST(SsoCache, a_time_is_read_in_every_spelling) {
  for (const auto* text : {"2030-01-01T08:00:00Z", "2030-01-01T08:00:00UTC", "2030-01-01T10:00:00+02:00",
                           "2030-01-01T10:00:00+0200", "2030-01-01T08:00:00.123456Z", "2030-01-01T08:00:00+00:00"}) {
    const auto token = parse(with_expiry(text));
    ASSERT_TRUE(token.has_value()) << text;
    EXPECT_EQ(base::iso8601(token->expires), "2030-01-01T08:00:00Z") << text;
  }
  for (const auto* text : {"", "tomorrow", "2030-01-01T08:00:00", "2030-13-01T08:00:00Z", "1893484800"})
    EXPECT_FALSE(parse(with_expiry(text)).has_value()) << text;
}

TEST(SsoCache, a_text_that_is_half_written_or_lacks_something_is_no_token) {
  const std::string whole = with_expiry("2030-01-01T08:00:00Z");
  ASSERT_TRUE(parse(whole).has_value());
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(parse(whole.substr(0, size)).has_value());
  for (const auto* text : {R"({"accessToken":"T"})", R"({"expiresAt":"2030-01-01T08:00:00Z"})", "[]", "null",
                           R"({"accessToken":7,"expiresAt":"2030-01-01T08:00:00Z"})",
                           R"({"accessToken":"a\nb","expiresAt":"2030-01-01T08:00:00Z"})",
                           R"({"accessToken":null,"expiresAt":"2030-01-01T08:00:00Z"})",
                           R"({"clientId":"c","clientSecret":"s","expiresAt":"2030-01-01T08:00:00Z"})"})
    EXPECT_FALSE(parse(text).has_value()) << text;
  EXPECT_FALSE(parse(whole + "x").has_value()) << "the rest of an older, longer file";
}

struct Home : base::OwnDirectory {
  std::string directory() const { return base::OwnDirectory::path() + "/aws/sso/cache"; }
  std::string path() const { return directory() + "/x.json"; }
  SsoCacheToken token() const {
    SsoCacheToken out;
    out.start_url = "https://d-1.awsapps.com/start";
    out.region = "eu-west-1";
    out.access_token = secret::Bytes::copy_of("ACCESS");
    out.expires = *base::parse_iso8601("2030-01-01T08:00:00Z");
    return out;
  }
};

TEST(SsoCache, what_is_written_is_private_and_read_back) {
  const Home home;
  ASSERT_TRUE(write_sso_cache(home.path(), home.token()).has_value());
  struct stat facts{};
  ASSERT_EQ(stat(home.path().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
  ASSERT_EQ(stat(home.directory().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0700U);
  const auto read = read_sso_cache(home.path());
  ASSERT_TRUE(read && *read);
  EXPECT_EQ(text_of((*read)->access_token), "ACCESS");
  EXPECT_EQ((*read)->client_id, "");
  EXPECT_FALSE((*read)->registration_expires.has_value());
  EXPECT_TRUE(remove_sso_cache(home.path()).has_value());
  EXPECT_TRUE(remove_sso_cache(home.path()).has_value()) << "nothing there is no error";
  const auto gone = read_sso_cache(home.path());
  ASSERT_TRUE(gone.has_value());
  EXPECT_FALSE(gone->has_value());
}

TEST(SsoCache, a_file_that_others_can_write_is_refused) {
  const Home home;
  ASSERT_TRUE(write_sso_cache(home.path(), home.token()).has_value());
  ASSERT_EQ(chmod(home.path().c_str(), 0644), 0);
  EXPECT_TRUE(read_sso_cache(home.path()).has_value());
  ASSERT_EQ(chmod(home.path().c_str(), 0666), 0);
  EXPECT_EQ(read_sso_cache(home.path()).error().kind, ErrorKind::refused);
  EXPECT_FALSE(read_sso_cache("/etc").has_value()) << "a directory";
}

}  // namespace
}  // namespace aws
