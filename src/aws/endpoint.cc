#include "aws/endpoint.h"

#include "aws/partition.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace aws {
namespace {

using base::ErrorKind;
using base::fail;
using std::string_view;

constexpr std::size_t kLongestUrl = 2048;
constexpr string_view kRegionOfLast = "us-east-1";  // where nobody names a region

// Where sts_regional_endpoints = legacy still means sts.amazonaws.com; younger regions have no other than their own.
constexpr std::array<string_view, 16> kGlobalStsRegions = {
    "ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "aws-global", "ca-central-1",
    "eu-central-1",   "eu-north-1", "eu-west-1",      "eu-west-2",      "eu-west-3",  "sa-east-1",
    "us-east-1",      "us-east-2",  "us-west-1",      "us-west-2"};

struct ServiceNames {
  string_view id;       // as in AWS_ENDPOINT_URL_<ID> and in services sections
  string_view signing;  // SigV4 scope
  string_view host;
  string_view fips_host;
};

ServiceNames names_of(Service service) {
  switch (service) {
    case Service::sts:
      return {"sts", "sts", "sts", "sts-fips"};
    case Service::iam:
      return {"iam", "iam", "iam", "iam-fips"};
    case Service::sso:
      return {"sso", "awsssoportal", "portal.sso", "portal.sso-fips"};
    case Service::sso_oidc:
      return {"sso_oidc", "sso-oauth", "oidc", "oidc-fips"};
    case Service::signin:
      return {"signin", "signin", "signin", "signin"};
    case Service::login:
      return {"signin", "signin", "signin", "signin-fips"};
    case Service::roles_anywhere:
      return {"rolesanywhere", "rolesanywhere", "rolesanywhere", "rolesanywhere-fips"};
  }
  return {};
}

struct Url {
  string_view scheme;
  string_view host;  // without the brackets of IPv6
  string_view text;  // all of it, trailing slashes cut
};

bool digits(string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// scheme://host[:port][/path] and nothing else: no user, query, fragment or escape.
std::optional<Url> parse_url(string_view text) {
  if (text.size() > kLongestUrl) return std::nullopt;
  while (text.ends_with('/')) text.remove_suffix(1);
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
  };
  Url url{{}, {}, text};
  const auto colon = text.find("://");
  if (colon == string_view::npos) return std::nullopt;
  url.scheme = text.substr(0, colon);
  text.remove_prefix(colon + 3);
  const auto slash = text.find('/');
  string_view authority = text.substr(0, slash);
  const string_view path = slash == string_view::npos ? string_view() : text.substr(slash);
  if (!std::ranges::all_of(path, [&](char c) { return plain(c) || c == '/' || c == '~'; })) return std::nullopt;
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == string_view::npos) return std::nullopt;
    url.host = authority.substr(1, close - 1);
    authority.remove_prefix(close + 1);
    if (!std::ranges::all_of(url.host, [](char c) {
          return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') || c == ':' || c == '.';
        }))
      return std::nullopt;
  } else {
    url.host = authority.substr(0, authority.find(':'));
    authority.remove_prefix(url.host.size());
    if (!std::ranges::all_of(url.host, plain)) return std::nullopt;
  }
  if (url.host.empty()) return std::nullopt;
  if (!authority.empty()) {
    const string_view port = authority.substr(1);
    if (authority[0] != ':' || !digits(port) || port.size() > 5 || *base::parse_integer(port) > 65535)
      return std::nullopt;
  }
  return url;
}

bool is_loopback(string_view host) {
  const std::string name = base::lower_ascii(host);
  if (name == "localhost" || name.ends_with(".localhost") || name == "::1") return true;
  const auto octets = base::split(name, '.');
  return octets.size() == 4 && octets[0] == "127" && std::ranges::all_of(octets, [](string_view octet) {
           return digits(octet) && octet.size() <= 3 && *base::parse_integer(octet) <= 255;
         });
}

struct Variant {
  bool fips = false;
  bool dual_stack = false;
};

std::string sts_url(const Partition& partition, string_view region, Variant variant, StsEndpoints choice,
                    std::string& signing_region) {
  const bool plain = !variant.fips && !variant.dual_stack;
  const bool legacy =
      choice == StsEndpoints::legacy && std::ranges::find(kGlobalStsRegions, region) != kGlobalStsRegions.end();
  if (plain && (legacy || region == "aws-global")) {
    signing_region = kRegionOfLast;
    return "https://sts.amazonaws.com";
  }
  // GovCloud's own endpoints are FIPS endpoints under the plain name.
  const bool plain_name = !variant.fips || (partition.id == "aws-us-gov" && !variant.dual_stack);
  return fmt::format("https://{}.{}.{}", plain_name ? "sts" : "sts-fips", region,
                     variant.dual_stack ? partition.dual_stack_suffix : partition.dns_suffix);
}

