#include "aws/service_error.h"

#include "aws/query_xml.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace aws {
namespace {

using base::ErrorKind;

constexpr std::size_t kMessageLimit = 300;
constexpr std::size_t kCodeLimit = 100;
constexpr std::size_t kMostName = 100;

// Of the general retry rules of AWS's SDKs; the suffix "Exception" is gone already. LimitExceeded is not among them: in
// IAM it is a quota.
constexpr std::array<std::string_view, 12> kThrottlingCodes{"Throttling",
                                                            "Throttled",
                                                            "RequestThrottled",
                                                            "TooManyRequests",
                                                            "RequestLimitExceeded",
                                                            "BandwidthLimitExceeded",
                                                            "SlowDown",
                                                            "PriorRequestNotComplete",
                                                            "EC2Throttled",
                                                            "TransactionInProgress",
                                                            "ProvisionedThroughputExceeded",
                                                            "TooManyRequestsError"};
constexpr std::array<std::string_view, 5> kTransientCodes{"RequestTimeout", "IDPCommunicationError", "InternalFailure",
                                                          "InternalError", "ServiceUnavailable"};

struct Rule {
  std::string_view code;        // empty = any
  std::string_view in_message;  // empty = any
  ErrorKind kind;
  std::string_view hint;
};

// The first that fits. Messages as AWS sends them (public reports), so only parts that are unlikely to change.
constexpr std::array kRules{
    Rule{"AccessDenied", "invalid MFA one time pass code", ErrorKind::mfa_rejected,
         "wait for the next code (each works once), then run the command again"},
    Rule{"AccessDenied", "must provide both MFA serial number and one time pass code", ErrorKind::mfa_rejected,
         "run kabuto profile set PROFILE mfa_serial=ARN-OF-THE-DEVICE"},
    Rule{"AccessDenied", "unable to validate MFA code", ErrorKind::mfa_rejected,
         "check mfa_serial: run kabuto profile set PROFILE mfa_serial=ARN-OF-THE-DEVICE"},
    Rule{"AccessDenied", "with session credentials", ErrorKind::denied,
         "GetSessionToken needs a long-lived key: run kabuto explain PROFILE"},
    Rule{"AccessDenied", "not authorized to perform: sts:AssumeRole", ErrorKind::denied,
         "the role's trust policy or the caller's own policy does not allow it: run kabuto explain PROFILE"},
    Rule{"AccessDenied", "not authorized to perform: sts:TagSession", ErrorKind::denied,
         "the role's trust policy must allow sts:TagSession, or the profile send no tags"},
    Rule{"AccessDenied", "not authorized to perform: sts:SetSourceIdentity", ErrorKind::denied,
         "the role's trust policy must allow sts:SetSourceIdentity, or the profile send no source_identity"},
    Rule{"AccessDenied", "", ErrorKind::denied, ""},
    Rule{"ExpiredToken", "", ErrorKind::expired, "run kabuto clear PROFILE, then the command again"},
    Rule{"InvalidClientTokenId", "", ErrorKind::unknown_key,
         "the access key was deleted, switched off or mistyped, or is seconds old: run kabuto list"},
    Rule{"UnrecognizedClient", "", ErrorKind::unknown_key,
         "the access key was deleted, switched off or mistyped, or is seconds old: run kabuto list"},
    Rule{"SignatureDoesNotMatch", "", ErrorKind::denied,
         "the secret access key does not belong to the key id: run kabuto add --replace PROFILE"},
    Rule{"InvalidSignature", "", ErrorKind::denied,
         "the secret access key does not belong to the key id: run kabuto add --replace PROFILE"},
    Rule{"ValidationError", "1 hour session limit for roles assumed by role chaining", ErrorKind::failure,
         "run kabuto profile set PROFILE duration_seconds=3600"},
    Rule{"ValidationError", "exceeds the MaxSessionDuration", ErrorKind::failure,
         "run kabuto profile set PROFILE duration_seconds=3600, or have the role's MaxSessionDuration raised"},
    Rule{"PackedPolicyTooLarge", "", ErrorKind::failure,
         "use fewer or shorter session tags, or a shorter session policy"},
    Rule{"MalformedPolicyDocument", "", ErrorKind::failure, "correct the session policy"},
    Rule{"RegionDisabled", "", ErrorKind::failure,
         "run kabuto profile set PROFILE region=us-east-1, or have STS activated in this region"},
    Rule{"InvalidIdentityToken", "", ErrorKind::denied,
         "the account must trust the identity provider that made the token"},
    Rule{"IDPRejectedClaim", "", ErrorKind::denied, ""},
    Rule{"NoSuchEntity", "", ErrorKind::not_found, ""},
    Rule{"LimitExceeded", "AccessKeysPerUser", ErrorKind::failure,
         "a user has at most two access keys: delete one first"},
    Rule{"NotAuthorized", "", ErrorKind::denied, ""},
    Rule{"UnauthorizedOperation", "", ErrorKind::denied, ""},
    Rule{"OptInRequired", "", ErrorKind::denied, "the account is not signed up for this service or region"},
};

std::string without_suffix(std::string code) {
  constexpr std::string_view kSuffix = "Exception";
  if (code.size() > kSuffix.size() && code.ends_with(kSuffix)) code.resize(code.size() - kSuffix.size());
  return code;
}

// What AWS says after the first line is a copy of what it was sent, token included.
std::string shown(std::string_view text, const secret::Bytes& session_token) {
  text = text.substr(0, text.find_first_of("\r\n"));
  const bool quotes_token = !session_token.empty() && session_token.reveal_text([&](std::string_view token) {
    return text.find(token) != text.npos;
  });
  return quotes_token ? "(AWS's message quotes the session token and is not shown)"
                      : base::printable(text, kMessageLimit);
}

// nullopt where the reply is no XML error of the query protocol.
std::optional<ServiceError> read_xml_error(secret::Bytes body, const secret::Bytes& session_token) {
  const auto reply = XmlReply::parse(std::move(body));
  if (!reply) return std::nullopt;
  const auto root = reply->root();
  ServiceError out;
  for (const auto path : {"Error/", "Errors/Error/", ""}) {
    const auto code = root.optional_text(std::string(path) + "Code");
    if (!code || !*code) continue;
    out.code = without_suffix(base::printable(**code, kCodeLimit));
    if (const auto message = root.secret(std::string(path) + "Message"); message)
      out.message = message->reveal_text([&](std::string_view text) { return shown(text, session_token); });
    break;
  }
  if (out.code.empty()) return std::nullopt;
  for (const auto path : {"RequestId", "ResponseMetadata/RequestId", "RequestID"}) {
    const auto id = root.optional_text(path);
    if (id && *id) out.request_id = base::printable(**id, kCodeLimit);
  }
  return out;
}

}  // namespace

