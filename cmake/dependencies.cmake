# What the product links: libstdc++, sodium and SQLite statically, libc dynamically. Everything heavier (libcurl, libsecret, tpm2-tss)
# is loaded on first use, so that a cached answer never pays for it; only their headers are needed here.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(GTest REQUIRED)
find_package(nlohmann_json REQUIRED)
find_path(FMT_INCLUDE fmt/format-inl.h REQUIRED)
add_library(fmt_headers INTERFACE)  # Debian has no static library of it; src/base/fmt.cc is ours
# Without this fmt brings std::locale, half a megabyte of relocations and 4 % of /bin/true at every start.
target_compile_definitions(fmt_headers INTERFACE "FMT_STATIC_THOUSANDS_SEPARATOR=','")
pkg_check_modules(CURL REQUIRED libcurl)
pkg_check_modules(LIBSECRET REQUIRED libsecret-1)
pkg_check_modules(TSS2 REQUIRED tss2-esys tss2-mu tss2-tcti-device)
pkg_check_modules(P11KIT REQUIRED p11-kit-1)  # the header of PKCS#11 alone
# What kabuto-sim links: the crypto and the XML signatures of libraries that the product does not use.
find_package(OpenSSL REQUIRED)
find_package(Boost 1.81 REQUIRED)  # Beast and Asio: headers only
pkg_check_modules(XMLSEC REQUIRED IMPORTED_TARGET xmlsec1-openssl)

function(kabuto_static_library target file header)
  find_library(${target}_FILE NAMES ${file} REQUIRED)
  find_path(${target}_INCLUDE ${header} REQUIRED)
  add_library(${target} STATIC IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES IMPORTED_LOCATION ${${target}_FILE} INTERFACE_INCLUDE_DIRECTORIES ${${target}_INCLUDE})
endfunction()
kabuto_static_library(static_sodium libsodium.a sodium.h)
kabuto_static_library(static_sqlite libsqlite3.a sqlite3.h)
kabuto_static_library(static_pugixml libpugixml.a pugixml.hpp)
set_property(TARGET static_sqlite APPEND PROPERTY INTERFACE_LINK_LIBRARIES kabuto_sqlite_math ${CMAKE_DL_LIBS} Threads::Threads)
