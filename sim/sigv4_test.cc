#include "sigv4.h"

#include "base/text.h"
#include "vectors_for_test.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sim {
namespace {

/// A raw request of the vector files: the last words of the first line are the version, obs-fold lines continue.
Request parse_raw(const std::string& text) {
  Request request;
  std::size_t at = text.find('\n');
  const std::string first = text.substr(0, at);
  const std::size_t space = first.find(' ');
  const std::size_t version = first.rfind(" HTTP/1.1");
  request.method = first.substr(0, space);
  request.target = first.substr(space + 1, version - space - 1);
  while (at != std::string::npos && at + 1 < text.size()) {
    const std::size_t end = text.find('\n', at + 1);
    const std::string line = text.substr(at + 1, end == std::string::npos ? end : end - at - 1);
    at = end;
    if (line.empty()) break;
    if (line[0] == ' ') {
      request.headers.back().second += line;
      continue;
    }
    const std::size_t colon = line.find(':');
    request.headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }
  if (at != std::string::npos) request.body = text.substr(at + 1);
  return request;
}

struct Vector {
  Request request;
  nlohmann::json context;

  PathForm path_form() const { return context.at("normalize") == true ? PathForm::normalized : PathForm::as_sent; }
  std::string secret() const { return context.at("credentials").at("secret_access_key"); }
  SignatureRules rules(base::Duration later = {}) const {
    return {.now = *base::parse_iso8601(context.at("timestamp").get<std::string>()) + later,
            .regions = {"us-east-1"},
            .service = "service"};
  }
};

Checked<void> verify(const Vector& vector, const Checks& checks = {}, base::Duration later = {}) {
  const Checked<SignatureClaim> claim = read_claim(vector.request);
  if (!claim) return std::unexpected(claim.error());
  if (auto good = check_claim(vector.request, *claim, vector.rules(later), checks); !good) return good;
  return check_signature(vector.request, *claim, vector.secret(), vector.path_form(), checks);
}

class SignatureVectors : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = vector_path("sigv4/aws-c-auth/aws-signing-test-suite/v4");
    if (folder_.empty()) return;
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      for (const std::string form : {"header", "query"}) add(entry.path().string(), form);
  }

  void add(const std::string& path, const std::string& form) {
    Vector vector{.request = parse_raw(text_of(path + "/" + form + "-signed-request.txt")),
                  .context = nlohmann::json::parse(text_of(path + "/context.json"))};
    // In one vector the token joins the query after signing; a service that allows this takes it off before it
    // verifies.
    if (vector.context.value("omit_session_token", false) && form == "query") {
      std::string& target = vector.request.target;
      const std::size_t token = target.find("&X-Amz-Security-Token=");
      const std::size_t end = std::min(target.find('&', token + 1), target.size());
      target.erase(token, end - token);
    }
    vectors_.emplace_back(path + " " + form, std::move(vector));
  }

  std::string folder_;
  std::vector<std::pair<std::string, Vector>> vectors_;
};

TEST_F(SignatureVectors, are_all_accepted) {
  if (folder_.empty()) return;
  for (const auto& [name, vector] : vectors_) {
    const Checked<void> good = verify(vector);
    EXPECT_TRUE(good) << name << ": " << (good ? "" : good.error().message);
  }
  EXPECT_EQ(vectors_.size(), 76U);
  std::printf("vectors: sim sigv4: %zu cases\n", vectors_.size());
}

TEST_F(SignatureVectors, with_another_body_are_refused) {
  for (auto& [name, vector] : vectors_) {
    vector.request.body += "x";
    EXPECT_FALSE(verify(vector)) << name;
  }
}

TEST_F(SignatureVectors, with_another_query_are_refused_unless_the_check_is_off) {
  Checks without;
  without.switch_off("signature");
  for (auto& [name, vector] : vectors_) {
    vector.request.target += vector.request.target.find('?') == std::string::npos ? "?a=b" : "&a=b";
    EXPECT_FALSE(verify(vector)) << name;
    EXPECT_TRUE(verify(vector, without)) << name;
  }
}

TEST_F(SignatureVectors, are_refused_sixteen_minutes_away_either_way) {
  for (const auto& [name, vector] : vectors_) {
    const Checked<void> late = verify(vector, {}, std::chrono::minutes(16));
    ASSERT_FALSE(late) << name;
    EXPECT_EQ(late.error().message,
              "Signature expired: 20150830T123600Z is now earlier than 20150830T123700Z (20150830T125200Z - 15 min.)");
    const Checked<void> early = verify(vector, {}, std::chrono::minutes(-16));
    ASSERT_FALSE(early) << name;
    EXPECT_EQ(early.error().message,
              "Signature not yet current: 20150830T123600Z is still later than 20150830T123500Z (20150830T122000Z + 15 "
              "min.)");
    EXPECT_TRUE(verify(vector, {}, std::chrono::minutes(14))) << name;
  }
}

TEST(SignatureClaim, of_an_unsigned_request_is_missing) {
  const Checked<SignatureClaim> claim = read_claim(Request{.method = "POST", .target = "/", .headers = {}, .body = {}});
  ASSERT_FALSE(claim);
  EXPECT_EQ(claim.error().code, "MissingAuthenticationToken");
  EXPECT_EQ(claim.error().status, 403);
}

TEST(SignatureClaim, without_a_part_is_incomplete) {
  const Request request{.method = "POST",
                        .target = "/",
                        .headers = {{"Authorization", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host"}},
                        .body = {}};
  const Checked<SignatureClaim> claim = read_claim(request);
  ASSERT_FALSE(claim);
  EXPECT_EQ(claim.error().code, "IncompleteSignature");
  EXPECT_NE(claim.error().message.find("'Signature' parameter"), std::string::npos);
  EXPECT_EQ(claim.error().message.find("'Credential' parameter"), std::string::npos);
}

}  // namespace
}  // namespace sim
