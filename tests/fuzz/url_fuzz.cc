// URLs and proxies: what is accepted has one host that anyone reads the same way, and no refusal shows what it refused.
#include "http/proxy.h"
#include "http/url.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto url = http::parse_url(text)) {
    if (url->host.empty() || url->port == 0 || !url->target.starts_with('/')) std::abort();
    if (url->host.find_first_of("@/\\#?%_ \t\r\n") != std::string::npos) std::abort();
    // Written out again it is the same URL: nothing of the text was overlooked.
    const bool ipv6 = url->host.find(':') != std::string::npos;
    const auto again =
        http::parse_url((url->scheme == http::Scheme::https ? "https://" : "http://") +
                        (ipv6 ? "[" + url->host + "]" : url->host) + ":" + std::to_string(url->port) + url->target);
    if (!again || again->host != url->host || again->port != url->port || again->target != url->target) std::abort();
  }
  const auto target = http::parse_url("https://sts.amazonaws.com/");
  const auto half = text.find('\n');
  const auto proxy_text = "https_proxy=" + std::string(text.substr(0, half));
  const auto exempt = "no_proxy=" + (half == text.npos ? std::string() : std::string(text.substr(half + 1)));
  const auto proxy = http::proxy_for(*target, {proxy_text, exempt});
  if (proxy && *proxy) {
    if ((*proxy)->url.find_first_of("@\r\n") != std::string::npos) std::abort();
  } else if (!proxy && proxy.error().what.find("https_proxy") == std::string::npos) {
    std::abort();
  }
  return 0;
}
