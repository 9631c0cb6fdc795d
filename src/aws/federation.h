// Console sign-in by federation: a short-lived sign-in token for a session, and the URLs of console pages in each
// partition. It starts no browser.
#pragma once

#include "aws/client.h"
#include "aws/credentials.h"
#include "aws/endpoint.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace aws {

/// "https://eu-central-1.console.aws.amazon.com/s3/home?region=eu-central-1": `service` ("s3", "ec2") or `path`
/// ("/cloudwatch/home"), at most one; both empty: the console's home. Errors: refused (what is no service or path).
base::Result<std::string> console_url(std::string_view region, std::string_view service, std::string_view path);

/// The federation endpoint of a region's partition; AWS_ENDPOINT_URL_SIGNIN and its like apply.
base::Result<Endpoint> federation_endpoint(const SettingSources& from, std::string_view region);

/// POSTs the session, so that no secret stands in a URL. `duration` (15 min to 12 h) only for a role that long-term
/// keys, SAML or OIDC have given; AWS answers 400 otherwise. The token is good for 15 minutes and is a secret.
base::Result<secret::Bytes> signin_token(Client& client, const Endpoint& endpoint, const Credentials& credentials,
                                         std::optional<std::chrono::seconds> duration);

/// The link that signs in and goes to `destination`; it holds the token. `issuer`: where AWS sends whose session ends.
secret::Bytes login_url(const Endpoint& endpoint, const secret::Bytes& token, std::string_view destination,
                        std::string_view issuer = "kabuto");

/// The link that ends the browser's console sessions first and then goes to `login`.
secret::Bytes logout_url(const Endpoint& endpoint, const secret::Bytes& login);

/// The portal's own way: https://…/start/#/console?account_id=…&role_name=…&destination=…; no credentials are fetched.
std::string portal_shortcut(std::string_view start_url, std::string_view account_id, std::string_view role_name,
                            std::string_view destination);

}  // namespace aws
