// Sign-in files of the AWS CLI: no crash, and what is taken can go into a header.
#include "aws/sso_cache.h"
#include "service_for_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto token = aws::parse_sso_cache(secret::Bytes::copy_of({reinterpret_cast<const char*>(data), size}));
  if (!token) return 0;
  check_secret(token->access_token);
  for (const auto* secret : {&token->client_secret, &token->refresh_token})
    if (!secret->empty()) check_secret(*secret);
  return 0;
}
