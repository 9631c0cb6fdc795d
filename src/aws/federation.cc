#include "aws/federation.h"

#include "aws/json_reply.h"
#include "aws/partition.h"
#include "aws/percent_encoding.h"
#include "base/text.h"
#include "secret/json_writer.h"

#include <algorithm>
#include <array>
#include <utility>

namespace aws {
namespace {

using base::ErrorKind;
using std::string_view;
using std::chrono::seconds;

constexpr seconds kShortest{900};
constexpr seconds kLongest{43'200};
constexpr std::size_t kMostForm = std::size_t{512} * 1024;  // every byte of a session escaped, twice
constexpr std::size_t kMostSession = std::size_t{16} * 1024;
constexpr std::size_t kLongestPath = 2000;
constexpr std::size_t kLongestService = 64;
constexpr string_view kTarget = "/federation";
constexpr string_view kLogoutAtAws = "https://us-east-1.signin.aws.amazon.com";

struct Hosts {
  string_view partition;
  string_view console;
  string_view home_region;  // of the console's own host name; all others have a regional one
};
constexpr std::array<Hosts, 4> kHosts = {{
    {"aws", "console.aws.amazon.com", "us-east-1"},
    {"aws-cn", "console.amazonaws.cn", "cn-north-1"},
    {"aws-us-gov", "console.amazonaws-us-gov.com", "us-gov-west-1"},
    {"aws-eusc", "console.amazonaws-eusc.eu", "eusc-de-east-1"},
}};

base::Result<const Hosts*> hosts_of(string_view region) {
  const Partition& partition = partition_of_region(region);
  const auto found = std::ranges::find(kHosts, partition.id, &Hosts::partition);
  if (found != kHosts.end()) return &*found;
  return base::fail(ErrorKind::refused, "the console of partition " + std::string(partition.id) + " is not public");
}

// Where the console's path is not the name that the AWS CLI gives the service.
struct Alias {
  string_view service;
  string_view path;
};
constexpr std::array<Alias, 22> kAliases = {{{"cfn", "cloudformation"},
                                             {"cloudtrail", "cloudtrailv2"},
                                             {"codebuild", "codesuite/codebuild"},
                                             {"codecommit", "codesuite/codecommit"},
                                             {"codedeploy", "codesuite/codedeploy"},
                                             {"codepipeline", "codesuite/codepipeline"},
                                             {"cw", "cloudwatch"},
                                             {"ddb", "dynamodbv2"},
                                             {"dynamodb", "dynamodbv2"},
                                             {"ecs", "ecs/v2"},
                                             {"events", "events"},
                                             {"logs", "cloudwatch"},
                                             {"redshift", "redshiftv2"},
                                             {"route53", "route53/v2"},
                                             {"sfn", "states"},
                                             {"sns", "sns/v3"},
                                             {"sqs", "sqs/v3"},
                                             {"ssm", "systems-manager"},
                                             {"sso", "singlesignon"},
                                             {"stepfunctions", "states"},
                                             {"vpc", "vpcconsole"},
                                             {"wafv2", "wafv2/homev2"}}};

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

base::Result<std::string> path_of_service(string_view service) {
  const bool name = service.size() <= kLongestService && is_word(service.front()) &&
                    std::ranges::all_of(service, [](char c) { return is_word(c) || c == '-'; });
  if (!name)
    return base::fail(ErrorKind::refused,
                      "no service of the console: " + base::printable(service, 60) + ": letters, digits and '-' only",
                      "use --path /… for a page");
  const std::string lower = base::lower_ascii(service);
  const auto alias = std::ranges::find(kAliases, lower, &Alias::service);
  return "/" + (alias == kAliases.end() ? lower : std::string(alias->path)) + "/home";
}

/// Only what a page's path, query and fragment need; and nothing that leads to another host.
base::Result<void> check_path(string_view path) {
  constexpr string_view kSigns = "-._~:/?#@!$&'()*+,;=%";
  const bool plain = path.size() <= kLongestPath && path.starts_with('/') && !path.starts_with("//") &&
                     std::ranges::all_of(path, [&](char c) { return is_word(c) || kSigns.find(c) != kSigns.npos; });
  if (plain) return {};
  return base::fail(ErrorKind::refused,
                    "no page of the console: " + base::printable(path, 60) +
                        ": it must begin with one '/' and hold only what a URL holds",
                    "write it as /cloudwatch/home#dashboards");
}

/// {"sessionId":…,"sessionKey":…,"sessionToken":…}
base::Result<secret::Bytes> session_json(const Credentials& credentials) {
  const std::size_t size =
      credentials.access_key_id.size() + credentials.secret_access_key.size() + credentials.session_token.size();
  if (credentials.session_token.empty() || size > kMostSession)
    return base::fail(ErrorKind::failure, "the credentials are no session that the console can be opened with");
  secret::JsonWriter json(kMostForm);
  json.text("sessionId", credentials.access_key_id)
      .secret("sessionKey", credentials.secret_access_key)
      .secret("sessionToken", credentials.session_token);
  return std::move(json).take();
}

base::Result<secret::Bytes> token_of(secret::Bytes body) {
  secret::Bytes token;
  const auto member = [&](secret::JsonReader& json, string_view name) -> base::Result<bool> {
    if (name != "SigninToken") return false;
    token = TRY(json_secret(json, name));
    return true;
  };
  TRY(read_json_reply(std::move(body), member));
  if (token.empty()) return not_as_documented("no SigninToken");
  return token;
}

base::Error refused_session(const ServiceError& refusal, bool with_duration) {
  // AWS says 400 with an empty or an HTML body, whatever the reason.
  base::Error error{ErrorKind::denied,
                    "AWS's sign-in refuses this session for the console (HTTP " + std::to_string(refusal.status) + ")",
                    "run kabuto clear PROFILE, then try again"};
  if (with_duration) {
    error.what += ": it has expired, or the console session is longer than AWS gives it";
    error.hint = "leave --duration out";
  } else {
    error.what += ": it has expired, or is not one of a role or of GetFederationToken";
  }
  return error;
}

}  // namespace

base::Result<std::string> console_url(std::string_view region, std::string_view service, std::string_view path) {
  TRY(check_region(region, "the region of the console"));
  const Hosts* const hosts = TRY(hosts_of(region));
  std::string page = "/console/home";
  if (!path.empty()) {
    TRY(check_path(path));
    page = path;
  } else if (!service.empty()) {
    page = TRY(path_of_service(service));
  }
  const std::string where(region);
  if (path.empty()) page += "?region=" + where;
  const std::string host(hosts->console);
  return "https://" + (region == hosts->home_region ? host : where + "." + host) + page;
}

base::Result<Endpoint> federation_endpoint(const SettingSources& from, std::string_view region) {
  TRY(hosts_of(region));
  return resolve_endpoint(Service::signin, from, region);
}

base::Result<secret::Bytes> signin_token(Client& client, const Endpoint& endpoint, const Credentials& credentials,
                                         std::optional<std::chrono::seconds> duration) {
  if (duration && (*duration < kShortest || *duration > kLongest))
    return base::fail(ErrorKind::refused, "a console session lasts 15m to 12h, not " + base::human_duration(*duration));
  const secret::Bytes session = TRY(session_json(credentials));
  secret::Buffer form(kMostForm);
  const auto put = [&](string_view text) { return form.append(std::as_bytes(std::span(text))); };
  bool fits = put("Action=getSigninToken");
  if (duration) fits = fits && put("&SessionDuration=" + std::to_string(duration->count()));
  fits = fits && put("&Session=") &&
         session.reveal_text([&](string_view text) { return append_percent_encoded(form, text); });
  if (!fits) return base::fail(ErrorKind::refused, "the session is too long for the console's sign-in");
  UnsignedCall call;
  call.target = kTarget;
  call.content_type = "application/x-www-form-urlencoded";
  call.body = std::move(form).take();
  auto reply = TRY(client.call_unsigned(endpoint, std::move(call), Repeat::freely));
  if (!reply) {
    if (reply.error().status >= 400 && reply.error().status < 500 && !is_throttling(reply.error()))
      return std::unexpected(refused_session(reply.error(), duration.has_value()));
    return std::unexpected(explained(reply.error()));
  }
  return token_of(std::move(*reply));
}

secret::Bytes login_url(const Endpoint& endpoint, const secret::Bytes& token, std::string_view destination,
                        std::string_view issuer) {
  secret::Buffer out(kMostForm);
  const auto put = [&](string_view text) { (void)out.append(std::as_bytes(std::span(text))); };
  put(endpoint.url);
  put(kTarget);
  put("?Action=login&Issuer=");
  put(base::percent_encode(issuer));
  put("&Destination=");
  put(base::percent_encode(destination));
  put("&SigninToken=");
  token.reveal_text([&](string_view text) { (void)append_percent_encoded(out, text); });
  return std::move(out).take();
}

secret::Bytes logout_url(const Endpoint& endpoint, const secret::Bytes& login) {
  secret::Buffer out(kMostForm);
  const auto put = [&](string_view text) { (void)out.append(std::as_bytes(std::span(text))); };
  // Where AWS's own console signs out; an endpoint that stands in for AWS does so itself.
  put(string_view(endpoint.url).ends_with("signin.aws.amazon.com") ? kLogoutAtAws : endpoint.url);
  put("/oauth?Action=logout&redirect_uri=");
  login.reveal_text([&](string_view text) { (void)append_percent_encoded(out, text); });
  return std::move(out).take();
}

std::string portal_shortcut(std::string_view start_url, std::string_view account_id, std::string_view role_name,
                            std::string_view destination) {
  start_url = start_url.substr(0, start_url.find('#'));
  while (start_url.ends_with('/')) start_url.remove_suffix(1);
  std::string link = std::string(start_url) + "/#/console?account_id=" + base::percent_encode(account_id) +
                     "&role_name=" + base::percent_encode(role_name);
  if (!destination.empty()) link += "&destination=" + base::percent_encode(destination);
  return link;
}

}  // namespace aws