ServiceError read_service_error(http::Response response, const secret::Bytes& session_token) {
  std::string header_id;
  for (const auto name : {"x-amzn-requestid", "x-amz-request-id"})
    if (const auto id = response.header(name); id && header_id.empty()) header_id = base::printable(*id, kCodeLimit);
  auto start =
      response.body.reveal_text([&](std::string_view text) { return shown(base::trim_lines(text), session_token); });
  auto out = read_xml_error(std::move(response.body), session_token);
  if (!out) out = ServiceError{0, {}, std::move(start), {}};
  out->status = response.status;
  if (out->request_id.empty()) out->request_id = header_id;
  return std::move(*out);
}

bool is_throttling(const ServiceError& error) {
  return error.status == 429 || std::ranges::find(kThrottlingCodes, error.code) != kThrottlingCodes.end();
}

bool is_transient(const ServiceError& error) {
  return is_throttling(error) || error.status >= 500 ||
         std::ranges::find(kTransientCodes, error.code) != kTransientCodes.end();
}

ClockSkew clock_skew(const ServiceError& error) {
  if (error.code == "RequestTimeTooSkewed" || error.code == "RequestExpired" || error.code == "RequestInTheFuture")
    return ClockSkew::certain;
  if (error.code != "SignatureDoesNotMatch" && error.code != "InvalidSignature") return ClockSkew::no;
  const bool says_so =
      error.message.starts_with("Signature expired") || error.message.starts_with("Signature not yet current");
  return says_so ? ClockSkew::certain : ClockSkew::possible;
}

base::Error explained(const ServiceError& error) {
  base::Error out;
  out.what = error.code.empty() ? "AWS answered HTTP " + std::to_string(error.status) : error.code;
  if (!error.message.empty()) out.what += ": " + error.message;
  if (!error.request_id.empty()) out.what += " (request id " + error.request_id + ")";
  if (is_transient(error)) {
    out.kind = ErrorKind::unreachable;
    out.hint = is_throttling(error)
                   ? "AWS limits how often this account may ask: wait a moment, then run the command again"
                   : "wait a moment, then run the command again";
    return out;
  }
  for (const auto& rule : kRules) {
    if (rule.code != error.code || error.message.find(rule.in_message) == std::string::npos) continue;
    out.kind = rule.kind;
    out.hint = rule.hint;
    return out;
  }
  if (error.code.empty() && error.status >= 300 && error.status < 400) {
    out.hint = "redirects are never followed: check the endpoint, run kabuto explain PROFILE";
  }
  return out;
}

base::Error naming(base::Error error, const ProfilesOfCall& profiles) {
  const auto put = [&](std::string_view before, const std::string& profile) {
    const std::string words = std::string(before) + " PROFILE";
    const auto at = error.hint.find(words);
    if (at == std::string::npos) return;
    const std::string name = profile.empty() ? "" : " " + base::printable(profile, kMostName);
    error.hint.replace(at, words.size(), std::string(before) + name);
  };
  put("add --replace", profiles.of_key);
  put("profile set", profiles.of_call);
  put("explain", profiles.asked_for);
  put("clear", profiles.asked_for);
  return error;
}

}  // namespace aws
