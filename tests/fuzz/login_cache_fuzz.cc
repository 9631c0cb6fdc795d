// Sign-in files of `aws login` and the replies that renew them: no crash, and what is taken can go into a header.
#include "aws/login.h"
#include "aws/login_cache.h"
#include "service_for_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  aws::login_identity(secret::Bytes::copy_of(text));
  const auto token = aws::parse_login_cache(secret::Bytes::copy_of(text));
  const auto renewed = aws::read_login_reply(secret::Bytes::copy_of(text), aws::LoginToken(), {});
  for (const auto* one : {&token, &renewed}) {
    if (!*one) continue;
    check_secret((*one)->access.secret_access_key);
    check_secret((*one)->access.session_token);
    if (!(*one)->refresh_token.empty()) check_secret((*one)->refresh_token);
  }
  return 0;
}
