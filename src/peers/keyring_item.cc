#include "peers/keyring_item.h"

#include "base/text.h"
#include "credentials/key_input.h"
#include "secret/json_reader.h"
#include "secret/pem.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <span>

namespace peers {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::size_t kLongestName = 1024;
constexpr std::size_t kMostKeys = 10'000;
constexpr std::string_view kTokenPrefix = "oidc:";

std::unexpected<base::Error> unknown_form() {
  return fail(ErrorKind::store_damaged, "it is damaged, or of a form that this version does not know");
}

base::Result<void> read_whole(secret::Bytes& json,
                              const std::function<base::Result<void>(secret::JsonReader&)>& outermost) {
  return json.edit([&](std::span<std::byte> bytes) -> base::Result<void> {
    secret::JsonReader reader(bytes);
    TRY(outermost(reader));
    return reader.end();
  });
}

base::Result<std::string> name_of(secret::JsonReader& json) {
  const std::string_view text = TRY(json.text());
  if (text.size() > kLongestName) return unknown_form();
  return std::string(text);
}

/// The parts of a pair, as views into the text that is being read.
struct Pair {
  std::string_view id, secret, token, profile;
};

base::Result<void> read_pair(secret::JsonReader& json, Pair& pair) {
  return json.object([&](std::string_view name) -> base::Result<void> {
    const auto is = [&](std::string_view wanted) { return base::equals_ignoring_case(name, wanted); };
    std::string_view* const into = is("AccessKeyID")       ? &pair.id
                                   : is("SecretAccessKey") ? &pair.secret
                                   : is("SessionToken")    ? &pair.token
                                   : is("Profile")         ? &pair.profile
                                                           : nullptr;
    if (into == nullptr) return json.skip();
    *into = TRY(json.text());
    return {};
  });
}

base::Result<aws::Credentials> key_of(const Pair& pair) {
  if (pair.id.empty() || pair.secret.empty()) return unknown_form();
  if (!pair.token.empty())
    return fail(ErrorKind::refused, "this is the key of a session, which ends by itself and is not worth sealing");
  return credentials::key_of_parts(pair.id, secret::Bytes::copy_of(pair.secret));
}

base::Result<void> read_static_keys(secret::JsonReader& json, std::vector<StaticKey>& keys) {
  return json.object([&](std::string_view arn) -> base::Result<void> {
    if (keys.size() >= kMostKeys || arn.size() > kLongestName) return unknown_form();
    StaticKey key;
    key.arn = arn;
    Pair pair;
    TRY(read_pair(json, pair));
    if (pair.profile.size() > kLongestName) return unknown_form();
    key.profile = pair.profile;
    key.key = TRY(key_of(pair));
    keys.push_back(std::move(key));
    return {};
  });
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// NAME,PROFILE,SERIAL,EXPIRY; the older forms were session,… and session:….
bool is_session_name(std::string_view key) {
  if (key.starts_with("session:")) return std::ranges::count(key, ':') >= 3;
  const auto parts = base::split(key, ',');
  if (parts.size() == 4) return !parts[0].empty() && !parts[1].empty() && all_digits(parts[3]);
  const auto mark = key.find(" session (");
  return mark != key.npos && mark > 0 && key.ends_with(')') &&
         all_digits(key.substr(mark + 10, key.size() - mark - 11));
}

}  // namespace

base::Result<KeyringItem> parse_item(secret::Bytes json) {
  KeyringItem item;
  std::optional<secret::Bytes> data;
  const auto read = read_whole(json, [&](secret::JsonReader& reader) {
    return reader.object([&](std::string_view name) -> base::Result<void> {
      if (name == "Key") {
        item.key = TRY(name_of(reader));
      } else if (name == "Data") {
        data = secret::decode_base64(TRY(reader.text()));
        if (!data) return unknown_form();
      } else {
        TRY(reader.skip());
      }
      return {};
    });
  });
  if (!read || !data || item.key.empty()) return unknown_form();
  item.data = std::move(*data);
  return item;
}

base::Result<aws::Credentials> parse_stored_key(secret::Bytes data) {
  std::optional<base::Result<aws::Credentials>> key;
  const auto read = read_whole(data, [&](secret::JsonReader& reader) -> base::Result<void> {
    Pair pair;
    TRY(read_pair(reader, pair));
    key = key_of(pair);
    return {};
  });
  if (!read || !key) return unknown_form();
  return std::move(*key);
}

base::Result<std::vector<StaticKey>> parse_static_keys(secret::Bytes json) {
  std::vector<StaticKey> keys;
  const auto read = read_whole(json, [&](secret::JsonReader& reader) {
    return reader.object([&](std::string_view name) -> base::Result<void> {
      if (name != "StaticCredentials" || TRY(reader.peek()) != secret::JsonKind::object) return reader.skip();
      return read_static_keys(reader, keys);
    });
  });
  if (!read) return unknown_form();
  return keys;
}

ItemKind kind_of_item(std::string_view key) {
  if (key.starts_with(kTokenPrefix)) return ItemKind::token;
  return is_session_name(key) ? ItemKind::session : ItemKind::long_term;
}

}  // namespace peers
