#include "deliver/handover.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <limits>
#include <span>
#include <utility>

namespace deliver {
namespace {

using base::ErrorKind;

// What Linux gives a pipe of an ordinary user at most.
constexpr std::size_t kMostBytes = std::size_t{1} << 20;
constexpr std::int64_t kMostItems = 4096;

class Packer {
 public:
  void bytes(std::span<const std::byte> value) {
    number(static_cast<std::int64_t>(value.size()));
    is_whole_ = out_.append(value) && is_whole_;
  }
  void text(std::string_view value) { bytes(std::as_bytes(std::span(value))); }
  void secret(const secret::Bytes& value) {
    value.reveal([&](std::span<const std::byte> inside) { bytes(inside); });
  }
  void number(std::int64_t value) {
    const auto raw = std::bit_cast<std::array<std::byte, sizeof value>>(value);
    is_whole_ = out_.append(raw) && is_whole_;
  }
  void texts(const std::vector<std::string>& values) {
    number(static_cast<std::int64_t>(values.size()));
    for (const auto& value : values) text(value);
  }
  /// Empty, which nobody unpacks, where it would not fit.
  secret::Bytes take() && { return is_whole_ ? std::move(out_).take() : secret::Bytes(); }

 private:
  secret::Buffer out_{kMostBytes};
  bool is_whole_ = true;
};

class Unpacker {
 public:
  explicit Unpacker(std::span<const std::byte> all) : left_(all) {}

  std::span<const std::byte> bytes() { return take(number()); }
  std::string text() {
    const auto raw = bytes();
    return {reinterpret_cast<const char*>(raw.data()), raw.size()};
  }
  secret::Bytes secret() { return secret::Bytes::copy_of(bytes()); }
  std::int64_t number() {
    const auto raw = take(sizeof(std::int64_t));
    std::int64_t value = 0;
    if (!raw.empty()) std::memcpy(&value, raw.data(), sizeof value);
    return value;
  }
  /// How often something follows.
  std::int64_t count() {
    const auto value = number();
    if (value >= 0 && value <= kMostItems) return value;
    is_whole_ = false;
    return 0;
  }
  std::vector<std::string> texts() {
    std::vector<std::string> out;
    for (auto left = count(); left > 0 && is_whole_; --left) out.push_back(text());
    return out;
  }
  bool is_at_end() const { return is_whole_ && left_.empty(); }

 private:
  std::span<const std::byte> take(std::int64_t size) {
    if (size < 0 || static_cast<std::uint64_t>(size) > left_.size()) {
      is_whole_ = false;
      return {};
    }
    const auto out = left_.first(static_cast<std::size_t>(size));
    left_ = left_.subspan(out.size());
    return out;
  }

  std::span<const std::byte> left_;
  bool is_whole_ = true;
};

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

void pack(Packer& to, const Lease& lease) {
  const auto& credentials = lease.credentials;
  to.text(credentials.access_key_id);
  to.secret(credentials.secret_access_key);
  to.secret(credentials.session_token);
  to.number(credentials.expiration ? credentials.expiration->time_since_epoch().count() : kNever);
  to.text(credentials.account_id);
  to.number(lease.left ? lease.left->count() : kNever);
  to.texts(lease.warnings);
}

Lease unpack_lease(Unpacker& from) {
  Lease out;
  out.credentials.access_key_id = from.text();
  out.credentials.secret_access_key = from.secret();
  out.credentials.session_token = from.secret();
  if (const auto at = from.number(); at != kNever) out.credentials.expiration = base::Instant(base::Duration(at));
  out.credentials.account_id = from.text();
  if (const auto left = from.number(); left != kNever) out.left = base::Duration(left);
  out.warnings = from.texts();
  return out;
}

std::unexpected<base::Error> not_ours() { return base::fail(ErrorKind::failure, "what was handed over is incomplete"); }

}  // namespace

secret::Bytes packed(const EndpointSetup& setup) {
  Packer to;
  to.number(setup.kind == EndpointKind::metadata ? 1 : 0);
  to.number(setup.hop_limit);
  to.texts(setup.files);
  to.number(static_cast<std::int64_t>(setup.profiles.size()));
  for (const auto& profile : setup.profiles) {
    to.text(profile.name);
    to.text(profile.path);
    to.text(profile.region);
    to.secret(profile.token);
    to.texts(profile.renewal);
    pack(to, profile.lease);
  }
  return std::move(to).take();
}

base::Result<EndpointSetup> unpacked_setup(const secret::Bytes& bytes) {
  return bytes.reveal([](std::span<const std::byte> all) -> base::Result<EndpointSetup> {
    Unpacker from(all);
    EndpointSetup out;
    out.kind = from.number() == 1 ? EndpointKind::metadata : EndpointKind::container;
    out.hop_limit = static_cast<int>(from.number());
    out.files = from.texts();
    for (auto left = from.count(); left > 0; --left) {
      auto& profile = out.profiles.emplace_back();
      profile.name = from.text();
      profile.path = from.text();
      profile.region = from.text();
      profile.token = from.secret();
      profile.renewal = from.texts();
      profile.lease = unpack_lease(from);
    }
    if (!from.is_at_end() || out.profiles.empty()) return not_ours();
    return out;
  });
}

secret::Bytes packed(const base::Result<Lease>& outcome) {
  Packer to;
  to.number(outcome ? 1 : 0);
  if (outcome) {
    pack(to, *outcome);
  } else {
    to.number(static_cast<std::int64_t>(outcome.error().kind));
    to.text(outcome.error().what);
    to.text(outcome.error().hint);
  }
  return std::move(to).take();
}

base::Result<Lease> unpacked_lease(const secret::Bytes& bytes) {
  return bytes.reveal([](std::span<const std::byte> all) -> base::Result<Lease> {
    Unpacker from(all);
    if (from.number() == 1) {
      Lease out = unpack_lease(from);
      if (!from.is_at_end()) return not_ours();
      return out;
    }
    base::Error error;
    error.kind = static_cast<ErrorKind>(from.number());
    error.what = from.text();
    error.hint = from.text();
    if (!from.is_at_end() || error.what.empty()) return not_ours();
    return std::unexpected(std::move(error));
  });
}

base::Result<base::Descriptor> pipe_with(const secret::Bytes& bytes) {
  if (bytes.empty()) return base::fail(ErrorKind::failure, "more profiles than one endpoint takes");
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
    return base::fail(ErrorKind::failure, "make a pipe: " + base::errno_text(errno));
  base::Descriptor read_end(ends[0]);
  const base::Descriptor write_end(ends[1]);
  const int room = fcntl(write_end.get(), F_SETPIPE_SZ, static_cast<int>(bytes.size()));
  const bool fits = room >= 0 && static_cast<std::size_t>(room) >= bytes.size();
  const auto written =
      fits ? bytes.reveal([&](auto all) { return write(write_end.get(), all.data(), all.size()); }) : -1;
  if (written != static_cast<ssize_t>(bytes.size()))
    return base::fail(ErrorKind::failure, "the system gives no pipe of " + std::to_string(bytes.size()) + " bytes",
                      "serve fewer profiles in one run");
  return read_end;
}

base::Result<secret::Bytes> read_pipe(int fd) {
  secret::Buffer out(kMostBytes);
  for (;;) {
    const auto to = out.room();
    if (to.empty()) return not_ours();
    const auto count = read(fd, to.data(), to.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::fail(ErrorKind::failure, "read what was handed over: " + base::errno_text(errno));
    if (count == 0) return std::move(out).take();
    out.filled(static_cast<std::size_t>(count));
  }
}

}  // namespace deliver
