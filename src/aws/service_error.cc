#include "aws/service_error.h"

#include "aws/query_xml.h"
#include "base/text.h"
#include "secret/json_reader.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

namespace aws {
namespace {

using base::ErrorKind;
using Sent = std::span<const secret::Bytes* const>;

constexpr std::size_t kMessageLimit = 300;
constexpr std::size_t kCodeLimit = 100;
constexpr std::size_t kMostName = 100;
constexpr std::size_t kQuotedPiece = 16;

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
    Rule{"SignatureDoesNotMatch", "scoped to a valid region", ErrorKind::failure,
         "the endpoint is of another region: check the region (--region, AWS_REGION, the profile's) and "
         "AWS_ENDPOINT_URL"},
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

// Of what secrets are made, and most names are not for so long.
bool is_token_sign(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '+' || c == '=';
}

// Whether the text holds all of the secret, or a piece of it that is too long for chance.
bool quotes(std::string_view text, std::string_view secret) {
  if (secret.empty()) return false;
  if (text.find(secret) != text.npos) return true;
  std::size_t run = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    run = is_token_sign(text[i]) ? run + 1 : 0;
    if (run >= kQuotedPiece && secret.find(text.substr(i + 1 - kQuotedPiece, kQuotedPiece)) != secret.npos) return true;
  }
  return false;
}

// nullopt where the reply is no XML error of the query protocol.
std::optional<ServiceError> read_xml_error(secret::Bytes body, Sent sent) {
  const auto reply = XmlReply::parse(std::move(body));
  if (!reply) return std::nullopt;
  const auto root = reply->root();
  ServiceError out;
  for (const auto path : {"Error/", "Errors/Error/", ""}) {
    const auto code = root.optional_text(std::string(path) + "Code");
    if (!code || !*code) continue;
    out.code = without_suffix(base::printable(**code, kCodeLimit));
    if (const auto message = root.secret(std::string(path) + "Message"); message)
      out.message = message->reveal_text([&](std::string_view text) { return shown(text, sent); });
    break;
  }
  if (out.code.empty()) return std::nullopt;
  for (const auto path : {"RequestId", "ResponseMetadata/RequestId", "RequestID"}) {
    const auto id = root.optional_text(path);
    if (id && *id) out.request_id = base::printable(**id, kCodeLimit);
  }
  return out;
}

// "authorization_pending" as its exception is named: "AuthorizationPending".
std::string camel_case(std::string_view name) {
  std::string out;
  for (const auto word : base::split(name, '_')) {
    if (word.empty()) continue;
    out += word.front() >= 'a' && word.front() <= 'z' ? static_cast<char>(word.front() - 'a' + 'A') : word.front();
    out += word.substr(1);
  }
  return out;
}

// "com.amazonaws.sso#UnauthorizedException:http://…" → "Unauthorized".
std::string code_of(std::string_view type) {
  type = type.substr(0, type.find(':'));
  if (const auto mark = type.rfind('#'); mark != type.npos) type.remove_prefix(mark + 1);
  return without_suffix(base::printable(base::trim(type), kCodeLimit));
}

struct JsonError {
  std::string type, error, description, message, reason;
};

base::Result<JsonError> parse_json_error(std::span<std::byte> body, Sent sent) {
  secret::JsonReader json(body);
  JsonError out;
  const auto member = [&](std::string_view name) -> base::Result<void> {
    auto* const into = name == "__type"                         ? &out.type
                       : name == "error"                        ? &out.error
                       : name == "error_description"            ? &out.description
                       : name == "message" || name == "Message" ? &out.message
                       : name == "reason"                       ? &out.reason
                                                                : nullptr;
    if (into == nullptr || TRY(json.peek()) != secret::JsonKind::text) return json.skip();
    *into = shown(TRY(json.text()), sent);
    return {};
  };
  TRY(json.object(member));
  TRY(json.end());
  return out;
}

// nullopt where the reply is no JSON error. `type` is the header's.
std::optional<ServiceError> read_json_error(secret::Bytes& body, std::string_view type, Sent sent) {
  const auto read = body.edit([&](std::span<std::byte> text) { return parse_json_error(text, sent); });
  if (!read) return std::nullopt;
  ServiceError out;
  out.code = code_of(!type.empty() ? type : read->type);
  if (out.code.empty()) out.code = camel_case(read->error);
  out.word = read->error;
  for (const auto* text : {&read->description, &read->message, &read->error})
    if (out.message.empty()) out.message = *text;
  if (!read->reason.empty() && out.message.size() + read->reason.size() < kMessageLimit)
    out.message += " (" + read->reason + ")";
  return out;
}

std::optional<base::Duration> server_wish(const http::Response& response) {
  if (const auto text = response.header("x-amz-retry-after")) {
    if (const auto value = base::parse_integer(*text); value && *value >= 0 && *value < 1'000'000'000)
      return base::Duration(*value);
  }
  if (const auto text = response.header("retry-after")) {
    if (const auto value = base::parse_integer(*text); value && *value >= 0 && *value < 1'000'000)
      return std::chrono::seconds(*value);
  }
  return std::nullopt;
}

}  // namespace

// What AWS says after the first line is a copy of what it was sent, token included.
std::string shown(std::string_view text, Sent sent) {
  text = text.substr(0, text.find_first_of("\r\n"));
  // What is cut off is not shown, but may be what tells that a token begins before the cut.
  text = text.substr(0, kMessageLimit + kQuotedPiece);
  for (const auto* one : sent)
    if (one->reveal_text([&](std::string_view secret) { return quotes(text, secret); }))
      return "(AWS's message quotes what it was sent and is not shown)";
  return base::printable(text, kMessageLimit);
}

ServiceError read_service_error(http::Response response, Sent sent) {
  std::string header_id;
  for (const auto name : {"x-amzn-requestid", "x-amz-request-id"})
    if (const auto id = response.header(name); id && header_id.empty()) header_id = base::printable(*id, kCodeLimit);
  const auto type = response.header("x-amzn-errortype").value_or("");
  bool is_json = false;
  auto start = response.body.reveal_text([&](std::string_view text) {
    text = base::trim_lines(text);
    is_json = text.starts_with('{');
    return shown(text, sent);
  });
  auto out = is_json ? read_json_error(response.body, type, sent) : read_xml_error(std::move(response.body), sent);
  if (!out) {
    out.emplace();
    out->code = code_of(type);
    out->message = std::move(start);
  }
  out->status = response.status;
  out->wish = server_wish(response);
  if (out->request_id.empty()) out->request_id = header_id;
  // Where a server says them, they are texts like any other.
  for (std::string* const name : {&out->code, &out->word, &out->request_id})
    if (!name->empty()) *name = shown(*name, sent);
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
  // A proof of possession holds a time too, and its refusal names nothing else.
  if (error.code == "Validation" && error.message.find("DPoP") != std::string::npos) return ClockSkew::possible;
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
