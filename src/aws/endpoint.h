// Service and region to URL and signing region, or the reason why not. It opens nothing.
#pragma once

#include "aws/settings.h"
#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace aws {

enum class Service : std::uint8_t {
  sts,
  iam,
  sso,
  sso_oidc,
  signin,  // the console's sign-in by federation
  login,   // the tokens of `aws login`
  roles_anywhere,
};

struct Endpoint {
  std::string url;  // "https://sts.eu-west-1.amazonaws.com", no path, no trailing slash
  std::string signing_region;
  std::string signing_name;  // "sts"
  std::string origin;        // who configured the URL; empty for AWS's own
  /// A configured URL that is not on loopback: cli/ shows it once on stderr.
  bool needs_notice = false;
};

/// Where calls of `service` go. Without a region STS is that of us-east-1; IAM is global per partition.
/// Errors: refused (hostile region, http to a host that is not loopback), failure (FIPS or dual-stack with a custom
/// URL).
base::Result<Endpoint> resolve_endpoint(Service service, const SettingSources& from);

/// As above for a known region, for chained calls that leave the profile's own region.
base::Result<Endpoint> resolve_endpoint(Service service, const SettingSources& from, std::string_view region);

/// The same for a service that kabuto itself never calls, by its signing name ("s3", "dynamodb"). Errors: usage, where
/// the service has no endpoint of its own (every API or domain has one) and none is configured.
base::Result<Endpoint> resolve_named_endpoint(std::string_view signing_name, const SettingSources& from,
                                              std::string_view region);

/// Whether a URL's host is localhost, *.localhost, 127.0.0.0/8 or ::1; false for anything that does not parse.
bool is_loopback_url(std::string_view url);

}  // namespace aws
