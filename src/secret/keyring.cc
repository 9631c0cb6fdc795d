#include "secret/keyring.h"

#include "base/file.h"

#include <fmt/format.h>
#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace secret {
namespace {

constexpr const char* kType = "user";
constexpr std::size_t kLargestKey = 4096;
// linux/key.h is not for programs; the bits are of the kernel's stable interface (keyctl_setperm(3)).
constexpr unsigned long kPossessorAll = 0x3F000000;
constexpr unsigned long kUserViewReadWriteSearch = 0x000F0000;

long keyctl(int operation, unsigned long a = 0, unsigned long b = 0, unsigned long c = 0, unsigned long d = 0) {
  return syscall(SYS_keyctl, operation, a, b, c, d);
}

unsigned long address(const void* pointer) { return reinterpret_cast<unsigned long>(pointer); }

/// The key's serial; 0 where there is none.
base::Result<long> search(const std::string& name) {
  const long serial =
      keyctl(KEYCTL_SEARCH, static_cast<unsigned long>(KEY_SPEC_USER_KEYRING), address(kType), address(name.c_str()));
  if (serial > 0) return serial;
  if (errno == ENOKEY || errno == EKEYEXPIRED || errno == EKEYREVOKED) return 0L;
  return base::fail(base::ErrorKind::failure, "the kernel refuses its keyring: " + base::errno_text(errno));
}

}  // namespace

base::Result<std::optional<Bytes>> KernelKeyring::find(const std::string& name) {
  const long serial = TRY(search(name));
  if (serial == 0) return std::nullopt;
  Bytes key(kLargestKey);
  const long size = key.edit([&](std::span<std::byte> room) {
    return keyctl(KEYCTL_READ, static_cast<unsigned long>(serial), address(room.data()), room.size());
  });
  if (size < 0 && (errno == ENOKEY || errno == EKEYEXPIRED || errno == EKEYREVOKED)) return std::nullopt;
  if (size < 0 || static_cast<std::size_t>(size) > kLargestKey)
    return base::fail(base::ErrorKind::failure, "the kernel refuses to read its keyring: " + base::errno_text(errno));
  key.shrink(static_cast<std::size_t>(size));
  return key;
}

base::Result<void> KernelKeyring::put(const std::string& name, const Bytes& key, base::Duration timeout) {
  const long serial = key.reveal([&](std::span<const std::byte> bytes) {
    return syscall(SYS_add_key, kType, name.c_str(), bytes.data(), bytes.size(), KEY_SPEC_USER_KEYRING);
  });
  if (serial < 0)
    return base::fail(base::ErrorKind::failure, "the kernel refuses its keyring: " + base::errno_text(errno));
  // Without the user's own read and search bits a process under another session keyring (sudo, ssh) finds the key and
  // may not read it. A key that cannot be given its timeout must not stay.
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout).count();
  if (keyctl(KEYCTL_SETPERM, static_cast<unsigned long>(serial), kPossessorAll | kUserViewReadWriteSearch) < 0 ||
      keyctl(KEYCTL_SET_TIMEOUT, static_cast<unsigned long>(serial), static_cast<unsigned long>(seconds)) < 0) {
    const int code = errno;
    keyctl(KEYCTL_INVALIDATE, static_cast<unsigned long>(serial));
    return base::fail(base::ErrorKind::failure, "the kernel refuses its keyring: " + base::errno_text(code));
  }
  return {};
}

base::Result<void> KernelKeyring::drop(const std::string& name) {
  const long serial = TRY(search(name));
  if (serial == 0) return {};
  // Revoke frees the payload at once even where others hold the key; unlink takes it out of the keyring.
  keyctl(KEYCTL_REVOKE, static_cast<unsigned long>(serial));
  if (keyctl(KEYCTL_UNLINK, static_cast<unsigned long>(serial), static_cast<unsigned long>(KEY_SPEC_USER_KEYRING)) <
          0 &&
      errno != ENOENT)
    return base::fail(base::ErrorKind::failure, "drop the session key: " + base::errno_text(errno));
  return {};
}

}  // namespace secret
