#include "deliver/value.h"

#include "deliver/environment.h"

#include <string>

namespace deliver {
namespace {

constexpr std::string_view kLineEnds("\r\n\0", 3);

}  // namespace

base::Result<void> check_value(std::string_view value, std::string_view field) {
  if (value.find_first_of(kLineEnds) == std::string_view::npos) return {};
  return base::fail(base::ErrorKind::refused,
                    "the " + std::string(field) + " holds a line end or a NUL byte; it is not handed on");
}

base::Result<void> check_values(const aws::Credentials& credentials, const Recipient& recipient) {
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty())
    return base::fail(base::ErrorKind::failure, "the credentials are incomplete: a key id or a secret key is missing");
  TRY(check_value(credentials.access_key_id, "access key id"));
  TRY(credentials.secret_access_key.reveal_text([](auto text) { return check_value(text, "secret access key"); }));
  TRY(credentials.session_token.reveal_text([](auto text) { return check_value(text, "session token"); }));
  TRY(check_value(credentials.account_id, "account id"));
  TRY(check_value(recipient.profile, "profile's name"));
  return check_value(recipient.region, "region");
}

}  // namespace deliver
