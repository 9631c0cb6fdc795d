#include "aws/iam.h"

#include "aws/service_for_test.h"

namespace aws {
namespace {

using base::ErrorKind;

struct IamBench : Bench {
  Iam iam{client, endpoint};
};

std::string keys_page(std::string_view ids, std::string_view marker) {
  std::string out = "<ListAccessKeysResponse><ListAccessKeysResult><UserName>me</UserName><AccessKeyMetadata>";
  for (const auto id : base::split(ids, ','))
    out += "<member><UserName>me</UserName><AccessKeyId>" + std::string(id) +
           "</AccessKeyId><Status>Inactive</Status><CreateDate>2029-12-01T00:00:00Z</CreateDate></member>";
  out += "</AccessKeyMetadata><IsTruncated>" + std::string(marker.empty() ? "false" : "true") + "</IsTruncated>";
  if (!marker.empty()) out += "<Marker>" + std::string(marker) + "</Marker>";
  return out + "</ListAccessKeysResult></ListAccessKeysResponse>";
}

TEST(Iam, creates_a_key_and_never_asks_twice) {
  IamBench bench;
  bench.http.then(
      200,
      "<CreateAccessKeyResponse><CreateAccessKeyResult><AccessKey><UserName>me</UserName>"
      "<AccessKeyId>AKIAIOSFODNN7EXAMPLE</AccessKeyId><Status>Active</Status>"
      "<SecretAccessKey>n3wk3y</SecretAccessKey></AccessKey></CreateAccessKeyResult></CreateAccessKeyResponse>");
  const auto key = bench.iam.create_access_key(bench.credentials, "");
  ASSERT_TRUE(key.has_value()) << key.error().what;
  EXPECT_EQ(key->access_key_id, "AKIAIOSFODNN7EXAMPLE");
  EXPECT_EQ(text_of(key->secret_access_key), "n3wk3y");
  EXPECT_EQ(bench.http.sent.at(0).body, "Action=CreateAccessKey&Version=2010-05-08");
  IamBench lost;
  lost.http.then(ErrorKind::unreachable, "cut short");
  EXPECT_FALSE(lost.iam.create_access_key(lost.credentials, "me").has_value());
  EXPECT_EQ(lost.http.sent.size(), 1U);
}

TEST(Iam, says_that_two_keys_are_the_most) {
  IamBench bench;
  bench.http.then(409, error_body("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2"));
  const auto key = bench.iam.create_access_key(bench.credentials, "me");
  ASSERT_FALSE(key.has_value());
  EXPECT_NE(key.error().hint.find("two access keys"), std::string::npos);
  EXPECT_EQ(bench.http.sent.size(), 1U);
}

TEST(Iam, lists_keys_over_all_pages) {
  IamBench bench;
  bench.http.then(200, keys_page("AKIAIOSFODNN7EXAMPLE,AKIAI44QH8DHBEXAMPLE", "next page"));
  bench.http.then(200, keys_page("AKIAIOSFODNN7EXAMPL3", ""));
  const auto keys = bench.iam.list_access_keys(bench.credentials, "me");
  ASSERT_TRUE(keys.has_value()) << keys.error().what;
  ASSERT_EQ(keys->size(), 3U);
  EXPECT_EQ((*keys)[2].access_key_id, "AKIAIOSFODNN7EXAMPL3");
  EXPECT_EQ((*keys)[0].status, KeyStatus::inactive);
  EXPECT_EQ((*keys)[0].created, base::parse_iso8601("2029-12-01T00:00:00Z"));
  EXPECT_EQ(bench.http.sent.at(1).body, "Action=ListAccessKeys&Version=2010-05-08&UserName=me&Marker=next%20page");
}

TEST(Iam, does_not_read_a_list_without_end) {
  IamBench bench;
  bench.http.then(200, keys_page("AKIAIOSFODNN7EXAMPLE", "again"));
  EXPECT_FALSE(bench.iam.list_access_keys(bench.credentials, "me").has_value());
  EXPECT_EQ(bench.http.sent.size(), 20U);
}

TEST(Iam, changes_and_deletes_keys) {
  IamBench bench;
  bench.http.then(200, "<x/>");
  EXPECT_TRUE(bench.iam.update_access_key(bench.credentials, "me", "AKIAX", KeyStatus::inactive).has_value());
  EXPECT_TRUE(bench.iam.delete_access_key(bench.credentials, "", "AKIAX").has_value());
  EXPECT_EQ(bench.http.sent.at(0).body,
            "Action=UpdateAccessKey&Version=2010-05-08&UserName=me&AccessKeyId=AKIAX&Status=Inactive");
  EXPECT_EQ(bench.http.sent.at(1).body, "Action=DeleteAccessKey&Version=2010-05-08&AccessKeyId=AKIAX");
  IamBench gone;
  gone.http.then(404, error_body("NoSuchEntity", "The Access Key with id AKIAX cannot be found."));
  EXPECT_EQ(gone.iam.delete_access_key(gone.credentials, "", "AKIAX").error().kind, ErrorKind::not_found);
}

TEST(Iam, lists_mfa_devices_and_reads_a_user) {
  IamBench bench;
  bench.http.then(
      200,
      "<ListMFADevicesResponse><ListMFADevicesResult><MFADevices><member><UserName>me</UserName>"
      "<SerialNumber>arn:aws:iam::123456789012:mfa/me</SerialNumber><EnableDate>2029-12-01T00:00:00Z</EnableDate>"
      "</member></MFADevices><IsTruncated>false</IsTruncated></ListMFADevicesResult></ListMFADevicesResponse>");
  bench.http.then(200,
                  "<GetUserResponse><GetUserResult><User><UserName>me</UserName><UserId>AIDA</UserId>"
                  "<Arn>arn:aws:iam::123456789012:user/me</Arn></User></GetUserResult></GetUserResponse>");
  const auto devices = bench.iam.list_mfa_devices(bench.credentials, "");
  ASSERT_TRUE(devices.has_value()) << devices.error().what;
  EXPECT_EQ(devices->at(0).serial_number, "arn:aws:iam::123456789012:mfa/me");
  EXPECT_EQ(bench.iam.get_user(bench.credentials, "")->user_name, "me");
}

}  // namespace
}  // namespace aws
