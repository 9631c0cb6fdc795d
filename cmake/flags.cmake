# Warnings are errors; hardening as the release bars name it (bar 59). Assertions stay on in release.
add_compile_options(-Wall -Wextra -Wshadow -Wconversion $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> -Wimplicit-fallthrough -Werror
  -fstack-protector-strong -fcf-protection -D_GLIBCXX_ASSERTIONS -fvisibility=hidden)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-fstack-clash-protection)
endif()
string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")

if(KABUTO_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12 warns of its own <regex> when it has instrumented it.
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
  add_link_options(-fsanitize=address,undefined)
  if(KABUTO_FUZZ)
    # Coverage for libFuzzer; clang only builds the fuzzers here, its warnings are the lint's matter.
    add_compile_options(-fsanitize=fuzzer-no-link -Wno-error)
  endif()
elseif(KABUTO_TSAN)
  # GCC warns of fences that it cannot follow; Boost has some, the agent none.
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  add_link_options(-fsanitize=thread)
else()
  add_compile_options(-D_FORTIFY_SOURCE=2 -ffunction-sections -fdata-sections)
  # pack-relative-relocs: a static libstdc++ has thousands of relocations, and start-up time is a bar.
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack -Wl,-z,pack-relative-relocs -Wl,--gc-sections -Wl,-O1 -Wl,--as-needed)
endif()
add_link_options(-pie)
