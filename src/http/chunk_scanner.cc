#include "http/chunk_scanner.h"

#include "base/text.h"

#include <algorithm>
#include <optional>

namespace http {
namespace {

constexpr std::size_t kLongestLine = 4096;  // a trailer may hold a checksum, a chunk's line a signature
constexpr std::size_t kMostTrailers = 32;
constexpr std::size_t kMostSizeDigits = 15;  // far more than S3's 5 TiB, and no overflow

std::optional<std::uint64_t> size_of(std::string_view digits) {
  if (digits.empty() || digits.size() > kMostSizeDigits) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : digits) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return std::nullopt;
    value = value * 16 + static_cast<std::uint64_t>(digit);
  }
  return value;
}

}  // namespace

bool ChunkScanner::takes_line(std::span<const std::byte>& input) {
  if (line_taken_) {
    line_.clear();
    line_taken_ = false;
  }
  const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
  const auto feed = text.find('\n');
  const auto count = feed == text.npos ? text.size() : feed + 1;
  if (line_.size() + count > kLongestLine) {
    state_ = State::bad;
    return false;
  }
  line_.append(text.substr(0, count));
  input = input.subspan(count);
  if (feed == text.npos) return false;
  const bool whole = line_.ends_with("\r\n");
  line_.resize(line_.size() - (whole ? 2 : 1));
  if (!whole || std::ranges::any_of(line_, [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f; }))
    state_ = State::bad;
  line_taken_ = true;
  return state_ != State::bad;
}

ChunkScanner::Event ChunkScanner::begin_chunk() {
  const std::string_view line = line_;
  const auto mark = std::min(line.find(';'), line.size());
  const auto size = size_of(base::trim(line.substr(0, mark)));
  if (!size) {
    state_ = State::bad;
    return Event::bad;
  }
  extension_ = mark == line.size() ? std::string_view() : base::trim(line.substr(mark + 1));
  size_ = left_ = *size;
  state_ = left_ > 0 ? State::data : State::trailer;
  return Event::chunk;
}

ChunkScanner::Event ChunkScanner::next(std::span<const std::byte>& input) {
  switch (state_) {
    case State::size_line:
      if (takes_line(input)) return begin_chunk();
      break;
    case State::data: {
      if (input.empty()) return Event::more;
      data_ = input.first(static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size())));
      input = input.subspan(data_.size());
      left_ -= data_.size();
      if (left_ == 0) state_ = State::data_end;
      return Event::data;
    }
    case State::data_end:
      if (takes_line(input)) {
        state_ = line_.empty() ? State::size_line : State::bad;
        if (line_.empty()) return Event::end;
      }
      break;
    case State::trailer:
      if (takes_line(input)) {
        if (line_.empty()) {
          state_ = State::done;
          return Event::done;
        }
        if (++trailers_ <= kMostTrailers) return Event::trailer;
        state_ = State::bad;
      }
      break;
    case State::done:
      return Event::done;
    case State::bad:
      break;
  }
  return state_ == State::bad ? Event::bad : Event::more;
}

}  // namespace http
