// The answer of a credential_process: no crash, and what is taken holds no control character, no half pair, no end in
// the past.
#include "base/clock.h"
#include "credentials/process_answer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

namespace {

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto now = base::parse_iso8601("2030-01-01T00:00:00Z");
  const auto read = credentials::read_process_answer(
      secret::Bytes::copy_of(std::as_bytes(std::span<const std::uint8_t>(data, size))), *now);
  if (!read) return 0;
  if (read->access_key_id.empty() || read->secret_access_key.empty()) std::abort();
  if (!is_plain(read->access_key_id) || !is_plain(read->account_id)) std::abort();
  if (!read->secret_access_key.reveal_text(is_plain) || !read->session_token.reveal_text(is_plain)) std::abort();
  if (read->expiration && *read->expiration <= *now) std::abort();
  return 0;
}
