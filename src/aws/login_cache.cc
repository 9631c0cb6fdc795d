#include "aws/login_cache.h"

#include "aws/arn.h"
#include "aws/json_reply.h"
#include "aws/reply_credentials.h"
#include "base/file.h"
#include "base/text.h"
#include "secret/digest.h"
#include "secret/json_reader.h"
#include "secret/json_writer.h"
#include "secret/pem.h"
#include "secret/read_secret.h"

#include <algorithm>
#include <span>
#include <utility>

namespace aws {
namespace {

using base::ErrorKind;
using base::fail;
using secret::JsonReader;

constexpr std::size_t kFileLimit = std::size_t{256} * 1024;
constexpr std::size_t kWriteLimit = std::size_t{4} * 1024 * 1024;  // all of it escaped
constexpr std::size_t kLongestWord = 4096;
constexpr std::size_t kMostOthers = 32;
constexpr std::string_view kWhat = "sign-in file of aws login";

std::string account_of(std::string_view arn) {
  // AWS's own examples hold accounts of thirteen digits, which parse_arn takes too.
  const auto parsed = parse_arn(arn);
  return parsed ? parsed->account : "";
}

/// A PEM text: visible signs and line ends.
base::Result<secret::Bytes> take_pem(JsonReader& json) {
  const std::string_view text = TRY(json.text());
  const bool plain = std::ranges::all_of(text, [](char c) { return (c >= ' ' && c < 0x7f) || c == '\n' || c == '\r'; });
  if (!plain || text.empty()) return not_as_documented("dpopKey is no key");
  return secret::Bytes::copy_of(text);
}

base::Result<bool> take_access(JsonReader& json, std::string_view name, Credentials& out) {
  if (TRY(json_key_member(json, name, kLongestWord, out))) return true;
  if (name == "accountId") {
    out.account_id = TRY(json_word(json, name, kLongestWord));
  } else if (name == "expiresAt") {
    out.expiration = base::parse_iso8601(TRY(json_word(json, name, kLongestWord)));
  } else {
    return false;
  }
  return true;
}

base::Result<bool> take_member(JsonReader& json, std::string_view name, LoginToken& out) {
  if (name == "accessToken") {
    TRY(read_json_object(json, [&](JsonReader&, std::string_view key) { return take_access(json, key, out.access); }));
  } else if (name == "tokenType") {
    out.token_type = TRY(json_word(json, name, kLongestWord));
  } else if (name == "clientId") {
    out.client_id = TRY(json_word(json, name, kLongestWord));
  } else if (name == "refreshToken") {
    out.refresh_token = TRY(json_secret(json, name));
  } else if (name == "idToken") {
    out.id_token = TRY(json_secret(json, name));
  } else if (name == "dpopKey") {
    out.dpop_key = TRY(take_pem(json));
  } else if (TRY(json.peek()) == secret::JsonKind::text && out.others.size() < kMostOthers) {
    std::string kept(name);
    out.others.emplace_back(std::move(kept), secret::Bytes::copy_of(TRY(json.text())));
  } else {
    return false;
  }
  return true;
}

}  // namespace

LoginToken LoginToken::clone() const {
  LoginToken out{access.clone(), token_type, client_id, refresh_token.clone(), id_token.clone(), dpop_key.clone(), {}};
  for (const auto& [name, value] : others) out.others.emplace_back(name, value.clone());
  return out;
}

base::Result<std::string> login_cache_path(const base::Environment& environment, std::string_view login_session) {
  const auto name = base::hex(secret::sha256(secret::Bytes::copy_of(base::trim_lines(login_session)))) + ".json";
  if (const auto directory = environment.get_nonempty("AWS_LOGIN_CACHE_DIRECTORY")) {
    std::string folder(*directory);
    if (folder.starts_with("~/")) folder = base::home_directory(environment).value_or("~") + folder.substr(1);
    return folder + "/" + name;
  }
  const auto home = base::home_directory(environment);
  if (!home) return fail(ErrorKind::not_found, "HOME is not set: the sign-in files of aws login are below it");
  return *home + "/.aws/login/cache/" + name;
}

base::Result<LoginToken> parse_login_cache(secret::Bytes text) {
  LoginToken out;
  const auto read = read_json_reply(
      std::move(text), [&](JsonReader& json, std::string_view name) { return take_member(json, name, out); });
  if (!read) return fail(ErrorKind::failure, "it is no such file, or is damaged");
  const auto& access = out.access;
  const bool whole = !access.access_key_id.empty() && !access.secret_access_key.empty() &&
                     !access.session_token.empty() && access.expiration && !out.refresh_token.empty() &&
                     !out.client_id.empty() && !out.dpop_key.empty();
  if (!whole) return fail(ErrorKind::failure, "it lacks one or more of its parts");
  if (out.access.account_id.empty())
    if (const auto identity = login_identity(out.id_token)) out.access.account_id = identity->account_id;
  return out;
}

base::Result<std::optional<LoginToken>> read_login_cache(const std::string& path) {
  auto text = TRY(secret::read_secret_file_of_tool(path, kFileLimit, kWhat));
  if (!text) return std::nullopt;
  auto token = parse_login_cache(std::move(*text));
  if (!token)
    return std::unexpected(base::with_context(std::move(token).error(), "the " + std::string(kWhat) + " " + path));
  return std::move(*token);
}

base::Result<void> write_login_cache(const std::string& path, const LoginToken& token) {
  secret::JsonWriter access(kWriteLimit);
  access.text("accessKeyId", token.access.access_key_id).secret("secretAccessKey", token.access.secret_access_key);
  access.secret("sessionToken", token.access.session_token);
  if (!token.access.account_id.empty()) access.text("accountId", token.access.account_id);
  access.text("expiresAt", base::iso8601(*token.access.expiration));
  secret::JsonWriter json(kWriteLimit);
  json.object("accessToken", std::move(access).take());
  if (!token.token_type.empty()) json.text("tokenType", token.token_type);
  json.text("clientId", token.client_id).secret("refreshToken", token.refresh_token);
  if (!token.id_token.empty()) json.secret("idToken", token.id_token);
  json.secret("dpopKey", token.dpop_key);
  for (const auto& [name, value] : token.others) json.secret(name, value);
  return std::move(json).take().reveal(
      [&](std::span<const std::byte> bytes) { return base::write_file_atomically(path, bytes); });
}

std::optional<LoginIdentity> login_identity(const secret::Bytes& id_token) {
  auto payload = id_token.reveal_text([](std::string_view text) {
    const auto parts = base::split(text, '.');
    return parts.size() == 3 ? secret::decode_base64(parts[1], secret::Base64::url) : std::nullopt;
  });
  if (!payload) return std::nullopt;
  LoginIdentity out;
  const auto member = [&](JsonReader& json, std::string_view name) -> base::Result<bool> {
    if (name != "sub") return false;
    out.session = TRY(json_word(json, name, kLongestWord));
    return true;
  };
  if (!read_json_reply(std::move(*payload), member) || out.session.empty()) return std::nullopt;
  out.account_id = account_of(out.session);
  return out;
}

}  // namespace aws