/// IAM has one endpoint for a whole partition.
std::string iam_url(const Partition& partition, Variant variant, std::string& signing_region) {
  signing_region = partition.id == "aws-cn" ? "cn-north-1" : partition.global_region;
  const string_view host = variant.fips && partition.id != "aws-us-gov" ? "iam-fips" : "iam";
  if (partition.id == "aws")
    return variant.dual_stack ? fmt::format("https://{}.global.api.aws", host)
                              : fmt::format("https://{}.amazonaws.com", host);
  if (partition.id == "aws-us-gov")
    return variant.dual_stack ? "https://iam.us-gov.api.aws" : "https://iam.us-gov.amazonaws.com";
  return fmt::format("https://{}.{}.{}", host, signing_region,
                     variant.dual_stack ? partition.dual_stack_suffix : partition.dns_suffix);
}

/// The console's names in one partition.
struct SignInHost {
  string_view partition, host, home_region;
};

SignInHost sign_in_host(const Partition& partition) {
  constexpr std::array<SignInHost, 8> kHosts = {{{"aws", "signin.aws.amazon.com", "us-east-1"},
                                                 {"aws-cn", "signin.amazonaws.cn", "cn-north-1"},
                                                 {"aws-us-gov", "signin.amazonaws-us-gov.com", "us-gov-west-1"},
                                                 {"aws-eusc", "signin.amazonaws-eusc.eu", "eusc-de-east-1"},
                                                 {"aws-iso", "signin.c2shome.ic.gov", ""},
                                                 {"aws-iso-b", "signin.sc2shome.sgov.gov", ""},
                                                 {"aws-iso-e", "signin.csphome.adc-e.uk", ""},
                                                 {"aws-iso-f", "signin.csphome.hci.ic.gov", ""}}};
  const auto* const found = std::ranges::find(kHosts, partition.id, &SignInHost::partition);
  return found == kHosts.end() ? kHosts[0] : *found;
}

/// Federation into the console has neither FIPS nor dual-stack names.
std::string sign_in_url(const Partition& partition, string_view region) {
  const SignInHost host = sign_in_host(partition);
  return host.home_region == region || host.home_region.empty() ? fmt::format("https://{}", host.host)
                                                                : fmt::format("https://{}.{}", region, host.host);
}

/// The tokens of `aws login`: the console's host of the region.
std::string login_url(const Partition& partition, string_view region, Variant variant) {
  if (variant.dual_stack)
    return fmt::format("https://signin{}.{}.{}", variant.fips ? "-fips" : "", region, partition.dual_stack_suffix);
  if (!variant.fips) return fmt::format("https://{}.{}", region, sign_in_host(partition).host);
  if (partition.id != "aws-us-gov") return fmt::format("https://signin-fips.{}.{}", region, partition.dns_suffix);
  return region == "us-gov-west-1" ? "https://signin-fips.amazonaws-us-gov.com"
                                   : fmt::format("https://{}.signin-fips.amazonaws-us-gov.com", region);
}

base::Result<void> use_custom(Endpoint& endpoint, const Choice& custom, Variant variant) {
  if (variant.fips)
    return fail(ErrorKind::failure,
                fmt::format("Invalid Configuration: FIPS and custom endpoint are not supported ({})", custom.origin));
  if (variant.dual_stack)
    return fail(
        ErrorKind::failure,
        fmt::format("Invalid Configuration: Dualstack and custom endpoint are not supported ({})", custom.origin));
  const auto url = parse_url(custom.value);
  if (!url)
    return fail(ErrorKind::refused,
                fmt::format("the endpoint URL of {} is not of the form https://host[:port][/path]", custom.origin));
  const bool loopback = is_loopback(url->host);
  if (url->scheme != "https" && !(url->scheme == "http" && loopback))
    return fail(ErrorKind::refused,
                fmt::format("the endpoint URL {} of {} is neither https nor on this machine",
                            base::printable(custom.value), custom.origin),
                "give it as https://…, or take the setting out");
  endpoint.url = url->text;
  endpoint.origin = custom.origin;
  endpoint.needs_notice = !loopback;
  return {};
}

/// Services whose host is not called as their signing name, or not by region.
struct OddHost {
  string_view signing, host;
  string_view region;  // the one that signs for all of the partition aws; empty: each region has its own
};
constexpr std::array<OddHost, 6> kOddHosts = {{{"ses", "email", ""},
                                               {"cloudfront", "cloudfront", "us-east-1"},
                                               {"organizations", "organizations", "us-east-1"},
                                               {"route53", "route53", "us-east-1"},
                                               {"shield", "shield", "us-east-1"},
                                               {"waf", "waf", "us-east-1"}}};
