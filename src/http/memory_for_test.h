// Searches this process's own memory for a secret that should be gone. Only tests include it.
#pragma once

#include "secret/bytes.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace http {

// The two halves of the canary, never together but in a canary.
inline constexpr std::string_view kCanaryStart = "KKKKKKKKKKKK", kCanaryEnd = "QQQQQQQQQQQQ";

inline secret::Bytes make_canary() {
  secret::Bytes out(kCanaryStart.size() + kCanaryEnd.size());
  out.edit([](std::span<std::byte> to) {
    std::ranges::fill(to.first(kCanaryStart.size()), static_cast<std::byte>(kCanaryStart[0]));
    std::ranges::fill(to.last(kCanaryEnd.size()), static_cast<std::byte>(kCanaryEnd[0]));
  });
  return out;
}

// All writable memory of this process, searched for a text that is built here only piece by piece.
inline int canaries_in_memory() {
  const std::string_view first = kCanaryStart, second = kCanaryEnd;
  std::ifstream maps("/proc/self/maps");
  std::ifstream memory("/proc/self/mem", std::ios::binary);
  std::vector<char> block;
  block.reserve(64UL << 20);  // in one piece, so that no freed copy of it is searched the next time
  int hits = 0;
  for (std::string line; std::getline(maps, line);) {
    unsigned long begin = 0, end = 0;
    char mode[5] = {};
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, mode) != 3 || mode[0] != 'r' || mode[1] != 'w') continue;
    if (end - begin > (64UL << 20)) continue;
    const auto in_block = [&](unsigned long at) { return at >= begin && at < end; };
    if (in_block(reinterpret_cast<unsigned long>(block.data()))) continue;
    block.resize(end - begin);
    memory.clear();
    memory.seekg(static_cast<std::streamoff>(begin));
    if (!memory.read(block.data(), static_cast<std::streamsize>(block.size()))) continue;
    const std::string_view all(block.data(), block.size());
    for (auto at = all.find(first); at != all.npos; at = all.find(first, at + 1))
      if (all.substr(at + first.size()).starts_with(second)) ++hits;
  }
  return hits;
}

}  // namespace http
