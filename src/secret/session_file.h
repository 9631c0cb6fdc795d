// The cache of role sessions: one sealed file per cache key in sessions/, with a clear header (names and expiry only)
// that is bound to the sealed body. Reading one never opens the store; listing never unlocks. It knows nothing of AWS.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "secret/bytes.h"
#include "secret/fields.h"
#include "secret/places.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace secret {

/// The clear side of a cached session. Names only, no secret.
struct SessionHeader {
  std::string profile;
  std::string what;  // the role's ARN, "GetSessionToken", …
  base::Instant expires;
  Fields more;  // account, region, access key id, … as the owner likes
};

struct CachedSession {
  SessionHeader header;
  Bytes body;
};

struct SessionEntry {
  std::string key_hash;
  SessionHeader header;
};

/// `key_hash`: lower-case hex of the cache key's hash, 32 to 64 digits; it is the file's name and bound to the body.
base::Result<void> write_session(const Places& places, const std::string& key_hash, const SessionHeader& header,
                                 const Bytes& body, const Bytes& session_key);
/// nullopt where there is none, or it was sealed under another session key. store_damaged: warn and fetch anew.
base::Result<std::optional<CachedSession>> read_session(const Places& places, const std::string& key_hash,
                                                        const Bytes& session_key);
/// The clear side alone. nullopt where there is none.
base::Result<std::optional<SessionHeader>> read_session_header(const Places& places, const std::string& key_hash);
/// All that can be read, expired ones too, by profile and what; damaged files are counted, not listed.
struct SessionList {
  std::vector<SessionEntry> sessions;
  std::size_t damaged = 0;
};
base::Result<SessionList> list_sessions(const Places& places);
/// No error where it does not exist.
base::Result<void> remove_session(const Places& places, const std::string& key_hash);
/// Removes what has expired and what an interrupted write has left; the number removed.
base::Result<std::size_t> sweep_sessions(const Places& places, base::Instant now);

/// A file's bytes taken apart, for the fuzzer and for read_session.
struct SessionParts {
  SessionHeader header;
  std::span<const std::byte> bound;   // additional data of the seal
  std::span<const std::byte> key_id;  // which session key sealed it
  std::span<const std::byte> sealed;
};
base::Result<SessionParts> parse_session(std::span<const std::byte> file);

}  // namespace secret
