// Takes a chunked body apart as it arrives: HTTP's own chunks, and AWS's (aws-chunked), which are the same but for the
// signature that each brings as an extension. It keeps one line at most, never a chunk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace http {

class ChunkScanner {
 public:
  enum class Event {
    more,     // all input is taken; the body goes on
    chunk,    // a chunk begins: size() and extension(); size 0: the last
    data,     // data(): bytes of the chunk
    end,      // of a chunk's data
    trailer,  // line(): a line behind the last chunk
    done,     // the body is over; the rest of the input is not its
    bad,      // no such body; stays bad
  };

  /// Takes bytes from the front of `input` up to the next event. What it shows is good until the next call.
  Event next(std::span<const std::byte>& input);

  std::uint64_t size() const { return size_; }
  /// Behind the size's ';', as sent; empty where there is none.
  std::string_view extension() const { return extension_; }
  std::span<const std::byte> data() const { return data_; }
  std::string_view line() const { return line_; }

 private:
  enum class State { size_line, data, data_end, trailer, done, bad };
  /// Whether a whole line, its CRLF cut off, is in line_.
  bool takes_line(std::span<const std::byte>& input);
  Event begin_chunk();

  State state_ = State::size_line;
  std::string line_;
  bool line_taken_ = false;  // line_ has been shown
  std::uint64_t size_ = 0, left_ = 0;
  std::string_view extension_;  // in line_
  std::span<const std::byte> data_;
  std::size_t trailers_ = 0;
};

}  // namespace http
