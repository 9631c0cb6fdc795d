// libcurl, loaded when the first request is sent: linking it would cost every run of the program about three times what
// the rest of its start costs. This table is the whole of libcurl that kabuto uses.
#pragma once

#include "base/result.h"

#include <curl/curl.h>

#include <cstdint>

namespace http {

struct CurlLibrary {
  decltype(&::curl_easy_init) easy_init = nullptr;
  decltype(&::curl_easy_setopt) set_option = nullptr;
  decltype(&::curl_easy_perform) perform = nullptr;
  decltype(&::curl_easy_getinfo) get_info = nullptr;
  decltype(&::curl_easy_reset) reset = nullptr;
  decltype(&::curl_easy_cleanup) cleanup = nullptr;
  decltype(&::curl_easy_strerror) error_text = nullptr;
  decltype(&::curl_slist_append) list_append = nullptr;
  decltype(&::curl_slist_free_all) list_free = nullptr;

  /// libssl's SSL_CTX_set_options, of the libssl that libcurl brought; null where it brought another TLS library.
  std::uint64_t (*set_tls_options)(void* context, std::uint64_t options) = nullptr;

  /// Loads it once per process and makes it wipe all memory it frees. Error: failure, naming the package to install.
  static base::Result<const CurlLibrary*> load();
};

}  // namespace http
