#include "aws/login.h"

#include "aws/dpop.h"
#include "aws/service_for_test.h"
#include "aws/vectors_for_test.h"
#include "base/own_directory_for_test.h"
#include "base/text.h"
#include "secret/digest.h"
#include "secret/pem.h"
#include "secret/signing_key.h"
#include "secret/text_for_test.h"

#include <gtest/gtest.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <memory>
#include <set>

namespace aws {
namespace {

std::string decoded(std::string_view part) {
  const auto bytes = secret::decode_base64(part, secret::Base64::url);
  EXPECT_TRUE(bytes.has_value()) << part;
  return bytes ? secret::text_of(*bytes) : "";
}

std::unique_ptr<secret::SigningKey> key_of(const std::string& pem) {
  auto read = secret::read_key_file(
      secret::Bytes::copy_of(pem),
      []() -> base::Result<secret::Bytes> { return base::fail(base::ErrorKind::failure, "encrypted"); }, "the key");
  EXPECT_TRUE(read.has_value()) << read.error().what;
  return std::move(read->key);
}

/// Whether a web token's signature, two numbers side by side, is the key's.
bool verifies(const std::string& token, const secret::Der& public_key) {
  const auto dot = token.rfind('.');
  const auto signed_text = token.substr(0, dot);
  const auto raw = decoded(std::string_view(token).substr(dot + 1));
  if (raw.size() != 64) return false;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(raw.data());
  const std::unique_ptr<ECDSA_SIG, void (*)(ECDSA_SIG*)> pair(ECDSA_SIG_new(), ECDSA_SIG_free);
  ECDSA_SIG_set0(pair.get(), BN_bin2bn(bytes, 32, nullptr), BN_bin2bn(bytes + 32, 32, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  const auto* at = reinterpret_cast<const unsigned char*>(public_key.data());
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      d2i_PUBKEY(nullptr, &at, static_cast<long>(public_key.size())), EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const bool good =
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
      EVP_DigestVerify(context.get(), der, static_cast<std::size_t>(size),
                       reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size()) == 1;
  OPENSSL_free(der);
  return good;
}

TEST(Dpop, makes_and_verifies_every_vector) {
  if (!vectors_present()) GTEST_SKIP();
  const auto file = vector_json("derived/dpop.json");
  std::size_t cases = 0;
  for (const auto& one : file["cases"]) {
    const auto key = key_of(one["key_pem_sec1"].get<std::string>());
    const base::Instant when{std::chrono::seconds(one["iat"].get<int>())};
    const auto proof = dpop_proof(*key, one["htu"].get<std::string>(), when, one["jti"].get<std::string>());
    ASSERT_TRUE(proof.has_value()) << proof.error().what;
    const auto parts = base::split(*proof, '.');
    ASSERT_EQ(parts.size(), 3U);
    EXPECT_EQ(nlohmann::json::parse(decoded(parts[0])), nlohmann::json::parse(one["header_json"].get<std::string>()));
    EXPECT_EQ(nlohmann::json::parse(decoded(parts[1])), nlohmann::json::parse(one["payload_json"].get<std::string>()));
    if (one["field_order"] == "smithy-rs") {
      EXPECT_EQ(proof->substr(0, proof->rfind('.')), one["signing_input"].get<std::string>());
    }
    EXPECT_TRUE(verifies(*proof, key->public_key()));
    EXPECT_TRUE(verifies(one["example_dpop"].get<std::string>(), key->public_key()));
    ++cases;
  }
  vectors_ran("derived/dpop.json", cases, 3);
}

TEST(Dpop, refuses_a_key_of_another_kind) {
  if (!vectors_present()) GTEST_SKIP();
  const auto key = key_of(vector_text("derived/rolesanywhere/rsa-key.pem"));
  EXPECT_FALSE(dpop_proof(*key, "https://x", {}, "id").has_value());
}

TEST(Dpop, ids_are_uuids_and_differ) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const auto id = make_uuid();
    ASSERT_EQ(id.size(), 36U);
    for (const std::size_t at : {8U, 13U, 18U, 23U}) EXPECT_EQ(id[at], '-') << id;
    EXPECT_EQ(id[14], '4') << id;
    EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos) << id;
    seen.insert(id);
  }
  EXPECT_EQ(seen.size(), 100U);
}

TEST(LoginCache, id_tokens_say_who_signed_in) {
  if (!vectors_present()) GTEST_SKIP();
  const auto file = vector_json("derived/login-flow.json");
  std::size_t cases = 0;
  for (const auto& one : file["id_tokens"]) {
    const auto identity = login_identity(secret::Bytes::copy_of(one["id_token"].get<std::string>()));
    ASSERT_TRUE(identity.has_value());
    EXPECT_EQ(identity->session, one["login_session"].get<std::string>());
    EXPECT_EQ(identity->account_id, one["account_id"].get<std::string>());
    ++cases;
  }
  vectors_ran("derived/login-flow.json id_tokens", cases, 2);
  for (const auto* bad : {"", "a.b", "a.b.c", "a.e30.c", "a.eyJzdWIiOjF9.c"})
    EXPECT_FALSE(login_identity(secret::Bytes::copy_of(bad)).has_value()) << bad;
}

TEST(LoginCache, a_reply_becomes_the_file_that_the_aws_cli_writes) {
  if (!vectors_present()) GTEST_SKIP();
  const auto exchange = vector_json("derived/login-flow.json")["token_exchange"];
  const auto& expected = exchange["expected_cache_file"];
  LoginToken before;
  before.client_id = expected["clientId"].get<std::string>();
  before.dpop_key = secret::Bytes::copy_of(expected["dpopKey"].get<std::string>());
  const auto token = read_login_reply(secret::Bytes::copy_of(exchange["response_json"].dump()), before,
                                      *base::parse_iso8601(exchange["now"].get<std::string>()));
  ASSERT_TRUE(token.has_value()) << token.error().what;
  const base::OwnDirectory directory;
  const auto path = directory.path() + "/login.json";
  ASSERT_TRUE(write_login_cache(path, *token).has_value());
  std::ifstream in(path);
  EXPECT_EQ(nlohmann::json::parse(in), expected);
  struct stat facts{};
  ASSERT_EQ(stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
  const auto again = read_login_cache(path);
  ASSERT_TRUE(again && *again);
  EXPECT_EQ(secret::text_of((*again)->dpop_key), expected["dpopKey"].get<std::string>());
  EXPECT_EQ((*again)->access.account_id, "012345678901");
  vectors_ran("derived/login-flow.json token_exchange", 1, 1);
}

TEST(LoginCache, each_part_that_must_be_there_is_missed) {
  if (!vectors_present()) GTEST_SKIP();
  const auto whole = vector_json("derived/login-flow.json")["token_exchange"]["expected_cache_file"];
  EXPECT_TRUE(parse_login_cache(secret::Bytes::copy_of(whole.dump())).has_value());
  for (const auto* part : {"accessToken", "refreshToken", "clientId", "dpopKey"}) {
    auto less = whole;
    less.erase(part);
    EXPECT_FALSE(parse_login_cache(secret::Bytes::copy_of(less.dump())).has_value()) << part;
  }
  for (const auto* part : {"accessKeyId", "secretAccessKey", "sessionToken", "expiresAt"}) {
    auto less = whole;
    less["accessToken"].erase(part);
    EXPECT_FALSE(parse_login_cache(secret::Bytes::copy_of(less.dump())).has_value()) << part;
  }
  for (const auto* bad : {"", "{", "[]", "null"})
    EXPECT_FALSE(parse_login_cache(secret::Bytes::copy_of(bad)).has_value()) << bad;
}

TEST(LoginCache, what_a_newer_aws_cli_keeps_there_is_written_back) {
  if (!vectors_present()) GTEST_SKIP();
  auto whole = vector_json("derived/login-flow.json")["token_exchange"]["expected_cache_file"];
  whole["signInRegion"] = "eu-central-1";
  auto token = parse_login_cache(secret::Bytes::copy_of(whole.dump()));
  ASSERT_TRUE(token.has_value()) << token.error().what;
  const base::OwnDirectory directory;
  const auto path = directory.path() + "/login.json";
  ASSERT_TRUE(write_login_cache(path, token->clone()).has_value());
  std::ifstream in(path);
  EXPECT_EQ(nlohmann::json::parse(in), whole);
}

TEST(LoginCache, lies_where_the_aws_cli_looks) {
  const auto at_home = login_cache_path(base::Environment{"HOME=/home/u"}, " arn:aws:iam::012345678901:user/a ");
  ASSERT_TRUE(at_home.has_value());
  EXPECT_EQ(*at_home, "/home/u/.aws/login/cache/" +
                          base::hex(secret::sha256(secret::Bytes::copy_of("arn:aws:iam::012345678901:user/a"))) +
                          ".json");
  const auto moved = login_cache_path(base::Environment{"HOME=/home/u", "AWS_LOGIN_CACHE_DIRECTORY=/elsewhere"}, "a");
  EXPECT_TRUE(moved->starts_with("/elsewhere/"));
  EXPECT_EQ(login_cache_path(base::Environment{}, "a").error().kind, base::ErrorKind::not_found);
}

TEST(Login, each_refusal_of_the_vectors_is_known) {
  if (!vectors_present()) GTEST_SKIP();
  std::set<LoginRefusal> seen;
  const auto file = vector_json("derived/login-flow.json");
  for (const auto& one : file["access_denied_errors"]) {
    http::Response response;
    response.status = one["http"].get<int>();
    response.headers.push_back({"x-amzn-errortype", "AccessDeniedException"});
    response.body = secret::Bytes::copy_of(nlohmann::json{{"error", one["error"]}, {"message", "no"}}.dump());
    const auto refusal = login_refusal(read_service_error(std::move(response), {}));
    ASSERT_TRUE(refusal.has_value()) << one;
    seen.insert(*refusal);
  }
  vectors_ran("derived/login-flow.json access_denied_errors", seen.size(), 4);
}

TEST(Login, a_proof_that_is_refused_for_a_wrong_clock_is_made_again_with_aws_time) {
  if (!vectors_present()) GTEST_SKIP();
  Bench bench;
  LoginToken token;
  token.client_id = "client";
  token.refresh_token = secret::Bytes::copy_of("refresh");
  token.dpop_key =
      secret::Bytes::copy_of(vector_json("derived/dpop.json")["cases"][0]["key_pem_sec1"].get<std::string>());
  bench.http.then(400, R"({"error":"INVALID_REQUEST","message":"Invalid DPoP proof"})",
                  {{"x-amzn-errortype", "ValidationException"}, {"Date", "Tue, 01 Jan 2030 00:10:00 GMT"}});
  bench.http.then(200,
                  R"({"accessToken":{"accessKeyId":"a","secretAccessKey":"b","sessionToken":"c"},)"
                  R"("expiresIn":900,"refreshToken":"next"})",
                  {{"Date", "Tue, 01 Jan 2030 00:10:00 GMT"}});
  const auto reply = refresh_login(bench.client, bench.endpoint, token);
  ASSERT_TRUE(reply.has_value()) << reply.error().what;
  ASSERT_EQ(bench.http.sent.size(), 2U);
  EXPECT_EQ(secret::text_of(std::get<LoginToken>(*reply).refresh_token), "next");
}

TEST(Login, replies_that_lack_a_part_are_refused) {
  const LoginToken old;
  for (const auto* bad :
       {"", "{}", R"({"accessToken":{"accessKeyId":"a","secretAccessKey":"b"},"expiresIn":900,"refreshToken":"r"})",
        R"({"accessToken":{"accessKeyId":"a","secretAccessKey":"b","sessionToken":"c"},"refreshToken":"r"})",
        R"({"accessToken":{"accessKeyId":"a","secretAccessKey":"b","sessionToken":"c"},"expiresIn":0})",
        R"({"accessToken":{"accessKeyId":"a","secretAccessKey":"b","sessionToken":"c\nd"},"expiresIn":900})"})
    EXPECT_FALSE(read_login_reply(secret::Bytes::copy_of(bad), old, {}).has_value()) << bad;
}

}  // namespace
}  // namespace aws
