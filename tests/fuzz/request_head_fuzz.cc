// Requests to a loopback server: what is taken apart lies within the bytes, a longer text never changes a head that has
// ended, and what passes the refusals names our host once and bears no mark of a browser.
#include "http/request_head.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace {

constexpr std::uint16_t kPort = 4000;

void check_inside(std::string_view part, std::string_view whole) {
  if (part.empty()) return;
  const std::less_equal<const char*> not_after;
  if (!not_after(whole.data(), part.data()) || !not_after(part.data() + part.size(), whole.data() + whole.size()))
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  http::RequestHead head;
  if (http::parse_request_head(std::as_bytes(std::span(text)), head) != http::HeadState::whole) return 0;
  if (head.size > size || !text.substr(0, head.size).ends_with("\r\n\r\n")) std::abort();
  const auto lines = text.substr(0, head.size);
  check_inside(head.method, lines);
  check_inside(head.target, lines);
  for (const auto& field : head.fields) {
    check_inside(field.name, lines);
    check_inside(field.value, lines);
    if (field.value.find_first_of("\r\n") != field.value.npos) std::abort();
  }
  const int refusal = http::refusal_of(head, kPort);
  const std::string longer = std::string(lines) + "GET / HTTP/1.1\r\n\r\n";
  http::RequestHead again;
  if (http::parse_request_head(std::as_bytes(std::span(longer)), again) != http::HeadState::whole) std::abort();
  if (again.size != head.size || again.fields.size() != head.fields.size()) std::abort();
  if (http::refusal_of(again, kPort) != refusal) std::abort();
  if (refusal != 0) return 0;
  if (head.has("Origin") || head.has("Referer") || !head.target.starts_with('/')) std::abort();
  if (!http::is_own_host(head.one("Host").value_or(""), kPort)) std::abort();
  return 0;
}
