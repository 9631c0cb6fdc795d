#include "aws/metadata_reply.h"

#include "aws/json_reply.h"
#include "aws/service_error.h"
#include "base/text.h"

#include <algorithm>

namespace aws {
namespace {

constexpr std::size_t kLongestWord = 256;      // of a key id, an account, a date
constexpr std::size_t kLongestMessage = 8192;  // shown cut
constexpr std::size_t kLongestRole = 128;

struct Reply {
  std::string key_id, expiration, account, code, message;
  secret::Bytes secret, token;
};

// As IAM has it: the name becomes part of a URL.
bool is_role_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestRole && text != "." && text != ".." &&
         std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("_+=,.@-").find(c) != std::string_view::npos;
         });
}

/// The member of that name, whatever its case; null for those that are not read here.
std::string* word_named(Reply& reply, std::string_view name) {
  if (name == "accesskeyid") return &reply.key_id;
  if (name == "expiration") return &reply.expiration;
  if (name == "accountid") return &reply.account;
  if (name == "code") return &reply.code;
  if (name == "message") return &reply.message;
  return nullptr;
}

base::Result<bool> take_member(secret::JsonReader& json, std::string_view spelled, Reply& reply) {
  const std::string name = base::lower_ascii(spelled);
  secret::Bytes* const secret = name == "secretaccesskey" ? &reply.secret : (name == "token" ? &reply.token : nullptr);
  std::string* const word = word_named(reply, name);
  if (secret == nullptr && word == nullptr) return false;
  if ((secret != nullptr && !secret->empty()) || (word != nullptr && !word->empty()))
    return not_as_documented(name + " comes twice");
  if (secret != nullptr) {
    *secret = TRY(json_secret(json, name));
  } else if (word == &reply.message) {
    *word = TRY(json_name(json, name, kLongestMessage));
  } else {
    *word = TRY(json_word(json, name, kLongestWord));
  }
  return true;
}

}  // namespace

base::Result<Credentials> read_metadata_credentials(secret::Bytes body, std::span<const secret::Bytes* const> sent) {
  Reply reply;
  TRY(read_json_reply(std::move(body),
                      [&](secret::JsonReader& json, std::string_view name) { return take_member(json, name, reply); }));
  if (!reply.code.empty() && reply.code != "Success")
    return base::fail(base::ErrorKind::denied,
                      shown(reply.code, sent) + (reply.message.empty() ? "" : ": " + shown(reply.message, sent)));
  if (reply.key_id.empty()) return not_as_documented("AccessKeyId is missing");
  if (reply.secret.empty()) return not_as_documented("SecretAccessKey is missing");
  if (reply.token.empty()) return not_as_documented("Token is missing");
  if (reply.expiration.empty()) return not_as_documented("Expiration is missing");
  Credentials out;
  out.expiration = base::parse_iso8601(reply.expiration);
  if (!out.expiration) return not_as_documented("Expiration is no time with a zone");
  out.access_key_id = std::move(reply.key_id);
  out.secret_access_key = std::move(reply.secret);
  out.session_token = std::move(reply.token);
  out.account_id = std::move(reply.account);
  return out;
}

base::Result<std::string> read_role_name(const secret::Bytes& body) {
  return body.reveal_text([](std::string_view text) -> base::Result<std::string> {
    const std::string_view first = base::trim_lines(base::split(base::trim_lines(text), '\n').front());
    if (!is_role_name(first)) return not_as_documented("its list of roles names none");
    return std::string(first);
  });
}

}  // namespace aws
