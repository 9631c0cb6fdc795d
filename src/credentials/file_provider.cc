// Static keys of the files, in clear there; used with a warning that names the way to seal them.
#include "base/text.h"
#include "credentials/providers.h"

namespace credentials {

base::Result<Given> file_credentials(const Errand& errand, const Hop& hop) {
  const auto profile = TRY(errand.profiles.find(hop.profile));
  auto secret = profile ? profile->secret("aws_secret_access_key") : std::nullopt;
  if (!secret)
    return base::fail(base::ErrorKind::not_found, "profile " + base::printable(hop.profile, 100) + " has no key pair");
  aws::Credentials credentials;
  credentials.access_key_id = hop.access_key_id;
  credentials.secret_access_key = std::move(*secret);
  if (auto token = profile->secret("aws_session_token")) credentials.session_token = std::move(*token);
  credentials.account_id = profile->value("aws_account_id");
  return Given{std::move(credentials)};
}

}  // namespace credentials
