#include "deliver/door_body.h"

#include "base/text.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace deliver {
namespace {

using Event = http::ChunkScanner::Event;

// SDKs sign chunks of 64 KiB to 1 MiB.
constexpr std::size_t kLargestChunk = std::size_t{8} << 20;
constexpr std::size_t kPiece = std::size_t{256} << 10;
constexpr std::string_view kChunkSignature = "chunk-signature=";
constexpr std::string_view kTrailerSignature = "x-amz-trailer-signature:";

void append(std::vector<std::byte>& out, std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

std::optional<std::size_t> PlainBody::read(std::span<std::byte> room) {
  const auto count = exchange_.read_body(room);
  return count ? count : give_up(Fault::cut);
}

std::optional<std::size_t> HeldBody::read(std::span<std::byte> room) {
  const auto count = std::min(room.size(), left_.size());
  std::copy_n(left_.begin(), count, room.begin());
  left_ = left_.subspan(count);
  return count;
}

std::optional<std::size_t> HashedBody::read(std::span<std::byte> room) {
  if (over_) return 0;
  const std::size_t before = held_ ? 1 : 0;
  while (true) {
    const auto count = exchange_.read_body(room.subspan(before));
    if (!count) return give_up(Fault::cut);
    if (held_) room[0] = *held_;
    if (*count == 0) {
      if (base::hex(seen_.take()) != hash_) return give_up(Fault::other_hash);
      over_ = true;
      return before;
    }
    seen_.add(room.subspan(before, *count));
    held_ = room[before + *count - 1];
    if (before + *count > 1) return before + *count - 1;
  }
}

std::optional<std::size_t> UnsignedChunks::read(std::span<std::byte> room) {
  const auto count = exchange_.read_body(room);
  if (!count) return give_up(Fault::cut);
  if (*count == 0) {
    if (!done_) return give_up(Fault::malformed);
    return 0;
  }
  std::span<const std::byte> input = room.first(*count);
  while (!input.empty()) {
    if (done_) return give_up(Fault::malformed);
    const auto event = scanner_.next(input);
    if (event == Event::bad) return give_up(Fault::malformed);
    done_ = event == Event::done;
  }
  // The last line end may come alone.
  return count;
}

bool SignedChunks::begin_chunk() {
  const auto extension = scanner_.extension();
  size_ = scanner_.line().substr(0, scanner_.line().find(';'));
  signature_ = extension.starts_with(kChunkSignature) ? extension.substr(kChunkSignature.size()) : std::string_view();
  // So strict that what we send is as long as what was announced.
  if (scanner_.line() != size_ + ";" + std::string(kChunkSignature) + signature_) {
    give_up(Fault::malformed);
    return false;
  }
  if (scanner_.size() > kLargestChunk) {
    give_up(Fault::too_large);
    return false;
  }
  chunk_.clear();
  if (scanner_.size() > 0) return true;
  if (!theirs_.is_chunk(aws::kEmptyBodyHash, signature_)) {
    give_up(Fault::mismatch);
    return false;
  }
  append(out_, size_ + ";" + std::string(kChunkSignature) + ours_.sign_chunk(aws::kEmptyBodyHash) + "\r\n");
  return true;
}

bool SignedChunks::end_chunk() {
  const auto hash = base::hex(hash_.take());
  if (!theirs_.is_chunk(hash, signature_)) {
    give_up(Fault::mismatch);
    return false;
  }
  append(out_, size_ + ";" + std::string(kChunkSignature) + ours_.sign_chunk(hash) + "\r\n");
  out_.insert(out_.end(), chunk_.begin(), chunk_.end());
  append(out_, "\r\n");
  return true;
}

bool SignedChunks::take_trailer_line() {
  const auto line = scanner_.line();
  if (trailer_ == Trailer::none || trailer_verified_) {
    give_up(Fault::malformed);
    return false;
  }
  if (!base::lower_ascii(line).starts_with(kTrailerSignature)) {
    trailer_lines_.emplace_back(line);
    append(out_, std::string(line) + "\r\n");
    return true;
  }
  const auto text = aws::canonical_trailer(trailer_lines_);
  const auto hash = base::hex(hash_.add(std::as_bytes(std::span(text))).take());
  if (!theirs_.is_trailer(hash, line.substr(kTrailerSignature.size()))) {
    give_up(Fault::mismatch);
    return false;
  }
  trailer_verified_ = true;
  append(out_, std::string(line.substr(0, kTrailerSignature.size())) + ours_.sign_trailer(hash) + "\r\n");
  return true;
}

bool SignedChunks::end_body() {
  if (trailer_ == Trailer::is_signed && !trailer_verified_) {
    give_up(Fault::mismatch);
    return false;
  }
  over_ = true;
  append(out_, "\r\n");
  return true;
}

/// Goes on until there is something to give, or the body is over.
bool SignedChunks::fill() {
  out_.clear();
  given_ = 0;
  input_.resize(kPiece);
  while (out_.empty()) {
    if (unread_.empty()) {
      const auto count = exchange_.read_body(input_);
      if (!count || *count == 0) {
        give_up(count ? Fault::malformed : Fault::cut);
        return false;
      }
      unread_ = std::span(input_).first(*count);
    }
    bool good = true;
    switch (scanner_.next(unread_)) {
      case Event::chunk:
        good = begin_chunk();
        break;
      case Event::data:
        hash_.add(scanner_.data());
        chunk_.insert(chunk_.end(), scanner_.data().begin(), scanner_.data().end());
        break;
      case Event::end:
        good = end_chunk();
        break;
      case Event::trailer:
        good = take_trailer_line();
        break;
      case Event::done:
        good = end_body();
        break;
      case Event::bad:
        give_up(Fault::malformed);
        good = false;
        break;
      case Event::more:
        break;
    }
    if (!good) return false;
  }
  return true;
}

std::optional<std::size_t> SignedChunks::read(std::span<std::byte> room) {
  if (given_ == out_.size()) {
    if (over_) {
      // Nothing may follow, and the exchange must see the end of the body.
      const auto more = unread_.empty() ? exchange_.read_body(room) : std::optional<std::size_t>(1);
      if (!more || *more != 0) return give_up(Fault::malformed);
      return 0;
    }
    if (!fill()) return std::nullopt;
  }
  const auto count = std::min(room.size(), out_.size() - given_);
  std::memcpy(room.data(), out_.data() + given_, count);
  given_ += count;
  return count;
}

}  // namespace deliver
