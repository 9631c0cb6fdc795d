#include "cli/keys.h"

#include "base/code_point.h"
#include "base/text.h"

#include <algorithm>
#include <optional>

namespace cli {
namespace {

constexpr char kEscape = '\x1b';
constexpr std::string_view kPasteEnds = "\x1b[201~";
constexpr std::size_t kLongestSequence = 32;
constexpr std::size_t kLongestPaste = 4096;
constexpr std::size_t kLongestCodePoint = 4;

std::optional<Key> key_of_control(char byte) {
  switch (byte) {
    case '\r':
    case '\n':
      return Key::enter;
    case '\x7f':
    case '\x08':
      return Key::backspace;
    case '\x0e':  // Ctrl-N
      return Key::down;
    case '\x10':  // Ctrl-P
      return Key::up;
    case '\x15':  // Ctrl-U
      return Key::delete_line;
    case '\x17':  // Ctrl-W
      return Key::delete_word;
    case '\x03':  // Ctrl-C, where the terminal makes no signal of it
    case '\x07':  // Ctrl-G
      return Key::escape;
    case '\x04':  // Ctrl-D
      return Key::end_of_input;
    default:
      return std::nullopt;
  }
}

/// What stands between ESC and the end of the sequence: "[A", "OH", "[5~".
std::optional<Key> key_of_sequence(std::string_view sequence) {
  struct Named {
    std::string_view sequence;
    Key key;
  };
  static constexpr Named kNamed[] = {
      {"[A", Key::up},   {"OA", Key::up},    {"[B", Key::down},     {"OB", Key::down},       {"[H", Key::home},
      {"OH", Key::home}, {"[1~", Key::home}, {"[7~", Key::home},    {"[F", Key::end},        {"OF", Key::end},
      {"[4~", Key::end}, {"[8~", Key::end},  {"[5~", Key::page_up}, {"[6~", Key::page_down},
  };
  const auto* const found = std::ranges::find(kNamed, sequence, &Named::sequence);
  if (found == std::end(kNamed)) return std::nullopt;
  return found->key;
}

/// Where a code point begins that may still be completed by what follows.
bool may_begin_code_point(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes[0]);
  if (first < 0xC2 || first > 0xF4 || bytes.size() >= kLongestCodePoint) return false;
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  return bytes.size() < size &&
         std::ranges::all_of(bytes.substr(1), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; });
}

/// Pasted text as one line without anything that drives a terminal.
std::string as_line(std::string_view pasted) {
  std::string out;
  while (!pasted.empty()) {
    const auto c = base::first_code_point(pasted);
    const auto piece = pasted.substr(0, std::max<std::size_t>(c.size, 1));
    if (c.size == 1 && (c.value == '\n' || c.value == '\r' || c.value == '\t'))
      out += ' ';
    else if (c.size != 0 && base::printable(piece) == piece)
      out += piece;
    pasted.remove_prefix(piece.size());
  }
  return std::string(base::trim(out));
}

}  // namespace

std::vector<KeyPress> KeyDecoder::feed(std::string_view bytes) {
  held_ += bytes;
  std::vector<KeyPress> out;
  std::size_t used = 0;
  while (used < held_.size()) {
    const std::size_t taken = take(std::string_view(held_).substr(used), out);
    if (taken == 0) break;
    used += taken;
  }
  held_.erase(0, used);
  return out;
}

std::vector<KeyPress> KeyDecoder::time_over() {
  std::vector<KeyPress> out;
  if (held_.starts_with(kEscape)) out.push_back({Key::escape, ""});
  held_.clear();
  return out;
}

/// One key from the front; the number of bytes it took, 0 where more must come first.
std::size_t KeyDecoder::take(std::string_view bytes, std::vector<KeyPress>& out) {
  if (pasting_) {
    const std::size_t taken = take_pasted(bytes);
    if (!pasting_ && !pasted_.empty()) {
      if (auto line = as_line(pasted_); !line.empty()) out.push_back({Key::text, std::move(line)});
      pasted_.clear();
    }
    return taken;
  }
  if (bytes[0] == kEscape) return take_sequence(bytes, out);
  if (const auto key = key_of_control(bytes[0])) {
    out.push_back({*key, ""});
    return 1;
  }
  const auto c = base::first_code_point(bytes);
  if (c.size == 0) return may_begin_code_point(bytes) ? 0 : 1;
  const auto piece = bytes.substr(0, c.size);
  if (base::printable(piece) == piece) out.push_back({Key::text, std::string(piece)});
  return c.size;
}

std::size_t KeyDecoder::take_sequence(std::string_view bytes, std::vector<KeyPress>& out) {
  if (bytes.size() < 2) return 0;
  if (bytes[1] != '[' && bytes[1] != 'O') {
    out.push_back({Key::escape, ""});
    return 1;
  }
  // "ESC O" and one letter, or "ESC [", parameters, and a final byte.
  std::size_t end = 2;
  if (bytes[1] == '[')
    while (end < bytes.size() && bytes[end] >= 0x20 && bytes[end] < 0x40) ++end;
  if (end >= kLongestSequence) return end;
  if (end >= bytes.size()) return 0;
  const auto sequence = bytes.substr(1, end);
  if (sequence == "[200~")
    pasting_ = true;
  else if (const auto key = key_of_sequence(sequence))
    out.push_back({*key, ""});
  return end + 1;
}

std::size_t KeyDecoder::take_pasted(std::string_view bytes) {
  const auto end = bytes.find(kPasteEnds);
  if (end == std::string_view::npos) {
    // The end may have begun in the last bytes.
    const std::size_t sure = bytes.size() < kPasteEnds.size() ? 0 : bytes.size() - kPasteEnds.size() + 1;
    if (pasted_.size() < kLongestPaste) pasted_ += bytes.substr(0, std::min(sure, kLongestPaste));
    return sure;
  }
  if (pasted_.size() < kLongestPaste) pasted_ += bytes.substr(0, std::min(end, kLongestPaste));
  pasting_ = false;
  return end + kPasteEnds.size();
}

}  // namespace cli
