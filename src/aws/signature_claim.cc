#include "aws/signature_claim.h"

#include "base/text.h"
#include "http/status.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace aws {
namespace {

using std::string_view;
using Refused = std::unexpected<ServiceRefusal>;

constexpr string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr string_view kTerminator = "aws4_request";
constexpr std::size_t kSignatureDigits = 64;
constexpr std::size_t kStampSize = 16, kDateSize = 8;
constexpr std::size_t kScopeParts = 5;  // key, date, region, service, terminator
constexpr std::size_t kMostSignedHeaders = 64;
constexpr base::Duration kAllowedSkew = std::chrono::minutes{15};
constexpr std::chrono::seconds kLongestPresigned{7 * 24 * 3600};
constexpr std::array<string_view, 7> kQueryNames{"X-Amz-Algorithm",     "X-Amz-Credential", "X-Amz-Date",
                                                 "X-Amz-Expires",       "X-Amz-Signature",  "X-Amz-SignedHeaders",
                                                 "X-Amz-Security-Token"};

Refused refuse(int status, string_view code, std::string message) {
  return Refused({status, std::string(code), std::move(message)});
}

Refused malformed(SignatureForm form, std::string why) {
  return refuse(http::kBadRequest,
                form == SignatureForm::header ? "AuthorizationHeaderMalformed" : "AuthorizationQueryParametersError",
                std::move(why));
}

Refused older_signature() {
  return refuse(http::kBadRequest, "InvalidRequest",
                "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256. "
                "(kabuto: this tool signs by Signature Version 2; set it to version 4)");
}

bool is_lower_hex(string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_header_word(string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

std::optional<string_view> header_of(const std::vector<http::Header>& headers, string_view name) {
  for (const auto& header : headers)
    if (base::equals_ignoring_case(header.name, name)) return header.value;
  return std::nullopt;
}

std::size_t count_of(const std::vector<http::Header>& headers, string_view name) {
  return static_cast<std::size_t>(std::ranges::count_if(
      headers, [&](const http::Header& header) { return base::equals_ignoring_case(header.name, name); }));
}

using Fields = std::map<std::string, std::string, std::less<>>;

std::expected<void, ServiceRefusal> read_credential(const Fields& fields, SignatureClaim& claim) {
  const auto parts = base::split(string_view(fields.at("Credential")), '/');
  // An access key id holds no slash, so the scope is what follows the first.
  if (parts.size() != kScopeParts || parts[4] != kTerminator ||
      std::ranges::any_of(parts, [](string_view part) { return part.empty() || part.size() > 128; }))
    return malformed(claim.form, "The Credential is not of the form KEY/DATE/REGION/SERVICE/aws4_request.");
  claim.key_id = parts[0];
  claim.date = parts[1];
  claim.region = parts[2];
  claim.service = parts[3];
  return {};
}

std::expected<void, ServiceRefusal> read_signed(const Fields& fields, SignatureClaim& claim) {
  const auto names = base::split(string_view(fields.at("SignedHeaders")), ';');
  if (names.size() > kMostSignedHeaders || !std::ranges::all_of(names, is_header_word) ||
      !std::ranges::is_sorted(names) || std::ranges::adjacent_find(names) != names.end())
    return malformed(claim.form, "SignedHeaders is not a sorted list of lower-case names.");
  claim.signed_headers.assign(names.begin(), names.end());
  claim.signature = fields.at("Signature");
  if (claim.signature.size() != kSignatureDigits || !is_lower_hex(claim.signature))
    return refuse(http::kForbidden, "SignatureDoesNotMatch", "The Signature is not 64 hexadecimal digits.");
  if (!claim.signs("host")) return malformed(claim.form, "SignedHeaders must hold host.");
  return {};
}

std::expected<void, ServiceRefusal> read_stamp(string_view stamp, SignatureClaim& claim) {
  const bool shaped = stamp.size() == kStampSize && stamp[kDateSize] == 'T' && stamp.back() == 'Z';
  std::optional<base::Instant> when;
  if (shaped)
    when = base::parse_iso8601(std::string(stamp.substr(0, 4)).append("-").append(stamp.substr(4, 2)).append("-") +
                               std::string(stamp.substr(6, 5)).append(":").append(stamp.substr(11, 2)).append(":") +
                               std::string(stamp.substr(13)));
  if (!when || base::basic_iso8601(*when) != stamp)
    return refuse(http::kForbidden, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header");
  claim.stamp = stamp;
  claim.when = *when;
  if (claim.stamp.substr(0, kDateSize) != claim.date)
    return malformed(claim.form, "The date of the Credential is not that of the request.");
  return {};
}

std::expected<SignatureClaim, ServiceRefusal> read_header_form(string_view text,
                                                               const std::vector<http::Header>& headers) {
  SignatureClaim claim;
  if (!text.starts_with(kAlgorithm) || text.size() == kAlgorithm.size() || text[kAlgorithm.size()] != ' ') {
    if (text.starts_with("AWS ")) return older_signature();
    return refuse(http::kBadRequest, "InvalidRequest",
                  "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.");
  }
  Fields fields;
  for (auto part : base::split(text.substr(kAlgorithm.size() + 1), ',')) {
    part = base::trim(part);
    const auto equals = part.find('=');
    if (equals == part.npos || !fields.emplace(part.substr(0, equals), part.substr(equals + 1)).second)
      return malformed(claim.form, "The Authorization header is malformed.");
  }
  if (fields.size() != 3 || !fields.contains("Credential") || !fields.contains("SignedHeaders") ||
      !fields.contains("Signature"))
    return malformed(claim.form, "The Authorization header must hold Credential, SignedHeaders and Signature.");
  if (auto good = read_credential(fields, claim); !good) return Refused(good.error());
  if (auto good = read_signed(fields, claim); !good) return Refused(good.error());
  if (count_of(headers, "x-amz-date") > 1 || count_of(headers, "date") > 1)
    return malformed(claim.form, "The date is given twice.");
  auto stamp = std::string(header_of(headers, "x-amz-date").value_or(""));
  if (stamp.empty()) {
    stamp = std::string(header_of(headers, "date").value_or(""));
    if (const auto when = base::parse_http_date(stamp)) stamp = base::basic_iso8601(*when);
  }
  if (auto good = read_stamp(stamp, claim); !good) return Refused(good.error());
  return claim;
}

std::expected<SignatureClaim, ServiceRefusal> read_query_form(string_view query) {
  SignatureClaim claim;
  claim.form = SignatureForm::query;
  Fields fields;
  for (const auto pair : base::split(query, '&')) {
    const auto equals = pair.find('=');
    const auto name = pair.substr(0, equals);
    if (std::ranges::find(kQueryNames, name) == kQueryNames.end()) continue;
    // None of our fields has a plus sign that means a blank.
    auto value = base::percent_decode(equals == pair.npos ? string_view() : pair.substr(equals + 1));
    if (!value || !fields.emplace(name.substr(6), std::move(*value)).second)
      return malformed(claim.form, "A query parameter of the signature is malformed or given twice.");
  }
  for (const auto* const name : {"Algorithm", "Credential", "Date", "Expires", "Signature", "SignedHeaders"})
    if (!fields.contains(name))
      return malformed(claim.form,
                       "Query-string authentication version 4 requires the X-Amz-Algorithm, "
                       "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and "
                       "X-Amz-Expires parameters.");
  if (fields["Algorithm"] != kAlgorithm)
    return malformed(claim.form, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
  if (auto good = read_credential(fields, claim); !good) return Refused(good.error());
  if (auto good = read_signed(fields, claim); !good) return Refused(good.error());
  if (auto good = read_stamp(fields["Date"], claim); !good) return Refused(good.error());
  const auto seconds = base::parse_integer(fields["Expires"]);
  if (!seconds || *seconds < 1 || *seconds > kLongestPresigned.count())
    return malformed(claim.form, "X-Amz-Expires must be from 1 to 604800 seconds.");
  claim.valid_for = std::chrono::seconds(*seconds);
  return claim;
}

bool has_parameter(string_view query, string_view name) {
  return std::ranges::any_of(base::split(query, '&'),
                             [&](string_view pair) { return pair.substr(0, pair.find('=')) == name; });
}

}  // namespace

bool SignatureClaim::signs(std::string_view lower_name) const {
  return std::ranges::find(signed_headers, lower_name) != signed_headers.end();
}

std::expected<SignatureClaim, ServiceRefusal> read_claim(std::string_view target,
                                                         const std::vector<http::Header>& headers) {
  const auto mark = target.find('?');
  const auto query = mark == target.npos ? string_view() : target.substr(mark + 1);
  const auto header = header_of(headers, "authorization");
  const bool in_query = has_parameter(query, "X-Amz-Signature") || has_parameter(query, "X-Amz-Algorithm");
  if (header && (in_query || count_of(headers, "authorization") > 1))
    return refuse(http::kBadRequest, "InvalidArgument", "Only one auth mechanism allowed");
  if (header) return read_header_form(*header, headers);
  if (in_query) return read_query_form(query);
  if (has_parameter(query, "AWSAccessKeyId")) return older_signature();
  return refuse(http::kForbidden, "AccessDenied", "Access Denied. (kabuto: the request is not signed)");
}

std::string without_signature(std::string_view query) {
  std::string out;
  for (const auto pair : base::split(query, '&')) {
    if (pair.empty() || std::ranges::find(kQueryNames, pair.substr(0, pair.find('='))) != kQueryNames.end()) continue;
    out.append(out.empty() ? "" : "&").append(pair);
  }
  return out;
}

std::expected<void, ServiceRefusal> check_time(const SignatureClaim& claim, const std::vector<base::Instant>& now) {
  const auto fits = [&](base::Instant moment) {
    if (claim.form == SignatureForm::header)
      return claim.when <= moment + kAllowedSkew && moment <= claim.when + kAllowedSkew;
    return claim.when <= moment + kAllowedSkew && moment < claim.when + claim.valid_for;
  };
  if (std::ranges::any_of(now, fits)) return {};
  if (claim.form == SignatureForm::query) return refuse(http::kForbidden, "AccessDenied", "Request has expired");
  return refuse(http::kForbidden, "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.");
}

}  // namespace aws
