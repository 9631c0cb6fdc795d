#include "secret/locked_memory.h"

#include <sodium.h>

#include <array>
#include <bitset>
#include <cassert>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <span>

namespace secret {
namespace {

constexpr std::size_t kChunk = 64;
constexpr std::size_t kChunks = 512;
constexpr std::size_t kRegion = kChunk * kChunks;
constexpr std::size_t kLargestShared = kRegion / 4;

// A sanitizer sees a step beyond the end of a region only where every secret has its own.
#ifdef __SANITIZE_ADDRESS__
constexpr bool kShare = false;
#else
constexpr bool kShare = true;
#endif

std::byte* own_region(std::size_t size) {
  // sodium_malloc needs sodium_init's page size and canary; a second call is free.
  if (sodium_init() < 0) std::abort();
  auto* data = static_cast<std::byte*>(sodium_malloc(size));
  if (data == nullptr) std::abort();
  return data;
}

std::size_t chunks_of(std::size_t size) { return (size + kChunk - 1) / kChunk; }

/// The shared region. Its bytes are zero wherever no secret lies.
class Region {
 public:
  Region() : start_(own_region(kRegion)) { std::memset(start_, 0, kRegion); }

  /// Null where no run of free chunks is long enough.
  std::byte* take(std::size_t size) {
    const std::size_t wanted = chunks_of(size);
    const std::lock_guard lock(mutex_);
    std::size_t run = 0;
    for (std::size_t i = 0; i < kChunks; ++i) {
      run = used_[i] ? 0 : run + 1;
      if (run < wanted) continue;
      const std::size_t first = i + 1 - wanted;
      for (std::size_t j = first; j <= i; ++j) used_.set(j);
      return start_ + first * kChunk;
    }
    return nullptr;
  }

  bool holds(const std::byte* data) const { return data >= start_ && data < start_ + kRegion; }

  void give_back(std::byte* data, std::size_t size) {
    sodium_memzero(data, size);
    const std::lock_guard lock(mutex_);
    const auto first = static_cast<std::size_t>(data - start_) / kChunk;
    for (std::size_t i = first; i < first + chunks_of(size); ++i) {
      assert(used_[i]);
      used_.reset(i);
    }
  }

 private:
  std::byte* const start_;
  std::mutex mutex_;
  std::bitset<kChunks> used_;
};

/// Never destroyed: secrets of static objects may outlive everything else. The kernel clears it with the process.
Region& region() {
  static Region& the_region = *new Region;
  return the_region;
}

}  // namespace

std::byte* allocate_locked(std::size_t size) {
  if (size == 0) return nullptr;
  if (kShare && size <= kLargestShared)
    if (std::byte* const data = region().take(size)) return data;
  std::byte* const data = own_region(size);
  std::memset(data, 0, size);
  return data;
}

void release_locked(std::byte* data, std::size_t size) {
  if (data == nullptr) return;
  if (kShare && region().holds(data))
    region().give_back(data, size);
  else
    sodium_free(data);
}

}  // namespace secret
