#include "http/curl_library.h"

#include <dlfcn.h>
#include <malloc.h>

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

namespace http {
namespace {

constexpr char kFile[] = "libcurl.so.4";
constexpr char kTlsFile[] = "libssl.so.3";

// libcurl copies headers and receives replies into memory of its own. Through these it wipes all of it when it lets go.
void wipe_and_free(void* memory) {
  if (memory == nullptr) return;
  explicit_bzero(memory, malloc_usable_size(memory));
  std::free(memory);
}

void* grow(void* memory, std::size_t size) {
  if (memory == nullptr) return std::malloc(size);
  void* larger = std::malloc(size == 0 ? 1 : size);
  if (larger == nullptr) return nullptr;
  const auto old_size = malloc_usable_size(memory);
  std::memcpy(larger, memory, old_size < size ? old_size : size);
  wipe_and_free(memory);
  return larger;
}

struct Loaded {
  CurlLibrary table;
  std::string problem;
};

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

Loaded load_library() {
  Loaded out;
  void* const library = dlopen(kFile, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    out.problem = "libcurl cannot be loaded";
    return out;
  }
  decltype(&::curl_global_init_mem) global_init = nullptr;
  auto& table = out.table;
  const bool complete =
      find(library, "curl_global_init_mem", global_init) && find(library, "curl_easy_init", table.easy_init) &&
      find(library, "curl_easy_setopt", table.set_option) && find(library, "curl_easy_perform", table.perform) &&
      find(library, "curl_easy_getinfo", table.get_info) && find(library, "curl_easy_reset", table.reset) &&
      find(library, "curl_easy_cleanup", table.cleanup) && find(library, "curl_easy_strerror", table.error_text) &&
      find(library, "curl_slist_append", table.list_append) && find(library, "curl_slist_free_all", table.list_free);
  if (!complete || global_init(CURL_GLOBAL_DEFAULT, std::malloc, wipe_and_free, grow, strdup, std::calloc) != CURLE_OK)
    out.problem = "libcurl is too old or does not start";
  // Only where libcurl has loaded it already.
  if (void* const tls = dlopen(kTlsFile, RTLD_LAZY | RTLD_NOLOAD))
    find(tls, "SSL_CTX_set_options", table.set_tls_options);
  return out;
}

}  // namespace

base::Result<const CurlLibrary*> CurlLibrary::load() {
  static std::once_flag once;
  static Loaded* loaded = nullptr;  // never freed: libcurl stays loaded until the process ends
  std::call_once(once, [] { loaded = new Loaded(load_library()); });
  if (!loaded->problem.empty())
    return base::fail(base::ErrorKind::failure, loaded->problem, "run sudo apt-get install libcurl4");
  return &loaded->table;
}

}  // namespace http
