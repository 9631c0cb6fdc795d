// The URLs that a container's environment names: whatever stands there, plain http goes only to this machine or to the
// metadata addresses, and an error is one line that can be shown. The first byte chooses the variable.
#include "aws/container.h"
#include "http/plain_http.h"
#include "http/url.h"
#include "service_for_fuzz.h"

#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  const bool relative = data[0] % 2 == 0;
  const std::string entry = "AWS_CONTAINER_CREDENTIALS_" + std::string(relative ? "RELATIVE" : "FULL") + "_URI=" + text;
  const auto found = aws::container_endpoint(base::Environment{entry});
  if (!found) {
    check_error(found.error());
    return 0;
  }
  if (!*found) return 0;
  const auto url = http::parse_url((*found)->url);
  if (!url) std::abort();
  if (relative && (url->host != "169.254.170.2" || url->port != 80)) std::abort();
  if (url->scheme == http::Scheme::http && !http::may_go_plain(url->host, http::PlainHttp::metadata)) std::abort();
  return 0;
}
