// The cache file that `aws login` would leave behind, without the browser: for tests of who reads and refreshes it.
#include "crypto.h"
#include "login.h"
#include "x509_parts.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdlib>

namespace sim {
namespace {

using nlohmann::json;

constexpr std::size_t kCoordinate = 32;

struct DpopKey {
  std::string pem;  // SEC1, as the CLI writes it
  std::string thumbprint;
};

DpopKey make_key() {
  const Key key(EVP_EC_gen("P-256"));
  std::array<unsigned char, 1 + 2 * kCoordinate> point{};
  std::size_t size = 0;
  if (!key || EVP_PKEY_get_octet_string_param(key.get(), "pub", point.data(), point.size(), &size) != 1) std::abort();
  const std::string_view bytes(reinterpret_cast<const char*>(point.data()), size);
  const json jwk{{"crv", "P-256"},
                 {"kty", "EC"},
                 {"x", base64url_encode(bytes.substr(1, kCoordinate))},
                 {"y", base64url_encode(bytes.substr(1 + kCoordinate))}};
  return {.pem = traditional_pem_of(key.get()), .thumbprint = base64url_encode(sha256(jwk.dump()))};
}

}  // namespace

LoginCache open_login(World& world, User& user, base::Duration left) {
  const DpopKey key = make_key();
  const auto session = std::make_shared<LoginSession>(LoginSession{.user = &user,
                                                                   .client_id = std::string(kSameDevice),
                                                                   .key_thumbprint = key.thumbprint,
                                                                   .mfa_time = world.now(),
                                                                   .began = world.now(),
                                                                   .ends = world.now() + kLoginLife});
  json document = login_tokens(world, session, "", left);
  const std::int64_t seconds = document.at("expiresIn").get<std::int64_t>();
  document.erase("expiresIn");
  document["accessToken"]["accountId"] = user.account;
  document["accessToken"]["expiresAt"] = base::iso8601(world.now() + std::chrono::seconds(seconds));
  document["signInRegion"] = world.state.region;  // newer CLIs write it
  document["clientId"] = session->client_id;
  document["idToken"] = login_id_token(world, *session, "https://signin.aws.amazon.com/signin");
  document["dpopKey"] = key.pem;
  return {.login_session = user.arn, .document = document.dump()};
}

}  // namespace sim
