// Where secrets lie: memory that is locked, kept out of core files and fenced by pages that may not be touched. One
// small region is set up once and shared, because a region of its own for every secret costs eleven system calls and a
// cached answer holds ten secrets; what does not fit gets its own.
#pragma once

#include <cstddef>

namespace secret {

/// `size` zero bytes; null for none. Out of lockable memory: still fenced and wiped. No memory at all ends the process.
std::byte* allocate_locked(std::size_t size);
/// Wipes and gives back. `size` as allocated.
void release_locked(std::byte* data, std::size_t size);

}  // namespace secret
