#include "aws/sso_cache.h"

#include "aws/reply_credentials.h"
#include "base/file.h"
#include "base/text.h"
#include "secret/crypto_library.h"
#include "secret/json_reader.h"
#include "secret/json_writer.h"
#include "secret/read_secret.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <span>
#include <utility>

namespace aws {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::size_t kSha1Bytes = 20;
constexpr std::size_t kFileLimit = std::size_t{256} * 1024;
constexpr std::size_t kWriteLimit = std::size_t{4} * 1024 * 1024;  // three tokens of the longest, all escaped
constexpr std::size_t kLongestName = 4096;
constexpr std::string_view kWhat = "sign-in file";

/// Of libcrypto: libsodium has no SHA-1, and nothing else of kabuto wants it.
base::Result<std::string> sha1_hex(std::string_view text) {
  const secret::CryptoLibrary& library = *TRY(secret::CryptoLibrary::load());
  std::array<std::byte, kSha1Bytes> hash{};
  library.SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
               reinterpret_cast<unsigned char*>(hash.data()));
  return base::hex(hash);
}

/// A half-written file is no error: the AWS CLI writes in place.
base::Result<std::string> take_text(secret::JsonReader& json) {
  const std::string_view text = TRY(json.text());
  if (text.size() > kLongestName) return fail(ErrorKind::failure, "too long");
  return std::string(text);
}

base::Result<secret::Bytes> take_secret(secret::JsonReader& json) {
  const std::string_view text = TRY(json.text());
  if (!is_plain_secret(text)) return fail(ErrorKind::failure, "no token");
  return secret::Bytes::copy_of(text);
}

base::Result<base::Instant> take_time(secret::JsonReader& json) {
  const std::string_view text = TRY(json.text());
  const auto when = base::parse_iso8601(text);
  if (!when) return fail(ErrorKind::failure, "no time");
  return *when;
}

base::Result<void> take_member(secret::JsonReader& json, std::string_view name, SsoCacheToken& token,
                               std::optional<base::Instant>& expires) {
  if (TRY(json.peek()) == secret::JsonKind::null) return json.skip();
  if (name == "startUrl") {
    token.start_url = TRY(take_text(json));
  } else if (name == "region") {
    token.region = TRY(take_text(json));
  } else if (name == "accessToken") {
    token.access_token = TRY(take_secret(json));
  } else if (name == "expiresAt") {
    expires = TRY(take_time(json));
  } else if (name == "clientId") {
    token.client_id = TRY(take_text(json));
  } else if (name == "clientSecret") {
    token.client_secret = TRY(take_secret(json));
  } else if (name == "registrationExpiresAt") {
    token.registration_expires = TRY(take_time(json));
  } else if (name == "refreshToken") {
    token.refresh_token = TRY(take_secret(json));
  } else {
    return json.skip();
  }
  return {};
}

}  // namespace

base::Result<std::string> sso_cache_path(const base::Environment& environment, std::string_view id) {
  const auto home = base::home_directory(environment);
  if (!home) return fail(ErrorKind::not_found, "HOME is not set: the AWS CLI's sign-in files are below it");
  return *home + "/.aws/sso/cache/" + TRY(sha1_hex(id)) + ".json";
}

std::optional<SsoCacheToken> parse_sso_cache(secret::Bytes text) {
  SsoCacheToken token;
  std::optional<base::Instant> expires;
  const auto read = text.edit([&](std::span<std::byte> bytes) -> base::Result<void> {
    secret::JsonReader json(bytes);
    const auto member = [&](std::string_view name) { return take_member(json, name, token, expires); };
    TRY(json.object(member));
    return json.end();
  });
  if (!read || token.access_token.empty() || !expires) return std::nullopt;
  token.expires = *expires;
  return token;
}

base::Result<std::optional<SsoCacheToken>> read_sso_cache(const std::string& path) {
  auto text = TRY(secret::read_secret_file_of_tool(path, kFileLimit, kWhat));
  if (!text) return std::nullopt;
  return parse_sso_cache(std::move(*text));
}

base::Result<void> write_sso_cache(const std::string& path, const SsoCacheToken& token) {
  TRY(base::ensure_private_directory(path.substr(0, path.rfind('/'))));
  secret::JsonWriter json(kWriteLimit);
  // In the order the AWS CLI has them.
  json.text("startUrl", token.start_url).text("region", token.region);
  json.secret("accessToken", token.access_token).text("expiresAt", base::iso8601(token.expires));
  if (!token.client_id.empty()) json.text("clientId", token.client_id);
  if (!token.client_secret.empty()) json.secret("clientSecret", token.client_secret);
  if (token.registration_expires) json.text("registrationExpiresAt", base::iso8601(*token.registration_expires));
  if (!token.refresh_token.empty()) json.secret("refreshToken", token.refresh_token);
  return std::move(json).take().reveal(
      [&](std::span<const std::byte> bytes) { return base::write_file_atomically(path, bytes); });
}

base::Result<void> remove_sso_cache(const std::string& path) {
  if (unlink(path.c_str()) == 0 || errno == ENOENT || errno == ENOTDIR) return {};
  return fail(ErrorKind::failure, "remove " + path + ": " + base::errno_text(errno));
}

}  // namespace aws
