#include "credentials/key_input.h"

#include "base/text.h"
#include "secret/json_reader.h"

#include <algorithm>

namespace credentials {
namespace {

using base::ErrorKind;
using base::fail;

// AWS: access key ids have 16 to 128 characters; today's have 20, and their secrets 40.
constexpr std::size_t kShortestId = 16;
constexpr std::size_t kLongestId = 128;
constexpr std::size_t kShortestSecret = 16;
constexpr std::size_t kLongestSecret = 128;
constexpr std::size_t kLongestName = 128;
constexpr std::string_view kLongTermPrefix = "AKIA";
constexpr std::string_view kSessionPrefix = "ASIA";

bool has_id_shape(std::string_view text) {
  return text.size() >= kShortestId && text.size() <= kLongestId &&
         std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

base::Result<void> check_secret(std::string_view text) {
  if (text.empty()) return fail(ErrorKind::refused, "no secret access key was given");
  if (has_id_shape(text) && (text.starts_with(kLongTermPrefix) || text.starts_with(kSessionPrefix)))
    return fail(ErrorKind::refused, "an access key id was given in place of the secret access key");
  if (text.size() < kShortestSecret || text.size() > kLongestSecret ||
      !std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; }))
    return fail(ErrorKind::refused, "what was given is not a secret access key: AWS's have 40 visible characters");
  return {};
}

/// The two members, as views into the text that is being read.
struct Found {
  std::string_view id;
  std::string_view secret;
  bool session = false;
};

base::Result<void> read_pair(secret::JsonReader& reader, Found& found) {
  return reader.object([&](std::string_view name) -> base::Result<void> {
    if (name == "AccessKeyId") {
      found.id = TRY(reader.text());
    } else if (name == "SecretAccessKey") {
      found.secret = TRY(reader.text());
    } else if (name == "AccessKey" && found.id.empty()) {
      TRY(read_pair(reader, found));
    } else {
      if (name == "SessionToken") found.session = true;
      TRY(reader.skip());
    }
    return {};
  });
}

std::unexpected<base::Error> session_refused() {
  return fail(ErrorKind::refused, "this is the key of a session, which ends by itself and is not worth sealing",
              "give the long-term key of the user (AKIA…)");
}

}  // namespace

base::Result<void> check_profile_name(std::string_view name) {
  if (name.empty() || name.size() > kLongestName || base::printable(name, kLongestName * 4) != name ||
      base::trim(name) != name || name.front() == '-')
    return fail(ErrorKind::refused, "this is no name for a profile: " + base::printable(name, kLongestName));
  return {};
}

base::Result<void> check_access_key_id(std::string_view id) {
  if (id.empty()) return fail(ErrorKind::refused, "no access key id was given");
  if (!has_id_shape(id))
    return fail(ErrorKind::refused, "what was given is not an access key id: AWS's look like AKIAIOSFODNN7EXAMPLE");
  if (id.starts_with(kSessionPrefix)) return session_refused();
  if (!id.starts_with(kLongTermPrefix))
    return fail(ErrorKind::refused, std::string(id.substr(0, 4)) + "… is not the id of an access key (AKIA…)");
  return {};
}

base::Result<aws::Credentials> key_of_parts(std::string_view id, secret::Bytes secret_access_key) {
  id = base::trim_lines(id);
  TRY(check_access_key_id(id));
  aws::Credentials key;
  key.access_key_id = id;
  auto checked = secret_access_key.reveal_text([](std::string_view text) -> base::Result<secret::Bytes> {
    text = base::trim_lines(text);
    TRY(check_secret(text));
    return secret::Bytes::copy_of(text);
  });
  key.secret_access_key = TRY(std::move(checked));
  return key;
}

base::Result<aws::Credentials> key_of_json(secret::Bytes text) {
  return text.edit([](std::span<std::byte> bytes) -> base::Result<aws::Credentials> {
    secret::JsonReader reader(bytes);
    Found found;
    auto read = read_pair(reader, found);
    if (read) read = reader.end();
    if (!read) {
      read.error().hint = R"(give {"AccessKeyId": "AKIA…", "SecretAccessKey": "…"} on standard input)";
      return std::unexpected(std::move(read).error());
    }
    if (found.session) return session_refused();
    return key_of_parts(found.id, secret::Bytes::copy_of(found.secret));
  });
}

base::Result<aws::Credentials> key_of_environment(const base::Environment& environment) {
  for (const auto* token : {"AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"})
    if (environment.get_nonempty(token)) return session_refused();
  const auto id = environment.get_nonempty("AWS_ACCESS_KEY_ID");
  const auto secret = environment.get_nonempty("AWS_SECRET_ACCESS_KEY");
  if (!id || !secret)
    return fail(ErrorKind::not_found,
                std::string(id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID") + " is not set in the environment");
  return key_of_parts(*id, secret::Bytes::copy_of(*secret));
}

}  // namespace credentials
