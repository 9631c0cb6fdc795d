#include "aws/sigv4.h"

#include "aws/percent_encoding.h"
#include "base/text.h"
#include "secret/digest.h"

#include <sodium.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace aws {
namespace {

using base::ErrorKind;

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::size_t kHashBytes = crypto_hash_sha256_BYTES;
// AWS refuses a presigned request that is good for longer than seven days.
constexpr std::chrono::seconds kLongestPresigned{7 * 24 * 3600};

secret::Bytes hmac(const secret::Bytes& key, std::string_view text) {
  secret::Bytes out(kHashBytes);
  crypto_auth_hmacsha256_state state;
  key.reveal([&](std::span<const std::byte> bytes) {
    crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  });
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  out.edit([&](std::span<std::byte> mac) {
    crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(mac.data()));
  });
  sodium_memzero(&state, sizeof state);
  return out;
}

/// "20300102T030405Z" and nothing else.
std::optional<base::Instant> parse_stamp(std::string_view stamp) {
  if (stamp.size() != 16) return std::nullopt;
  const std::string text = std::string(stamp.substr(0, 4)) + "-" + std::string(stamp.substr(4, 2)) + "-" +
                           std::string(stamp.substr(6, 5)) + ":" + std::string(stamp.substr(11, 2)) + ":" +
                           std::string(stamp.substr(13));
  const auto when = base::parse_iso8601(text);
  if (!when || base::basic_iso8601(*when) != stamp) return std::nullopt;
  return when;
}

std::string scope_of(const Signing& signing, std::string_view stamp) {
  return credential_scope(stamp, signing.region, signing.service);
}

secret::Bytes derived(const secret::Bytes& secret_access_key, std::string_view stamp, std::string_view region,
                      std::string_view service) {
  const auto seed = secret::Bytes::concatenated(secret::Bytes::copy_of("AWS4"), secret_access_key);
  const auto date_key = hmac(seed, stamp.substr(0, 8));
  const auto region_key = hmac(date_key, region);
  const auto service_key = hmac(region_key, service);
  return hmac(service_key, "aws4_request");
}

base::Result<Signature> finish(const CanonicalRequest& form, const Credentials& credentials, const Signing& signing,
                               std::string_view stamp) {
  Signature out;
  out.canonical_request = TRY(form.text());
  out.string_to_sign = string_to_sign(kAlgorithm, stamp, scope_of(signing, stamp), out.canonical_request);
  out.hex = credentials.signer != nullptr
                ? TRY(credentials.signer->sign(out.string_to_sign))
                : signature_of(credentials.secret_access_key, {signing.when, signing.region, signing.service},
                               out.string_to_sign);
  return out;
}

bool is_plain_token(const secret::Bytes& token) {
  return token.reveal_text(
      [](std::string_view text) { return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; }); });
}

base::Result<void> check(const http::Request& request, const Credentials& credentials) {
  if (credentials.access_key_id.empty() || (credentials.secret_access_key.empty() && credentials.signer == nullptr))
    return base::fail(ErrorKind::failure, "there is no access key to sign with");
  if (!is_plain_token(credentials.session_token))
    return base::fail(ErrorKind::refused, "the session token holds white space or control characters");
  return refuse_signed(request);
}

}  // namespace

std::optional<SigningScope> scope_of_string_to_sign(std::string_view text) {
  const auto lines = base::split(text, '\n');
  if (lines.size() != 4 || lines[0] != kAlgorithm) return std::nullopt;
  const auto parts = base::split(lines[2], '/');
  const auto hash = base::from_hex(lines[3]);
  const auto when = parse_stamp(lines[1]);
  if (parts.size() != 4 || !when || !hash || hash->size() != kHashBytes) return std::nullopt;
  SigningScope scope{*when, std::string(parts[1]), std::string(parts[2])};
  // What is left open by the questions above, this closes.
  const std::string again = std::string(kAlgorithm) + "\n" + std::string(lines[1]) + "\n" +
                            credential_scope(lines[1], scope.region, scope.service) + "\n" + base::hex(*hash);
  if (again != text) return std::nullopt;
  return scope;
}

std::string signature_of(const secret::Bytes& secret_access_key, const SigningScope& scope,
                         std::string_view string_to_sign) {
  return SigningKey(secret_access_key, base::basic_iso8601(scope.when), scope.region, scope.service)
      .sign(string_to_sign);
}

