// A start URL as a person wrote it, made into the one AWS's service is told: AWS's own hosts as they are, a company's
// own name by following its one redirect. It decides by the host alone and trusts nothing in the reply but Location.
#pragma once

#include "base/result.h"
#include "http/client.h"

#include <optional>
#include <string>
#include <string_view>

namespace aws {

/// Whether the host is one of AWS's for Identity Center; full match of name or suffix, any case, one final dot allowed.
bool is_aws_sso_host(std::string_view host);
/// The region that the host name of a portal says; nullopt where it says none.
std::optional<std::string> region_of_sso_host(std::string_view host);

/// Without the port that goes without saying, without query, fragment and the slash at its end. Error: refused, where
/// it is no URL.
base::Result<std::string> normalized_start_url(std::string_view text);

struct StartUrl {
  std::string url;     // normalized; the configured one still names the cache
  std::string region;  // of the host, else the configured one
};

/// `region`: the configured one, may be empty. Calls the server only for a host that is not AWS's (HEAD, then GET; one
/// redirect, 10 s). Errors: refused (not https, redirect to a host that is not AWS's, more than one), failure (no
/// region known, with the hint to set sso_region), unreachable.
base::Result<StartUrl> resolve_start_url(http::Client& http, std::string_view configured, std::string_view region);

}  // namespace aws
