// The OIDC service of Identity Center: its three calls for programs and its two pages for people.
#pragma once

#include "rest.h"
#include "sign_ins.h"

#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string>
#include <vector>

namespace sim {

/// POST /client/register, /device_authorization and /token.
std::span<const RestRoute> oidc_routes();
/// GET and POST /authorize and /device, in sign_in_pages.cc.
std::span<const RestRoute> sign_in_page_routes();

/// In tokens.cc.
Checked<Reply> create_token(RestCall& call);

/// {"error","error_description"} and x-amzn-ErrorType, as all of the service's errors.
Reply refuse_as_oidc(const AwsError& error);
Reply json_reply(const nlohmann::json& value);

/// A member of a call's body, or InvalidRequestException.
Checked<std::string> required_text(const nlohmann::json& body, const std::string& name);
/// The body, which must be an object.
Checked<nlohmann::json> json_body(const Request& request);

/// By clientId and clientSecret of the body.
Checked<const OidcClient*> check_client(const World& world, const nlohmann::json& body);
/// Whether each of `wanted` was registered.
Checked<void> check_scopes(const World& world, const OidcClient& client, const std::vector<std::string>& wanted);
/// The host's region is the instance's; nothing to say on loopback.
Checked<void> check_region(const RestCall& call, const IdentityCenter& center);
/// RFC 8252: of a loopback address the port does not matter.
bool is_registered(const OidcClient& client, std::string_view redirect_uri);

/// Where pages of the service stand: http://127.0.0.1:PORT, or the real host behind the proxy.
std::string device_page(const RestCall& call, const IdentityCenter& center);

constexpr std::string_view kDeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";
constexpr std::string_view kCodeGrant = "authorization_code";
constexpr std::string_view kRefreshGrant = "refresh_token";
constexpr std::string_view kAccountScope = "sso:account:access";

}  // namespace sim
