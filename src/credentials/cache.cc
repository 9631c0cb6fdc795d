#include "credentials/cache.h"

#include "base/text.h"
#include "credentials/clock_offset.h"
#include "secret/session_file.h"
#include "secret/session_key.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace credentials {
namespace {

using base::Duration;
using base::ErrorKind;
using base::Instant;

// The body is the secret key, its length before it, and the session token.
constexpr std::size_t kLengthBytes = 4;

constexpr const char* kAccessKeyId = "access_key_id";
constexpr const char* kAccount = "account";
constexpr const char* kSignIn = "sign_in";
constexpr const char* kObtained = "obtained_ms";
constexpr const char* kBoot = "boot_ms";
constexpr const char* kOffset = "clock_offset_ms";

std::string number(std::int64_t value) { return std::to_string(value); }

secret::Bytes body_of(const aws::Credentials& credentials) {
  std::array<std::byte, kLengthBytes> length{};
  std::size_t left = credentials.secret_access_key.size();
  for (auto& byte : length) {
    byte = static_cast<std::byte>(left & 0xff);
    left >>= 8;
  }
  return secret::Bytes::concatenated(
      secret::Bytes::concatenated(secret::Bytes::copy_of(length), credentials.secret_access_key),
      credentials.session_token);
}

/// False for a body that body_of() does not write.
bool take_body(const secret::Bytes& body, aws::Credentials& into) {
  return body.reveal([&](std::span<const std::byte> bytes) {
    if (bytes.size() < kLengthBytes) return false;
    std::size_t length = 0;
    for (std::size_t i = kLengthBytes; i > 0; --i) length = (length << 8) | std::to_integer<std::size_t>(bytes[i - 1]);
    const auto rest = bytes.subspan(kLengthBytes);
    if (length == 0 || length > rest.size()) return false;
    into.secret_access_key = secret::Bytes::copy_of(rest.first(length));
    into.session_token = secret::Bytes::copy_of(rest.subspan(length));
    return true;
  });
}

base::Result<Kept> kept_of(const secret::CachedSession& session) {
  const auto& more = session.header.more;
  const auto milliseconds = [&](const char* name) { return base::parse_integer(secret::field(more, name)); };
  const auto obtained = milliseconds(kObtained);
  const auto boot = milliseconds(kBoot);
  const auto offset = milliseconds(kOffset);
  Kept kept;
  kept.credentials.access_key_id = secret::field(more, kAccessKeyId);
  kept.credentials.account_id = secret::field(more, kAccount);
  kept.credentials.expiration = session.header.expires;
  if (!obtained || !boot || !offset || kept.credentials.access_key_id.empty() ||
      !take_body(session.body, kept.credentials))
    return base::fail(ErrorKind::store_damaged, "a cached session is not what this version writes");
  kept.obtained = Instant(Duration(*obtained));
  kept.boot = Instant(Duration(*boot));
  kept.clock_offset = Duration(*offset);
  return kept;
}

}  // namespace

Duration time_left(const Kept& kept, const base::Clock& clock) {
  if (!kept.credentials.expiration) return Duration::max();
  return time_until(*kept.credentials.expiration, {kept.boot, kept.clock_offset}, clock);
}

base::Result<std::string> SessionCache::key_name() {
  const auto store_id = TRY(around_.keys.store_id());
  return secret::session_key_name(around_.places, store_id);
}

base::Result<const secret::Bytes*> SessionCache::find_key() {
  if (key_) return &*key_;
  const std::string name = TRY(key_name());
  auto found = secret::find_session_key(around_.keyring, name);
  if (found && !*found) return nullptr;
  key_ = found ? std::move(**found) : TRY(around_.keys.session_key());
  return &*key_;
}

base::Result<const secret::Bytes*> SessionCache::ensure_key() {
  if (key_) return &*key_;
  const std::string name = TRY(key_name());
  auto made = secret::ensure_session_key(around_.keyring, name, around_.places, around_.clock);
  key_ = made ? std::move(*made) : TRY(around_.keys.session_key());
  return &*key_;
}

base::Result<std::optional<Kept>> SessionCache::read(const std::string& key) {
  const auto session_key = find_key();
  // Without a key there is nothing that could be read; whoever writes says what is wrong.
  if (!session_key || *session_key == nullptr) return std::nullopt;
  const auto session = TRY(secret::read_session(around_.places, key, **session_key));
  if (!session) return std::nullopt;
  return TRY(kept_of(*session));
}

base::Result<void> SessionCache::write(const std::string& key, const std::string& profile, const std::string& what,
                                       const std::string& sign_in, const Kept& kept) {
  const secret::Bytes* session_key = TRY(ensure_key());
  secret::SessionHeader header;
  header.profile = profile;
  header.what = what;
  header.expires = *kept.credentials.expiration;
  header.more[kAccessKeyId] = kept.credentials.access_key_id;
  if (!kept.credentials.account_id.empty()) header.more[kAccount] = kept.credentials.account_id;
  if (!sign_in.empty()) header.more[kSignIn] = sign_in;
  header.more[kObtained] = number(kept.obtained.time_since_epoch().count());
  header.more[kBoot] = number(kept.boot.time_since_epoch().count());
  header.more[kOffset] = number(kept.clock_offset.count());
  return secret::write_session(around_.places, key, header, body_of(kept.credentials), *session_key);
}

base::Result<std::size_t> forget_sessions_of_sign_in(const secret::Places& places, const std::string& id) {
  const auto list = TRY(secret::list_sessions(places));
  std::size_t count = 0;
  for (const auto& session : list.sessions) {
    if (secret::field(session.header.more, kSignIn) != id) continue;
    TRY(secret::remove_session(places, session.key_hash));
    ++count;
  }
  return count;
}

void SessionCache::remove(const std::string& key) {
  // What cannot be removed is replaced by the next write; expired or refused sessions are never served either way.
  [[maybe_unused]] const auto removed = secret::remove_session(around_.places, key);
}

}  // namespace credentials