SigningKey::SigningKey(const secret::Bytes& secret_access_key, std::string_view stamp, std::string_view region,
                       std::string_view service)
    : stamp_(stamp),
      scope_(credential_scope(stamp, region, service)),
      key_(derived(secret_access_key, stamp, region, service)) {}

std::string SigningKey::sign(std::string_view string_to_sign) const {
  return hmac(key_, string_to_sign).reveal([](std::span<const std::byte> mac) { return base::hex(mac); });
}

bool SigningKey::has_signed(std::string_view string_to_sign, std::string_view signature_hex) const {
  const auto right = sign(string_to_sign);
  return right.size() == signature_hex.size() && sodium_memcmp(right.data(), signature_hex.data(), right.size()) == 0;
}

base::Result<bool> SigningKey::has_signed(const CanonicalRequest& form, std::string_view signature_hex) const {
  const auto canonical = TRY(form.text());
  return has_signed(string_to_sign(kAlgorithm, stamp_, scope_, canonical), signature_hex);
}

base::Result<Signature> sign(http::Request& request, const Credentials& credentials, const Signing& signing) {
  TRY(check(request, credentials));
  const auto stamp = base::basic_iso8601(signing.when);
  const auto add_token = [&] {
    if (!credentials.session_token.empty())
      request.secret_headers.push_back({std::string(kTokenHeader), credentials.session_token.clone()});
  };
  if (signing.session_token == SessionTokenPlace::signed_with_rest) add_token();
  request.headers.push_back({"X-Amz-Date", stamp});
  const auto body_hash =
      signing.known_body_hash.empty() ? base::hex(secret::sha256(request.body)) : signing.known_body_hash;
  if (signing.body_hash == BodyHashHeader::sent) request.headers.push_back({"x-amz-content-sha256", body_hash});

  auto form = canonical_form(request, signing.path);
  form.body_hash = body_hash;
  auto signature = TRY(finish(form, credentials, signing, stamp));
  request.headers.push_back({"Authorization", std::string(kAlgorithm) + " Credential=" + credentials.access_key_id +
                                                  "/" + scope_of(signing, stamp) + ", SignedHeaders=" +
                                                  form.signed_headers() + ", Signature=" + signature.hex});
  if (signing.session_token == SessionTokenPlace::added_after) add_token();
  return signature;
}

base::Result<Presigned> presign(const http::Request& request, const Credentials& credentials, const Signing& signing,
                                std::chrono::seconds valid_for) {
  TRY(check(request, credentials));
  if (valid_for < std::chrono::seconds(1) || valid_for > kLongestPresigned)
    return base::fail(ErrorKind::refused, "a presigned request is good for one second to seven days");
  const auto stamp = base::basic_iso8601(signing.when);
  auto form = canonical_form(request, signing.path);
  for (const auto& entry : form.query)
    if (base::lower_ascii(entry.name).starts_with("x-amz-"))
      return base::fail(ErrorKind::refused, "the request is signed already");

  const std::vector<SignedEntry> ours{
      {"X-Amz-Algorithm", std::string(kAlgorithm), nullptr},
      {"X-Amz-Credential", base::percent_encode(credentials.access_key_id + "/" + scope_of(signing, stamp)), nullptr},
      {"X-Amz-Date", stamp, nullptr},
      {"X-Amz-SignedHeaders", base::percent_encode(form.signed_headers()), nullptr},
      {"X-Amz-Expires", std::to_string(valid_for.count()), nullptr}};
  form.query.insert(form.query.end(), ours.begin(), ours.end());
  const bool has_token = !credentials.session_token.empty();
  if (has_token && signing.session_token == SessionTokenPlace::signed_with_rest)
    form.query.push_back({std::string(kTokenHeader), {}, &credentials.session_token});

  Presigned out;
  out.signature = TRY(finish(form, credentials, signing, stamp));
  SecretText url;
  url << request.url;
  const auto parts = split_url(request.url);
  std::string_view separator = !parts.has_query ? "?" : parts.query.empty() ? "" : "&";
  for (const auto& entry : ours) url << std::exchange(separator, "&") << entry.name << "=" << entry.value;
  if (has_token) {
    url << "&" << kTokenHeader << "=";
    url.encoded(credentials.session_token);
  }
  url << "&X-Amz-Signature=" << out.signature.hex;
  out.url = TRY(std::move(url).take());
  return out;
}

}  // namespace aws
