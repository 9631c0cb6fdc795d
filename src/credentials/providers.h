// One function per kind of hop, each in its own file: it performs the hop as planned and decides nothing. MFA codes and
// caching are the broker's.
#pragma once

#include "aws/credentials.h"
#include "aws/profile.h"
#include "aws/sts.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"
#include "credentials/broker.h"
#include "credentials/chain.h"

#include <optional>

namespace credentials {

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SECURITY_TOKEN or AWS_SESSION_TOKEN, AWS_CREDENTIAL_EXPIRATION.
base::Result<aws::Credentials> environment_credentials(const base::Environment& environment);
/// The key pair in clear of the hop's profile.
base::Result<aws::Credentials> file_credentials(const aws::Profiles& profiles, const Hop& hop);
/// The keys of a first step of any kind but process.
base::Result<aws::Credentials> key_credentials(const Surroundings& around, const aws::Profiles& profiles,
                                               const Hop& hop);
/// Runs the profile's credential_process. `aws_now` is AWS's time, by which an expired answer is refused.
base::Result<aws::Credentials> process_credentials(const aws::Profiles& profiles, const Hop& hop,
                                                   const base::Environment& environment, base::Clock& clock);
struct PortalRole {
  aws::Credentials credentials;
  base::Duration clock_offset{0};  // AWS's clock minus ours
};
/// The role that a sign-in of Identity Center gives, once more with another token where AWS no longer takes the first.
/// Errors: sign_in_needed, denied (with the accounts command as the hint), those of AWS.
base::Result<PortalRole> get_role_credentials(SignIns& sign_ins, const Hop& hop, const Request& request);
base::Result<aws::Session> get_session_token(aws::Client& client, const aws::Credentials& signer, const Hop& hop,
                                             std::optional<aws::Mfa> mfa);
base::Result<aws::Session> assume_role(aws::Client& client, const aws::Credentials& signer, const Hop& hop,
                                       std::optional<aws::Mfa> mfa);

}  // namespace credentials
