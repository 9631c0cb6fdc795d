#include "aws/json_reply.h"

#include "aws/reply_credentials.h"

#include <span>

namespace aws {
namespace {

// Of a token; AWS sets no limit, observed ones are below 4 KiB.
constexpr std::size_t kLongestSecret = 65536;

}  // namespace

std::unexpected<base::Error> not_as_documented(const std::string& what) {
  return base::fail(base::ErrorKind::failure, "AWS's reply is not as documented: " + what);
}

base::Result<void> read_json_object(secret::JsonReader& json, const JsonMember& member) {
  return json.object([&](std::string_view name) -> base::Result<void> {
    if (TRY(json.peek()) == secret::JsonKind::null) return json.skip();
    if (!TRY(member(json, name))) return json.skip();
    return {};
  });
}

base::Result<void> read_json_reply(secret::Bytes body, const JsonMember& member) {
  return body.edit([&](std::span<std::byte> text) -> base::Result<void> {
    secret::JsonReader json(text);
    TRY(read_json_object(json, member));
    return json.end();
  });
}

base::Result<std::string> json_name(secret::JsonReader& json, std::string_view name, std::size_t most) {
  const std::string_view text = TRY(json.text());
  if (text.size() > most) return not_as_documented(std::string(name) + " is too long");
  return std::string(text);
}

base::Result<std::string> json_word(secret::JsonReader& json, std::string_view name, std::size_t most) {
  const std::string_view text = TRY(json.text());
  if (text.size() > most || !is_plain_secret(text)) return not_as_documented(std::string(name) + " is not plain text");
  return std::string(text);
}

base::Result<secret::Bytes> json_secret(secret::JsonReader& json, std::string_view name) {
  const std::string_view text = TRY(json.text());
  if (text.size() > kLongestSecret || !is_plain_secret(text))
    return not_as_documented(std::string(name) + " is not plain text");
  return secret::Bytes::copy_of(text);
}

base::Result<bool> json_key_member(secret::JsonReader& json, std::string_view name, std::size_t most,
                                   Credentials& out) {
  if (name == "accessKeyId")
    out.access_key_id = TRY(json_word(json, name, most));
  else if (name == "secretAccessKey")
    out.secret_access_key = TRY(json_secret(json, name));
  else if (name == "sessionToken")
    out.session_token = TRY(json_secret(json, name));
  else
    return false;
  return true;
}

base::Result<std::int64_t> json_integer(secret::JsonReader& json, std::string_view name, std::int64_t least,
                                        std::int64_t most) {
  const std::int64_t value = TRY(json.integer());
  if (value < least || value > most) return not_as_documented(std::string(name) + " is out of range");
  return value;
}

}  // namespace aws