/// Their calls go to a host of each API, domain or collection.
constexpr std::array<string_view, 6> kHostsOfTheirOwn = {"aoss",        "appsync",    "es",
                                                         "execute-api", "lambda-url", "vpc-lattice-svcs"};

std::string named_url(string_view service, const Partition& partition, string_view region, Variant variant,
                      std::string& signing_region) {
  const string_view suffix = variant.dual_stack ? partition.dual_stack_suffix : partition.dns_suffix;
  const string_view fips = variant.fips ? "-fips" : "";
  // S3 had its dual-stack names before there was a suffix for them.
  if (service == "s3")
    return fmt::format("https://s3{}.{}{}.{}", fips, variant.dual_stack ? "dualstack." : "", region,
                       partition.dns_suffix);
  const auto* const odd = std::ranges::find(kOddHosts, service, &OddHost::signing);
  if (odd == kOddHosts.end()) return fmt::format("https://{}{}.{}.{}", service, fips, region, suffix);
  if (odd->region.empty() || partition.id != "aws")
    return fmt::format("https://{}{}.{}.{}", odd->host, fips, region, suffix);
  signing_region = odd->region;
  return odd->host == "organizations" || odd->host == "shield"
             ? fmt::format("https://{}{}.{}.{}", odd->host, fips, odd->region, suffix)
             : fmt::format("https://{}{}.{}", odd->host, fips, suffix);
}

}  // namespace

base::Result<Endpoint> resolve_named_endpoint(std::string_view signing_name, const SettingSources& from,
                                              std::string_view region) {
  if (signing_name == "sts") return resolve_endpoint(Service::sts, from, region);
  if (signing_name == "iam") return resolve_endpoint(Service::iam, from, region);
  TRY(check_region(region, "the region of the calls"));
  Variant variant;
  variant.fips = TRY(use_fips(from));
  variant.dual_stack = TRY(use_dualstack(from));
  Endpoint endpoint;
  endpoint.signing_name = signing_name;
  endpoint.signing_region = region;
  std::string id(signing_name);
  std::ranges::replace(id, '-', '_');
  if (const auto custom = TRY(endpoint_url(from, id))) {
    TRY(use_custom(endpoint, *custom, variant));
    return endpoint;
  }
  if (std::ranges::find(kHostsOfTheirOwn, signing_name) != kHostsOfTheirOwn.end())
    return fail(ErrorKind::usage,
                fmt::format("{} has no endpoint of its own: every API or domain has one", signing_name),
                "add --endpoint-url https://HOST");
  endpoint.url = named_url(signing_name, partition_of_region(region), region, variant, endpoint.signing_region);
  return endpoint;
}

base::Result<Endpoint> resolve_endpoint(Service service, const SettingSources& from) {
  const auto chosen = TRY(region(from));
  return resolve_endpoint(service, from, chosen ? string_view(chosen->value) : kRegionOfLast);
}

base::Result<Endpoint> resolve_endpoint(Service service, const SettingSources& from, std::string_view region) {
  TRY(check_region(region, "the region of the call"));
  const ServiceNames names = names_of(service);
  Variant variant;
  variant.fips = TRY(use_fips(from));
  variant.dual_stack = TRY(use_dualstack(from));
  const StsEndpoints sts_choice = TRY(sts_endpoints(from));
  const Partition& partition = partition_of_region(region);
  Endpoint endpoint;
  endpoint.signing_name = names.signing;
  endpoint.signing_region = region;
  if (service == Service::sts)
    endpoint.url = sts_url(partition, region, variant, sts_choice, endpoint.signing_region);
  else if (service == Service::iam)
    endpoint.url = iam_url(partition, variant, endpoint.signing_region);
  else if (service == Service::signin)
    endpoint.url = sign_in_url(partition, region);
  else if (service == Service::login)
    endpoint.url = login_url(partition, region, variant);
  else
    endpoint.url = fmt::format("https://{}.{}.{}", variant.fips ? names.fips_host : names.host, region,
                               variant.dual_stack ? partition.dual_stack_suffix : partition.dns_suffix);
  if (const auto custom = TRY(endpoint_url(from, names.id))) TRY(use_custom(endpoint, *custom, variant));
  return endpoint;
}

bool is_loopback_url(std::string_view url) {
  const auto parsed = parse_url(url);
  return parsed && is_loopback(parsed->host);
}

}  // namespace aws
