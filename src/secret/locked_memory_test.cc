#include "secret/locked_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace secret {
namespace {

bool all_zero(const std::byte* data, std::size_t size) {
  return std::all_of(data, data + size, [](std::byte b) { return b == std::byte{0}; });
}

TEST(LockedMemory, is_zero_when_given_out_also_where_a_secret_lay_before) {
  for (int round = 0; round < 3; ++round) {
    for (const std::size_t size : {1U, 63U, 64U, 65U, 4096U, 8192U, 8193U, 100'000U}) {
      std::byte* const data = allocate_locked(size);
      EXPECT_TRUE(all_zero(data, size)) << size;
      std::memset(data, 0xAA, size);
      release_locked(data, size);
    }
  }
}

TEST(LockedMemory, no_two_secrets_share_a_byte_however_they_come_and_go) {
  std::vector<std::pair<std::byte*, std::size_t>> held;
  unsigned state = 1;
  for (int i = 0; i < 5000; ++i) {
    state = state * 1'103'515'245U + 12'345U;
    if (held.size() > 40 || (!held.empty() && (state >> 16) % 2 == 0)) {
      const auto at = (state >> 20) % held.size();
      const auto [data, size] = held[at];
      const auto mark = static_cast<std::byte>(size & 0xFF);
      EXPECT_TRUE(std::all_of(data, data + size, [&](std::byte b) { return b == mark; }));
      release_locked(data, size);
      held.erase(held.begin() + static_cast<std::ptrdiff_t>(at));
    } else {
      const std::size_t size = 1 + (state >> 16) % 3000;
      std::byte* const data = allocate_locked(size);
      EXPECT_TRUE(all_zero(data, size));
      std::memset(data, static_cast<int>(size & 0xFF), size);
      held.emplace_back(data, size);
    }
  }
  for (const auto& [data, size] : held) release_locked(data, size);
}

TEST(LockedMemory, threads_that_take_and_give_back_at_once_never_meet) {
  const auto churn = [](unsigned char mark) {
    for (int round = 0; round < 500; ++round) {
      const std::size_t size = 1 + static_cast<std::size_t>(round) * 37 % 2000;
      std::byte* const data = allocate_locked(size);
      EXPECT_TRUE(all_zero(data, size));
      std::memset(data, mark, size);
      std::this_thread::yield();
      EXPECT_TRUE(std::all_of(data, data + size, [&](std::byte b) { return b == std::byte{mark}; }));
      release_locked(data, size);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned char mark = 1; mark <= 8; ++mark) threads.emplace_back(churn, mark);
  for (auto& thread : threads) thread.join();
}

#ifndef __SANITIZE_ADDRESS__  // which turns mlock off
TEST(LockedMemory, is_locked) {
  std::byte* const data = allocate_locked(100);
  std::ifstream status("/proc/self/status");
  std::string line;
  long locked = 0;
  while (std::getline(status, line))
    if (line.starts_with("VmLck:")) locked = std::stol(line.substr(6));
  EXPECT_GT(locked, 0);
  release_locked(data, 100);
}
#endif

}  // namespace
}  // namespace secret
