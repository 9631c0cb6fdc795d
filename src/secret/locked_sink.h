// What a program prints, taken into locked memory: for codes, tokens and keys that a program gives.
#pragma once

#include "base/process.h"
#include "secret/bytes.h"

#include <cstddef>
#include <span>
#include <utility>

namespace secret {

class LockedSink final : public base::OutputSink {
 public:
  explicit LockedSink(std::size_t limit) : buffer_(limit) {}
  std::span<std::byte> room() override { return buffer_.room(); }
  void filled(std::size_t count) override { buffer_.filled(count); }
  Bytes take() { return std::move(buffer_).take(); }

 private:
  Buffer buffer_;
};

}  // namespace secret
