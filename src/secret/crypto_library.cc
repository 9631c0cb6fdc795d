#include "secret/crypto_library.h"

#include <dlfcn.h>

#include <cstddef>
#include <mutex>
#include <string>

namespace secret {
namespace {

constexpr char kFile[] = "libcrypto.so.3";
// For the private numbers of a few keys; RSA of 4096 bits takes 3 KiB.
constexpr std::size_t kSecureHeap = std::size_t{64} * 1024;
constexpr std::size_t kSecureLeast = 32;

struct Loaded {
  CryptoLibrary table;
  std::string problem;
};

Loaded load_library() {
  Loaded out;
  void* const library = dlopen(kFile, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    out.problem = "libcrypto cannot be loaded";
    return out;
  }
#define KABUTO_FIND(name)                                                             \
  out.table.name = reinterpret_cast<decltype(out.table.name)>(dlsym(library, #name)); \
  if (out.table.name == nullptr) out.problem = "libcrypto is too old: it has no " #name;
  KABUTO_CRYPTO_FUNCTIONS(KABUTO_FIND)
#undef KABUTO_FIND
  // Where no memory can be locked the keys still lie in memory that libcrypto wipes, as our own do (bytes.h).
  if (out.problem.empty()) out.table.CRYPTO_secure_malloc_init(kSecureHeap, kSecureLeast);
  return out;
}

}  // namespace

base::Result<const CryptoLibrary*> CryptoLibrary::load() {
  static std::once_flag once;
  static Loaded* loaded = nullptr;  // never freed: libcrypto stays loaded until the process ends
  std::call_once(once, [] { loaded = new Loaded(load_library()); });
  if (!loaded->problem.empty())
    return base::fail(base::ErrorKind::failure, loaded->problem, "run sudo apt-get install libssl3");
  return &loaded->table;
}

}  // namespace secret
