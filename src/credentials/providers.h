// One function per kind of hop, each in its own file: it performs the hop as planned and decides nothing. MFA codes and
// caching are the broker's.
#pragma once

#include "aws/credentials.h"
#include "aws/profile.h"
#include "aws/sts.h"
#include "base/clock.h"
#include "base/result.h"
#include "credentials/broker.h"
#include "credentials/chain.h"

#include <functional>
#include <optional>

namespace credentials {

/// What the credentials of a first step are for: those to sign with may have a signer in the secret's place.
enum class KeyUse { to_deliver, to_sign };

/// What a first step may use.
struct Errand {
  const Surroundings& around;
  const aws::Profiles& profiles;
  const std::function<aws::Client&()>& client;  // made at the first call of AWS
  const Request& request;
  KeyUse use = KeyUse::to_deliver;
};

struct Given {
  aws::Credentials credentials;
  base::Duration clock_offset{0};  // AWS's clock minus ours, where AWS was asked
};

/// Performs a first step, whatever its kind.
base::Result<Given> first_credentials(const Errand& errand, const Hop& hop);

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SECURITY_TOKEN or AWS_SESSION_TOKEN, AWS_CREDENTIAL_EXPIRATION.
base::Result<Given> environment_credentials(const Errand& errand, const Hop& hop);
/// The key pair in clear of the hop's profile.
base::Result<Given> file_credentials(const Errand& errand, const Hop& hop);
/// The sealed key of the hop's profile; unlocks.
base::Result<Given> sealed_credentials(const Errand& errand, const Hop& hop);
/// Runs the profile's credential_process; an answer that has expired is refused.
base::Result<Given> process_credentials(const Errand& errand, const Hop& hop);
/// AssumeRoleWithWebIdentity; a token that has expired is read anew once.
base::Result<Given> web_identity_credentials(const Errand& errand, const Hop& hop);
/// AssumeRoleWithSAML.
base::Result<Given> saml_credentials(const Errand& errand, const Hop& hop);
/// The credentials endpoint of a container or pod.
base::Result<Given> container_credentials(const Errand& errand, const Hop& hop);
/// The role of the instance. Error not_found also where no such service answers and nobody named it as the source.
base::Result<Given> instance_credentials(const Errand& errand, const Hop& hop);
/// The role that a sign-in of Identity Center gives, once more with another token where AWS no longer takes the first.
/// Errors: sign_in_needed, denied (with the accounts command as the hint), those of AWS.
/// CreateSession, signed by the key of the profile's certificate.
base::Result<Given> roles_anywhere_credentials(const Errand& errand, const Hop& hop);
/// What the sign-in file of `aws login` holds, renewed with five minutes left or less. Opens no window. Errors:
/// sign_in_needed where only a person can go on, denied, refused, those of AWS.
base::Result<Given> login_session_credentials(const Errand& errand, const Hop& hop);
base::Result<Given> identity_center_credentials(const Errand& errand, const Hop& hop);

/// The call that a hop is, as far as it is known before anybody is asked for a code.
aws::GetSessionTokenRequest session_token_request(const Hop& hop);
aws::AssumeRoleRequest assume_role_request(const Hop& hop);
base::Result<aws::Session> get_session_token(aws::Client& client, const aws::Credentials& signer, const Hop& hop,
                                             std::optional<aws::Mfa> mfa);
base::Result<aws::Session> assume_role(aws::Client& client, const aws::Credentials& signer, const Hop& hop,
                                       std::optional<aws::Mfa> mfa);

}  // namespace credentials
