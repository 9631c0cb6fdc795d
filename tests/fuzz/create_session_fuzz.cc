// Replies of Roles Anywhere: no crash, and what is taken is a whole set of credentials that can go into headers.
#include "aws/roles_anywhere.h"
#include "service_for_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = aws::read_create_session_reply(secret::Bytes::copy_of({reinterpret_cast<const char*>(data), size}));
  if (!read) return 0;
  check_secret(read->secret_access_key);
  check_secret(read->session_token);
  if (read->access_key_id.empty() || !read->expiration) __builtin_trap();
  return 0;
}
