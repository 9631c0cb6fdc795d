// Credentials of the environment, for credential_source = Environment. Reads what was handed in, nothing else.
#include "base/text.h"
#include "credentials/providers.h"

namespace credentials {

base::Result<Given> environment_credentials(const Errand& errand, const Hop&) {
  const auto value = [&](std::string_view name) {
    const auto found = errand.around.environment.get(name);
    return found ? base::trim_lines(*found) : std::string_view();
  };
  aws::Credentials credentials;
  credentials.access_key_id = value("AWS_ACCESS_KEY_ID");
  credentials.secret_access_key = secret::Bytes::copy_of(value("AWS_SECRET_ACCESS_KEY"));
  // botocore looks at the older name first.
  const auto token = !value("AWS_SECURITY_TOKEN").empty() ? value("AWS_SECURITY_TOKEN") : value("AWS_SESSION_TOKEN");
  if (!token.empty()) credentials.session_token = secret::Bytes::copy_of(token);
  credentials.account_id = value("AWS_ACCOUNT_ID");
  if (const auto expiration = value("AWS_CREDENTIAL_EXPIRATION"); !expiration.empty()) {
    credentials.expiration = base::parse_iso8601(expiration);
    if (!credentials.expiration)
      return base::fail(base::ErrorKind::failure, "AWS_CREDENTIAL_EXPIRATION is not a date",
                        "unset AWS_CREDENTIAL_EXPIRATION");
  }
  return Given{std::move(credentials)};
}

}  // namespace credentials
