// The table of checks.
#include "checks.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace sim {
namespace {

constexpr std::array kChecks{
    CheckName{"signature", "the SigV4 signature is the one we compute"},
    CheckName{"signed-host", "the host header is among the signed headers"},
    CheckName{"signed-date", "x-amz-date, where it is a header, is signed"},
    CheckName{"date", "the request's time is within 15 minutes of ours"},
    CheckName{"scope-date", "the credential scope names the request's day"},
    CheckName{"scope-region", "the credential scope names the endpoint's region"},
    CheckName{"scope-service", "the credential scope names the service of the action"},
    CheckName{"scope-terminator", "the credential scope ends in aws4_request"},
    CheckName{"payload", "x-amz-content-sha256, where sent, is the hash of the body"},
    CheckName{"key-status", "the access key is active"},
    CheckName{"propagation", "a new access key is unknown until it has spread"},
    CheckName{"token", "temporary keys come with their session token, long-term keys without"},
    CheckName{"expiry", "a session has not expired"},
    CheckName{"version", "the API version is the service's"},
    CheckName{"fields", "lengths, patterns and numbers of parameters"},
    CheckName{"mfa", "an MFA code is right"},
    CheckName{"mfa-once", "an MFA code works once"},
    CheckName{"mfa-device", "the MFA device belongs to the caller"},
    CheckName{"mfa-pair", "serial number and code come together"},
    CheckName{"trust", "the role's trust policy allows the caller"},
    CheckName{"identity", "the caller's own policies allow the action"},
    CheckName{"duration", "a role session is no longer than the role's MaxSessionDuration"},
    CheckName{"chaining", "a chained role session is no longer than 1 hour"},
    CheckName{"packed", "session policies and tags fit"},
    CheckName{"tags", "tag keys are unique, and transitive tags stay as they are"},
    CheckName{"source-identity", "a source identity, once set, stays"},
    CheckName{"session-calls", "what session credentials may not call at all"},
    CheckName{"federated", "a federated user may do what its policy and its user's both allow"},
    CheckName{"web-provider-id", "a ProviderId comes with OAuth 2.0 access tokens only, which nobody here takes"},
    CheckName{"web-claims", "a web identity token has issuer, audience, subject and times"},
    CheckName{"web-algorithm", "a web identity token is signed with RS256 or ES256"},
    CheckName{"web-signature", "a web identity token is signed with a key of its issuer's key set"},
    CheckName{"web-audience", "a web identity token is for one of the provider's audiences"},
    CheckName{"web-expiry", "a web identity token has not expired, give or take 5 minutes"},
    CheckName{"web-not-before", "a web identity token is valid already, give or take 5 minutes"},
    CheckName{"saml-issuer", "a SAML response comes from the provider's issuer"},
    CheckName{"saml-signature", "a SAML response or its assertion is signed with the provider's key"},
    CheckName{"saml-audience", "a SAML assertion is for AWS's sign-in"},
    CheckName{"saml-recipient", "a SAML assertion is sent to AWS's sign-in"},
    CheckName{"saml-expiry", "a SAML assertion has not expired"},
    CheckName{"saml-redeemed", "a SAML assertion is used within 5 minutes"},
    CheckName{"saml-not-before", "a SAML assertion is valid already, give or take 5 minutes"},
    CheckName{"saml-role", "a SAML assertion names the role together with the provider"},
    CheckName{"saml-session-name", "a SAML assertion's RoleSessionName is one"},
    CheckName{"imds-forwarded", "a request for a metadata token has passed no proxy"},
    CheckName{"imds-ttl", "a request for a metadata token says for how long, 1 to 21600 s"},
    CheckName{"imds-token", "a metadata request brings a token; without one only where the seed allows version 1"},
    CheckName{"imds-token-expiry", "a metadata token has not expired"},
    CheckName{"container-id", "a container's relative URI is its own"},
    CheckName{"container-token", "a container's token is the current one"},
    CheckName{"signin-credentials", "the console's sign-in is given a live session's credentials"},
    CheckName{"signin-kind", "the console opens for a role's session or a federated user only"},
    CheckName{"signin-duration",
              "SessionDuration is 900 to the role's longest, and for roles that no role has assumed"},
    CheckName{"signin-token-once", "a console sign-in token works once"},
    CheckName{"signin-token-expiry", "a console sign-in token has not expired"},
    CheckName{"signin-destination", "a console sign-in leads to the console"},
    CheckName{"key-limit", "at most 2 access keys for a user"},
    CheckName{"anywhere-signature", "a Roles Anywhere request is signed by the certificate's key"},
    CheckName{"anywhere-algorithm", "the signature's algorithm is that of the certificate's key"},
    CheckName{"anywhere-serial", "the credential names the certificate's serial number, in decimal"},
    CheckName{"anywhere-signed", "x-amz-x509 and the chain are among the signed headers"},
    CheckName{"anywhere-end-entity", "the certificate is X.509v3 and says CA:FALSE"},
    CheckName{"anywhere-key-usage", "the certificate's key usage holds digitalSignature"},
    CheckName{"anywhere-hash", "the certificates are signed over SHA-256 or stronger"},
    CheckName{"anywhere-chain", "the certificate leads to the trust anchor"},
    CheckName{"anywhere-validity", "no certificate of the path has expired, or begins later"},
    CheckName{"anywhere-region", "trust anchor and profile are of the endpoint's region"},
    CheckName{"anywhere-account", "trust anchor, profile and role are of one account"},
    CheckName{"anywhere-enabled", "trust anchor and profile are enabled"},
    CheckName{"anywhere-role", "the role is one of the profile's"},
    CheckName{"anywhere-session-name", "a session name is given only where the profile accepts it"},
    CheckName{"login-client", "a sign-in of aws login is asked for by one of AWS's two clients"},
    CheckName{"login-redirect-uri", "its redirect leads to loopback, or to the page that shows the code"},
    CheckName{"login-pkce", "a SHA-256 challenge comes first, and the verifier fits it"},
    CheckName{"login-password", "the password is the IAM user's"},
    CheckName{"login-permission", "the user's policies allow the sign-in and its tokens"},
    CheckName{"login-code-owner", "a code or refresh token is used by its client, with its redirect URI"},
    CheckName{"login-code-once", "an authorization code works once"},
    CheckName{"login-code-expiry", "an authorization code has not expired"},
    CheckName{"login-dpop-header", "a DPoP proof is a dpop+jwt by ES256"},
    CheckName{"login-dpop-signature", "a DPoP proof is signed by its key"},
    CheckName{"login-dpop-method", "a DPoP proof names the method"},
    CheckName{"login-dpop-url", "a DPoP proof names the URL"},
    CheckName{"login-dpop-time", "a DPoP proof's time is within 5 minutes of ours"},
    CheckName{"login-dpop-once", "a DPoP proof works once"},
    CheckName{"login-dpop-key", "a refresh is proven by the key of the sign-in"},
    CheckName{"login-rotation", "a refresh token ends when its successor is first used"},
    CheckName{"login-session", "a refresh token ends 12 hours after the sign-in"},
    CheckName{"login-password-change", "a refresh token ends with the user's password"},
    CheckName{"sso-registration", "a client registers as public, with known grants and good redirect URIs"},
    CheckName{"sso-start-url", "issuer and start URL are an instance's"},
    CheckName{"sso-region", "Identity Center is asked in the instance's region"},
    CheckName{"sso-client", "the client secret is the client's"},
    CheckName{"sso-client-expiry", "the client's registration has not expired"},
    CheckName{"sso-grant", "the client is registered for the grant"},
    CheckName{"sso-scopes", "scopes are known, and registered for the client"},
    CheckName{"sso-redirect-uri", "the redirect URI is registered; of a loopback address with any port"},
    CheckName{"sso-pkce", "an S256 challenge comes first, and the verifier fits it"},
    CheckName{"sso-password", "the password is the user's"},
    CheckName{"sso-code-owner", "a code or refresh token is used by its client, with its redirect URI"},
    CheckName{"sso-code-once", "an authorization or device code works once"},
    CheckName{"sso-code-expiry", "an authorization or device code has not expired"},
    CheckName{"sso-interval", "a device code is not asked about more often than its interval"},
    CheckName{"sso-rotation", "a refresh token ends when its successor is first used"},
    CheckName{"sso-session", "a refresh token ends with the sign-in session"},
    CheckName{"sso-logout", "tokens end with a logout"},
    CheckName{"sso-token-expiry", "an access token has not expired"},
    CheckName{"sso-token-scope", "the access token has the scope of account access"},
    CheckName{"sso-assignment", "the user has the permission set in the account"},
    CheckName{"sso-page", "a next_token is the one of this list"},
    CheckName{"sso-rate", "portal calls stay within the instance's rate"},
};

}  // namespace

std::span<const CheckName> all_checks() { return kChecks; }

bool is_check(std::string_view name) {
  return std::ranges::any_of(kChecks, [&](const CheckName& check) { return check.name == name; });
}

bool Checks::on(std::string_view name) const {
  if (!is_check(name)) std::abort();
  return !off_.contains(name);
}

}  // namespace sim
