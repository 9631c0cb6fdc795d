// Requests to the callback listener: only one with the state gives a code or a refusal, a longer head never takes an
// answer back, and no reply holds anything of the request.
#include "http/callback_request.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const http::ExpectedCallback expected{.path = "/oauth/callback", .state = "0f2b9f8e"};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto head = std::as_bytes(std::span(text));
  const auto verdict = http::judge_callback(head, expected, 4000);
  if (verdict.status == 0) return 0;
  if (!http::callback_reply(verdict).starts_with("HTTP/1.1 " + std::to_string(verdict.status) + " ")) std::abort();
  if (verdict.status != 200) {
    if (verdict.status < 400 || !verdict.code.empty() || !verdict.refusal.empty()) std::abort();
    return 0;
  }
  if (verdict.code.empty() == verdict.refusal.empty()) std::abort();
  if (!text.starts_with("GET /oauth/callback?") || text.find("state=") == text.npos) std::abort();
  if (verdict.refusal.size() > 600) std::abort();
  for (const char c : verdict.refusal)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) std::abort();
  const bool plain = verdict.code.reveal_text([](std::string_view code) {
    for (const char c : code)
      if (c <= ' ' || c >= 0x7f) return false;
    return true;
  });
  if (!plain) std::abort();
  const http::ExpectedCallback other{.path = "/oauth/callback", .state = "another"};
  if (http::judge_callback(head, other, 4000).status == 200) std::abort();
  return 0;
}
