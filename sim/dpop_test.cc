// Held against public proofs of AWS's own clients.
#include "dpop.h"

#include "vectors_for_test.h"

#include <nlohmann/json.hpp>

namespace sim {
namespace {

TEST(Dpop, proofs_of_the_vectors_are_good_for_their_url_and_time_only) {
  const std::string path = vector_path("derived/dpop.json");
  if (path.empty()) return;
  int proven = 0;
  const Checks checks;
  const auto vectors = nlohmann::json::parse(text_of(path));
  for (const auto& vector : vectors.at("cases")) {
    const std::string jwt = vector.at("example_dpop");
    const std::string url = vector.at("htu");
    const base::Instant now{std::chrono::seconds(vector.at("iat").get<std::int64_t>())};
    const Checked<DpopProof> proof = check_dpop(jwt, url, now, checks);
    ASSERT_TRUE(proof) << proof.error().message;
    EXPECT_EQ(proof->key_thumbprint, vector.at("jwk_thumbprint_rfc7638"));
    EXPECT_EQ(proof->id, vector.at("jti"));
    EXPECT_FALSE(check_dpop(jwt, url + "/", now, checks));
    EXPECT_FALSE(check_dpop(jwt, url, now + std::chrono::minutes(6), checks));
    std::string broken = jwt;
    broken[jwt.rfind('.') + 5] = broken[jwt.rfind('.') + 5] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(check_dpop(broken, url, now, checks));
    ++proven;
  }
  EXPECT_EQ(proven, 3);
}

TEST(Dpop, what_is_no_proof_is_refused) {
  const Checks checks;
  for (const char* text : {"", ".", "..", "a.b.c", "e30.e30.e30", "eyJqd2siOm51bGx9.e30.", "e30.e30.e30.e30"})
    EXPECT_FALSE(check_dpop(text, "https://x/v1/token", base::Instant(), checks)) << text;
}

}  // namespace
}  // namespace sim
