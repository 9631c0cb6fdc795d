#include "aws/reply_credentials.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

namespace aws {
namespace {

using base::ErrorKind;

constexpr std::size_t kShortestKeyId = 16;
constexpr std::size_t kLongestKeyId = 128;

bool is_blank(std::byte b) {
  const char c = static_cast<char>(b);
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

base::Result<secret::Bytes> read_secret(const XmlElement& reply, const std::string& path) {
  auto value = TRY(reply.secret(path));
  const auto kept = value.edit(
      [](std::span<std::byte> bytes) { return bytes.size() - std::ranges::remove_if(bytes, is_blank).size(); });
  value.shrink(kept);
  if (!value.reveal_text(is_plain_secret))
    return base::fail(ErrorKind::failure, "AWS's reply is not as documented: " + path + " is not plain text");
  return value;
}

}  // namespace

bool is_access_key_id(std::string_view text) {
  const auto is_word = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return text.size() >= kShortestKeyId && text.size() <= kLongestKeyId && std::ranges::all_of(text, is_word);
}

bool is_plain_secret(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

base::Result<Credentials> read_access_key(const XmlElement& reply, const std::string& path) {
  Credentials out;
  out.access_key_id = TRY(reply.text(path + "/AccessKeyId"));
  if (!is_access_key_id(out.access_key_id))
    return base::fail(ErrorKind::failure, "AWS's reply is not as documented: AccessKeyId is no key id");
  out.secret_access_key = TRY(read_secret(reply, path + "/SecretAccessKey"));
  return out;
}

base::Result<Credentials> read_session(const XmlElement& reply, const std::string& path) {
  auto out = TRY(read_access_key(reply, path));
  out.session_token = TRY(read_secret(reply, path + "/SessionToken"));
  const auto expiration = TRY(reply.text(path + "/Expiration"));
  out.expiration = base::parse_iso8601(expiration);
  if (!out.expiration)
    return base::fail(ErrorKind::failure, "AWS's reply is not as documented: Expiration is no time with a zone");
  return out;
}

}  // namespace aws
