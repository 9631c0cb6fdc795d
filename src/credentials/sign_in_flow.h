// The two ways to sign in to Identity Center: through a browser on this machine (authorization code with PKCE), and by
// a code that a person types on any machine. Each ends with tokens; keeping them is token_keeper.h's.
#pragma once

#include "aws/sso_oidc.h"
#include "aws/sso_start_url.h"
#include "base/held_signals.h"
#include "base/result.h"
#include "credentials/sign_in.h"

#include <optional>
#include <string>
#include <vector>

namespace credentials {

/// What both ways work with.
struct SignInWork {
  SignInGuide& guide;
  base::Clock& clock;
  aws::Client& client;
  aws::Endpoint endpoint;  // of the OIDC service
  const SsoSession& session;
  aws::StartUrl start_url;
  const SignInStore::Secrets* kept;  // of the sign-in before, whose registration may serve again; may be null
};

struct SignedIn {
  aws::ClientRegistration registration;
  aws::SsoFlow flow = aws::SsoFlow::authorization_code;
  aws::SsoTokens tokens;
};

/// Signals are held back (`held`) from the call that may give tokens on. Errors: sign_in_needed (nobody came), denied,
/// refused (a URL that a sign-in may not lead to), not_found (no browser), those of AWS.
base::Result<SignedIn> sign_in_by_browser(SignInWork& work, std::optional<base::HeldSignals>& held);
base::Result<SignedIn> sign_in_by_device(SignInWork& work, std::optional<base::HeldSignals>& held);

/// The session's scopes, or the one that every sign-in asks for.
std::vector<std::string> scopes_of(const SsoSession& session);

enum class Reuse { where_possible, no };
struct Registered {
  aws::ClientRegistration client;
  bool reused = false;
};
/// The registration of the sign-in before, where it fits and has 15 minutes left; else a new one.
base::Result<Registered> registration_for(SignInWork& work, aws::SsoFlow flow, Reuse reuse);

}  // namespace credentials
