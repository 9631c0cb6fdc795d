#include "secret/session_file.h"

#include "base/file.h"
#include "base/temporary_name.h"
#include "base/text.h"
#include "secret/cipher.h"
#include "secret/digest.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <tuple>

namespace secret {
namespace {

constexpr std::string_view kMagic = "kabuto session 1\n";
constexpr std::string_view kSuffix = ".session";
constexpr std::size_t kLengthSize = 4;
constexpr std::size_t kKeyIdSize = 8;
constexpr std::size_t kLargestClear = 64 << 10;
constexpr std::size_t kLargestFile = 1 << 20;
constexpr std::string_view kMorePrefix = "more ";

base::Error damaged(std::string_view why) {
  return {base::ErrorKind::store_damaged, "the cached session is damaged: " + std::string(why), {}};
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void append(std::string& out, std::span<const std::byte> bytes) { out += text_of(bytes); }

std::string key_id(const Bytes& session_key) {
  const auto hash = Digest().add("session key id").add_secret(session_key).finish();
  return std::string(text_of(std::span(hash).first(kKeyIdSize)));
}

Fields fields_of(const SessionHeader& header) {
  Fields out{{"profile", header.profile},
             {"what", header.what},
             {"expires", std::to_string(header.expires.time_since_epoch().count())}};
  for (const auto& [key, value] : header.more) out.emplace(std::string(kMorePrefix) + key, value);
  return out;
}

std::optional<SessionHeader> header_of(const Fields& fields) {
  SessionHeader out;
  const auto expires = base::parse_integer(field(fields, "expires"));
  if (!expires) return std::nullopt;
  out.expires = base::Instant(base::Duration(*expires));
  out.profile = field(fields, "profile");
  out.what = field(fields, "what");
  for (const auto& [key, value] : fields)
    if (key.starts_with(kMorePrefix)) out.more.emplace(key.substr(kMorePrefix.size()), value);
  // Fields we do not know would be lost in `header`; a file of ours has none.
  if (fields_of(out) != fields) return std::nullopt;
  return out;
}

base::Result<std::string> path_of(const Places& places, const std::string& key_hash) {
  const bool good = key_hash.size() >= 32 && key_hash.size() <= 64 &&
                    key_hash.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!good) return base::fail(base::ErrorKind::failure, "a session's name must be 32 to 64 hex digits");
  return places.sessions() + "/" + key_hash + std::string(kSuffix);
}

std::string bound_text(std::span<const std::byte> bound, const std::string& key_hash) {
  const std::string_view parts[] = {text_of(bound), key_hash};
  return joined_with_lengths(parts);
}

base::Result<std::optional<std::string>> read_bytes(const std::string& path) {
  return base::read_file(path, kLargestFile);
}

/// The names in sessions/; empty where it does not exist.
base::Result<std::vector<std::string>> names_in(const std::string& directory) {
  std::vector<std::string> out;
  const std::unique_ptr<DIR, int (*)(DIR*)> handle(opendir(directory.c_str()), closedir);
  if (!handle && (errno == ENOENT || errno == ENOTDIR)) return out;
  if (!handle) return base::fail(base::ErrorKind::failure, "list " + directory + ": " + base::errno_text(errno));
  while (const dirent* entry = readdir(handle.get())) out.emplace_back(entry->d_name);
  std::ranges::sort(out);
  return out;
}

}  // namespace

base::Result<SessionParts> parse_session(std::span<const std::byte> file) {
  if (file.size() > kLargestFile) return std::unexpected(damaged("too large"));
  if (file.size() < kMagic.size() + kLengthSize + kKeyIdSize + kHashSize) return std::unexpected(damaged("too short"));
  const auto checksum = Digest().add(file.first(file.size() - kHashSize)).finish();
  if (!std::ranges::equal(checksum, file.last(kHashSize))) return std::unexpected(damaged("its checksum is wrong"));
  if (!text_of(file).starts_with(kMagic)) return std::unexpected(damaged("it is of another version"));
  std::size_t clear_size = 0;
  for (std::size_t i = 0; i < kLengthSize; ++i)
    clear_size |= std::to_integer<std::size_t>(file[kMagic.size() + i]) << (8 * i);
  const std::size_t clear_at = kMagic.size() + kLengthSize;
  if (clear_size > kLargestClear || clear_at + clear_size + kKeyIdSize + kHashSize > file.size())
    return std::unexpected(damaged("its header has a wrong length"));
  const auto fields = decode_fields(text_of(file.subspan(clear_at, clear_size)));
  auto header = fields ? header_of(*fields) : std::nullopt;
  if (!header) return std::unexpected(damaged("its header cannot be read"));
  const std::size_t sealed_at = clear_at + clear_size + kKeyIdSize;
  return SessionParts{.header = std::move(*header),
                      .bound = file.first(sealed_at),
                      .key_id = file.subspan(clear_at + clear_size, kKeyIdSize),
                      .sealed = file.subspan(sealed_at, file.size() - kHashSize - sealed_at)};
}

base::Result<void> write_session(const Places& places, const std::string& key_hash, const SessionHeader& header,
                                 const Bytes& body, const Bytes& session_key) {
  const std::string path = TRY(path_of(places, key_hash));
  TRY(base::ensure_private_directory(places.sessions()));
  const std::string clear = encode_fields(fields_of(header));
  if (clear.size() > kLargestClear || body.size() > kLargestFile / 2)
    return base::fail(base::ErrorKind::failure, "the session is too large to be cached");
  std::string file(kMagic);
  for (std::size_t i = 0; i < kLengthSize; ++i) file += static_cast<char>((clear.size() >> (8 * i)) & 0xFF);
  file += clear;
  file += key_id(session_key);
  const auto sealed = seal(session_key, body, bound_text(std::as_bytes(std::span(file)), key_hash));
  append(file, sealed);
  const auto checksum = Digest().add(file).finish();
  append(file, checksum);
  return base::write_file_atomically(path, file);
}

base::Result<std::optional<CachedSession>> read_session(const Places& places, const std::string& key_hash,
                                                        const Bytes& session_key) {
  const std::string path = TRY(path_of(places, key_hash));
  const std::optional<std::string> file = TRY(read_bytes(path));
  if (!file) return std::nullopt;
  SessionParts parts = TRY(parse_session(std::as_bytes(std::span(*file))));
  if (text_of(parts.key_id) != key_id(session_key)) return std::nullopt;
  auto body = open_sealed(session_key, parts.sealed, bound_text(parts.bound, key_hash));
  if (!body) return std::unexpected(damaged("its seal is broken"));
  return CachedSession{std::move(parts.header), std::move(*body)};
}

base::Result<std::optional<SessionHeader>> read_session_header(const Places& places, const std::string& key_hash) {
  const std::string path = TRY(path_of(places, key_hash));
  const std::optional<std::string> file = TRY(read_bytes(path));
  if (!file) return std::nullopt;
  SessionParts parts = TRY(parse_session(std::as_bytes(std::span(*file))));
  return std::move(parts.header);
}

base::Result<SessionList> list_sessions(const Places& places) {
  SessionList out;
  for (const auto& name : TRY(names_in(places.sessions()))) {
    if (!name.ends_with(kSuffix)) continue;
    std::string key_hash = name.substr(0, name.size() - kSuffix.size());
    auto header = read_session_header(places, key_hash);
    if (!header)
      ++out.damaged;
    else if (*header)
      out.sessions.push_back({std::move(key_hash), std::move(**header)});
  }
  std::ranges::sort(out.sessions, [](const SessionEntry& a, const SessionEntry& b) {
    return std::tie(a.header.profile, a.header.what, a.key_hash) <
           std::tie(b.header.profile, b.header.what, b.key_hash);
  });
  return out;
}

base::Result<void> remove_session(const Places& places, const std::string& key_hash) {
  const std::string path = TRY(path_of(places, key_hash));
  if (unlink(path.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR)
    return base::fail(base::ErrorKind::failure, "remove " + path + ": " + base::errno_text(errno));
  return {};
}

base::Result<std::size_t> sweep_sessions(const Places& places, base::Instant now) {
  std::size_t removed = 0;
  for (const auto& name : TRY(names_in(places.sessions()))) {
    const std::string path = places.sessions() + "/" + name;
    bool stale = false;
    if (name.ends_with(kSuffix)) {
      const auto header = read_session_header(places, name.substr(0, name.size() - kSuffix.size()));
      stale = header && *header && (**header).expires <= now;
    } else {
      stale = base::is_temporary_name(name) && base::is_abandoned(path);
    }
    if (stale && unlink(path.c_str()) == 0) ++removed;
  }
  return removed;
}

}  // namespace secret
