#include "agent/place.h"

#include "secret/digest.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace agent {
namespace {

using base::ErrorKind;

constexpr std::size_t kNameDigits = 16;
constexpr int kWaiting = 512;  // clients that the kernel keeps until they are accepted
constexpr mode_t kOnlyOwner = 0177;

bool is_own_directory(const std::string& path) {
  struct stat facts{};
  return stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode) && facts.st_uid == geteuid();
}

base::Result<base::Descriptor> new_socket() {
  base::Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return base::fail(ErrorKind::failure, "make a socket: " + base::errno_text(errno));
  return fd;
}

/// The socket's address by way of its opened directory: so it fits, however long the path, and nobody can put another
/// directory in between.
class Address {
 public:
  explicit Address(const Place& place)
      : directory_(open(place.directory.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) {
    const std::string path = "/proc/self/fd/" + std::to_string(directory_.get()) + "/agent.sock";
    address_.sun_family = AF_UNIX;
    std::memcpy(static_cast<char*>(address_.sun_path), path.c_str(), path.size() + 1);
  }
  /// errno tells why not.
  bool valid() const { return directory_.valid(); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address_); }
  static constexpr socklen_t kSize = sizeof(sockaddr_un);

 private:
  base::Descriptor directory_;
  sockaddr_un address_{};
};

/// Connects; false where nobody listens.
base::Result<bool> reach(int fd, const Place& place) {
  const Address address(place);
  if (address.valid() && connect(fd, address.get(), Address::kSize) == 0) return true;
  const int code = errno;
  if (code == ENOENT || code == ECONNREFUSED || code == ENOTDIR) return false;
  return base::fail(ErrorKind::failure,
                    "connect to the agent at " + place.socket_path() + ": " + base::errno_text(code));
}

}  // namespace

Place find_place(const base::Environment& environment, const secret::Places& places) {
  const auto runtime = environment.get_nonempty("XDG_RUNTIME_DIR");
  if (!runtime || !runtime->starts_with('/') || !is_own_directory(std::string(*runtime)))
    return {places.directory + "/agent"};
  const std::string name = secret::Digest().add("kabuto agent").add(places.directory).hex().substr(0, kNameDigits);
  return {std::string(*runtime) + "/kabuto/" + name};
}

std::optional<Peer> peer_of(int fd) {
  ucred who{};
  socklen_t size = sizeof who;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return std::nullopt;
  return Peer{who.pid, who.uid};
}

base::Result<std::optional<base::Descriptor>> connect_to(const Place& place) {
  base::Descriptor fd = TRY(new_socket());
  if (!TRY(reach(fd.get(), place))) return std::nullopt;
  const auto peer = peer_of(fd.get());
  if (!peer || peer->uid != geteuid())
    return base::fail(ErrorKind::refused, "the agent at " + place.socket_path() + " belongs to another user");
  return fd;
}

Listener::Listener(Place place, base::FileLock lock, base::Descriptor socket)
    : place_(std::move(place)), lock_(std::move(lock)), socket_(std::move(socket)) {
  struct stat facts{};
  if (stat(place_.socket_path().c_str(), &facts) == 0) inode_ = facts.st_ino;
}

base::Result<std::optional<Listener>> Listener::open(const Place& place) {
  TRY(base::ensure_private_directory(place.directory));
  auto lock = TRY(base::FileLock::try_acquire(place.lock_path()));
  if (!lock) return std::nullopt;
  // Who has the lock is the only agent, so what is not listening now never will.
  const base::Descriptor probe = TRY(new_socket());
  if (TRY(reach(probe.get(), place))) return std::nullopt;
  if (unlink(place.socket_path().c_str()) != 0 && errno != ENOENT)
    return base::fail(ErrorKind::failure, "remove the old " + place.socket_path() + ": " + base::errno_text(errno));
  base::Descriptor fd = TRY(new_socket());
  fcntl(fd.get(), F_SETFL, O_NONBLOCK);
  const Address address(place);
  const mode_t before = umask(kOnlyOwner);
  const int bound = address.valid() ? bind(fd.get(), address.get(), Address::kSize) : -1;
  const int code = errno;
  umask(before);
  if (bound != 0 || listen(fd.get(), kWaiting) != 0)
    return base::fail(ErrorKind::failure,
                      "listen at " + place.socket_path() + ": " + base::errno_text(bound != 0 ? code : errno));
  return Listener(place, std::move(*lock), std::move(fd));
}

base::Result<base::Descriptor> Listener::next_client() const {
  base::Descriptor fd(accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!fd.valid() && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS))
    return base::fail(ErrorKind::failure, base::errno_text(errno));
  return fd;
}

bool Listener::is_reachable() const {
  struct stat facts{};
  return stat(place_.socket_path().c_str(), &facts) == 0 && facts.st_ino == inode_;
}

}  // namespace agent
