#include "credentials/process_answer.h"

#include "base/text.h"
#include "secret/json_reader.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace credentials {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::int64_t kVersion = 1;
constexpr std::size_t kLongestName = 256;      // of a key id, an account, a date
constexpr std::size_t kLongestSecret = 65536;  // of a session token; AWS sets no limit, observed ones are below 4 KiB

/// Values become header fields, environment entries and lines of files: no control character may be in them.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

struct Answer {
  bool has_version = false;
  aws::Credentials credentials;
};

base::Result<void> take_secret(secret::JsonReader& json, secret::Bytes& into, std::string_view name) {
  const std::string_view text = TRY(json.text());
  if (!is_plain(text) || text.size() > kLongestSecret)
    return fail(ErrorKind::failure, std::string(name) + " holds characters that no credential has");
  into = secret::Bytes::copy_of(text);
  return {};
}

base::Result<std::string> take_name(secret::JsonReader& json, std::string_view name) {
  const std::string_view text = TRY(json.text());
  if (!is_plain(text) || text.size() > kLongestName)
    return fail(ErrorKind::failure, std::string(name) + " is not what it should be");
  return std::string(text);
}

base::Result<void> take_member(secret::JsonReader& json, std::string_view name, Answer& answer) {
  const secret::JsonKind kind = TRY(json.peek());
  if (name == "Version") {
    answer.has_version = true;
    const auto version = json.integer();
    if (!version || *version != kVersion)
      return fail(ErrorKind::failure, "unsupported Version, only the number 1 is known");
    return {};
  }
  const bool optional = name == "SessionToken" || name == "Expiration" || name == "AccountId";
  if (optional && kind == secret::JsonKind::null) return json.skip();
  if (name == "AccessKeyId") {
    answer.credentials.access_key_id = TRY(take_name(json, name));
  } else if (name == "SecretAccessKey") {
    TRY(take_secret(json, answer.credentials.secret_access_key, name));
  } else if (name == "SessionToken") {
    TRY(take_secret(json, answer.credentials.session_token, name));
  } else if (name == "AccountId") {
    answer.credentials.account_id = TRY(take_name(json, name));
  } else if (name == "Expiration") {
    const std::string text = TRY(take_name(json, name));
    answer.credentials.expiration = base::parse_iso8601(text);
    if (!answer.credentials.expiration) return fail(ErrorKind::failure, "Expiration is not a date");
  } else {
    return json.skip();
  }
  return {};
}

base::Result<Answer> parse(std::span<std::byte> text) {
  secret::JsonReader json(text);
  Answer answer;
  TRY(json.object([&](std::string_view name) { return take_member(json, name, answer); }));
  TRY(json.end());
  return answer;
}

}  // namespace

base::Result<aws::Credentials> read_process_answer(secret::Bytes answer, base::Instant now) {
  auto read = TRY(answer.edit([](std::span<std::byte> text) { return parse(text); }));
  if (!read.has_version) return fail(ErrorKind::failure, "missing Version");
  if (read.credentials.access_key_id.empty()) return fail(ErrorKind::failure, "missing AccessKeyId");
  if (read.credentials.secret_access_key.empty()) return fail(ErrorKind::failure, "missing SecretAccessKey");
  if (read.credentials.expiration && *read.credentials.expiration <= now)
    return fail(ErrorKind::expired, "its credentials have expired already");
  return std::move(read.credentials);
}

}  // namespace credentials
