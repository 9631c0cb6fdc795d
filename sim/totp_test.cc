#include "totp.h"

#include "vectors_for_test.h"

#include <nlohmann/json.hpp>

namespace sim {
namespace {

TEST(Totp, gives_the_codes_of_the_rfcs) {
  const std::string path = vector_path("derived/totp-rfc6238.json");
  if (path.empty()) return;
  const nlohmann::json vectors = nlohmann::json::parse(text_of(path));
  int count = 0;
  for (const auto& one : vectors.at("hotp_rfc4226")) {
    EXPECT_EQ(hotp("12345678901234567890", one.at("counter").get<int>()), one.at("hotp").get<std::string>());
    ++count;
  }
  for (const auto& one : vectors.at("base32_rfc4648")) {
    EXPECT_EQ(base32_decode(one.at(1).get<std::string>()), one.at(0).get<std::string>());
    ++count;
  }
  for (const auto& one : vectors.at("cases")) {
    const std::string name = one.at("algorithm").get<std::string>();
    const TotpHash hash = name == "sha1" ? TotpHash::sha1 : (name == "sha256" ? TotpHash::sha256 : TotpHash::sha512);
    const auto secret = base32_decode(one.at("secret_base32").get<std::string>());
    ASSERT_TRUE(secret);
    const std::int64_t step = totp_step(base::Instant(std::chrono::seconds(one.at("time").get<std::int64_t>())));
    EXPECT_EQ(hotp(*secret, step, 8, hash), one.at("totp").get<std::string>());
    EXPECT_EQ(hotp(*secret, step, 6, hash), one.at("totp_6_digits").get<std::string>());
    ++count;
  }
  EXPECT_EQ(count, 35);
  std::printf("vectors: sim totp: %d cases\n", count);
}

TEST(KeyIds, hold_the_account_they_belong_to) {
  for (const std::string account : {"111111111111", "000000000001", "999999999999"}) {
    const std::string id = make_access_key_id("ASIA", account);
    EXPECT_EQ(id.size(), 20U);
    EXPECT_EQ(account_of_key_id(id), account);
  }
  EXPECT_EQ(account_of_key_id("AKIAshort"), std::nullopt);
}

}  // namespace
}  // namespace sim
