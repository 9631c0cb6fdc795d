#include "secret/pem.h"

#include "base/text.h"

#include <array>
#include <cstddef>
#include <span>

namespace secret {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";
constexpr std::size_t kLongestLabel = 64;
constexpr std::size_t kMostBlocks = 64;
constexpr unsigned kNoDigit = 64;

// Without a table: which digit it is must not show in which cache line was read.
constexpr unsigned digit_of(char c, Base64 form) {
  const auto u = static_cast<unsigned char>(c);
  if (u >= 'A' && u <= 'Z') return u - 'A';
  if (u >= 'a' && u <= 'z') return u - 'a' + 26U;
  if (u >= '0' && u <= '9') return u - '0' + 52U;
  const std::string_view last = form == Base64::url ? "-_" : "+/";
  if (c == last[0]) return 62;
  if (c == last[1]) return 63;
  return kNoDigit;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

base::Result<std::vector<PemBlock>> read_text(std::string_view text) {
  std::vector<PemBlock> out;
  for (;;) {
    const auto begin = text.find(kBegin);
    if (begin == text.npos) return out;
    if (out.size() >= kMostBlocks) return fail(ErrorKind::failure, "it holds too many parts");
    text.remove_prefix(begin + kBegin.size());
    const auto label_end = text.find(kDashes);
    const auto label = text.substr(0, label_end);
    if (label_end == text.npos || label.size() > kLongestLabel || label.find('\n') != label.npos)
      return fail(ErrorKind::failure, "a BEGIN line of it does not end");
    text.remove_prefix(label_end + kDashes.size());
    const std::string last = std::string(kEnd).append(label).append(kDashes);
    const auto end = text.find(last);
    if (end == text.npos) return fail(ErrorKind::failure, "its " + base::printable(label) + " has no END line");
    const auto body = text.substr(0, end);
    text.remove_prefix(end + last.size());
    PemBlock block;
    block.label = label;
    if (body.find(':') != body.npos) {
      block.headers = PemHeaders::some;
    } else {
      auto der = decode_base64(body);
      if (!der) return fail(ErrorKind::failure, "its " + base::printable(label) + " is no base64");
      block.der = std::move(*der);
    }
    out.push_back(std::move(block));
  }
}

}  // namespace

std::optional<Bytes> decode_base64(std::string_view text, Base64 form) {
  Bytes out(text.size() / 4 * 3 + 3);
  std::size_t used = 0, digits = 0, padding = 0;
  unsigned bits = 0;
  const bool good = out.edit([&](std::span<std::byte> to) {
    for (const char c : text) {
      if (is_blank(c)) continue;
      if (c == '=') {
        ++padding;
        continue;
      }
      const unsigned digit = digit_of(c, form);
      if (digit == kNoDigit || padding > 0) return false;
      bits = (bits << 6U) | digit;
      ++digits;
      const std::size_t rest = digits % 4;
      if (rest == 2) to[used++] = static_cast<std::byte>(bits >> 4U);
      if (rest == 3) to[used++] = static_cast<std::byte>(bits >> 2U);
      if (rest == 0) to[used++] = static_cast<std::byte>(bits);
    }
    if (form == Base64::url) return padding == 0 && digits % 4 != 1;
    return (digits + padding) % 4 == 0 && padding <= 2 && digits % 4 != 1;
  });
  if (!good) return std::nullopt;
  out.shrink(used);
  return out;
}

bool is_pem(const Bytes& text) {
  return text.reveal_text([](std::string_view all) { return all.find(kBegin) != all.npos; });
}

base::Result<std::vector<PemBlock>> read_pem(const Bytes& text) { return text.reveal_text(read_text); }

}  // namespace secret
