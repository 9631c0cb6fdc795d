// The canonical request, the string to sign and AWS's words where they do not fit.
#include "sigv4.h"

#include "base/text.h"
#include "crypto.h"

#include <algorithm>

namespace sim {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kTerminator = "aws4_request";
constexpr std::int64_t kLongestPresigned = 604'800;

bool contains(const std::vector<std::string>& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

std::optional<base::Instant> parse_basic_time(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  std::string iso(text.substr(0, 4));
  iso.append("-").append(text.substr(4, 2)).append("-").append(text.substr(6, 5));
  iso.append(":").append(text.substr(11, 2)).append(":").append(text.substr(13));
  return base::parse_iso8601(iso);
}

std::string collapse_spaces(std::string_view value) {
  std::string out;
  for (const char c : base::trim_lines(value)) {
    const bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!space) out += c;
    if (space && !out.ends_with(' ')) out += ' ';
  }
  return out;
}

std::string canonical_path(std::string_view path, PathForm form) {
  if (form == PathForm::as_sent) return base::percent_encode(path, "/");
  std::vector<std::string> segments;
  for (const std::string_view part : base::split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      segments.emplace_back(part);
    } else if (!segments.empty()) {
      segments.pop_back();
    }
  }
  std::string out = "/" + base::join(segments, "/");
  const bool slash_ends = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
  if (slash_ends && out.size() > 1) out += '/';
  return base::percent_encode(out, "/");
}

std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> encoded;
  for (const auto& [name, value] : parse_query(query, PlusSign::is_itself))
    if (name != "X-Amz-Signature") encoded.emplace_back(base::percent_encode(name), base::percent_encode(value));
  std::ranges::sort(encoded);
  std::vector<std::string> parts;
  parts.reserve(encoded.size());
  for (const auto& [name, value] : encoded) parts.push_back(name + "=" + value);
  return base::join(parts, "&");
}

std::string canonical_headers(const Request& request, const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    std::vector<std::string> values;
    for (const auto& [key, value] : request.headers)
      if (base::equals_ignoring_case(key, name)) values.push_back(collapse_spaces(value));
    out += name + ":" + base::join(values, ",") + "\n";
  }
  return out;
}

Checked<void> split_scope(std::string_view credential, SignatureClaim& claim) {
  const std::vector<std::string_view> parts = base::split(credential, '/');
  if (parts.size() != 5)
    return refuse(
        400, "IncompleteSignature",
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '" +
            std::string(credential) + "'");
  claim.key_id = parts[0];
  claim.scope_date = parts[1];
  claim.region = parts[2];
  claim.service = parts[3];
  claim.terminator = parts[4];
  return {};
}

void split_signed_headers(std::string_view text, SignatureClaim& claim) {
  for (const std::string_view name : base::split(text, ';'))
    if (!name.empty()) claim.signed_headers.emplace_back(name);
}

Checked<SignatureClaim> read_query_claim(const Parameters& query) {
  SignatureClaim claim;
  claim.form = SignatureForm::query;
  for (const std::string_view name :
       {"X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date", "X-Amz-Expires"})
    if (!query.get(name))
      return refuse(400, "IncompleteSignature",
                    "AWS query-string parameters must include '" + std::string(name) + "'.");
  const std::optional<std::int64_t> expires = base::parse_integer(query.get_or("X-Amz-Expires", ""));
  if (!expires || *expires < 1 || *expires > kLongestPresigned)
    return refuse(400, "IncompleteSignature", "X-Amz-Expires must be between 1 and 604800 seconds.");
  if (auto split = split_scope(query.get_or("X-Amz-Credential", ""), claim); !split)
    return std::unexpected(split.error());
  split_signed_headers(query.get_or("X-Amz-SignedHeaders", ""), claim);
  claim.signature = query.get_or("X-Amz-Signature", "");
  claim.time = query.get_or("X-Amz-Date", "");
  claim.token = query.get("X-Amz-Security-Token");
  return claim;
}

Checked<void> mismatch(std::string message) { return refuse(403, "SignatureDoesNotMatch", std::move(message)); }

Checked<void> check_time(const SignatureClaim& claim, base::Instant now) {
  const std::optional<base::Instant> time = parse_basic_time(claim.time);
  if (!time)
    return refuse(
        400, "IncompleteSignature",
        "Date must be in ISO-8601 'basic format'. Got '" + claim.time + "'. See http://en.wikipedia.org/wiki/ISO_8601");
  if (*time + kAllowedSkew < now)
    return mismatch("Signature expired: " + claim.time + " is now earlier than " +
                    base::basic_iso8601(now - kAllowedSkew) + " (" + base::basic_iso8601(now) + " - 15 min.)");
  if (*time > now + kAllowedSkew)
    return mismatch("Signature not yet current: " + claim.time + " is still later than " +
                    base::basic_iso8601(now + kAllowedSkew) + " (" + base::basic_iso8601(now) + " + 15 min.)");
  return {};
}

Checked<void> check_scope(const SignatureClaim& claim, const SignatureRules& rules, const Checks& checks) {
  if (checks.on("scope-terminator") && claim.terminator != kTerminator)
    return mismatch("Credential should be scoped with a valid terminator: 'aws4_request', not '" + claim.terminator +
                    "'.");
  if (checks.on("scope-service") && claim.service != rules.service)
    return mismatch("Credential should be scoped to correct service: '" + rules.service + "'.");
  if (checks.on("scope-region") && !contains(rules.regions, claim.region))
    return mismatch("Credential should be scoped to a valid region, not '" + claim.region + "'.");
  if (checks.on("scope-date") && claim.scope_date != claim.time.substr(0, 8))
    return mismatch("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
                    claim.scope_date + "' != '" + claim.time.substr(0, 8) + "', from '" + claim.time + "'.");
  return {};
}

}  // namespace

Checked<SignatureClaim> read_header_claim(const Request& request, std::string_view algorithm) {
  const std::string_view authorization = request.header("authorization").value_or("");
  if (!authorization.starts_with(algorithm))
    return refuse(400, "IncompleteSignature", "Authorization header must start with '" + std::string(algorithm) + "'.");
  SignatureClaim claim;
  std::optional<std::string> credential;
  std::optional<std::string> signature;
  std::optional<std::string> headers;
  for (std::string_view part : base::split(authorization.substr(algorithm.size()), ',')) {
    part = base::trim(part);
    const std::size_t mark = part.find('=');
    if (mark == std::string_view::npos) continue;
    const std::string_view name = part.substr(0, mark);
    const std::string value(part.substr(mark + 1));
    if (name == "Credential") credential = value;
    if (name == "Signature") signature = value;
    if (name == "SignedHeaders") headers = value;
  }
  const std::optional<std::string_view> time = request.header("x-amz-date");
  std::string lacks;
  const auto need = [&](bool there, std::string_view what) {
    if (!there) lacks += "Authorization header requires " + std::string(what) + ". ";
  };
  need(credential.has_value(), "'Credential' parameter");
  need(signature.has_value(), "'Signature' parameter");
  need(headers.has_value(), "'SignedHeaders' parameter");
  need(time.has_value(), "existence of either a 'X-Amz-Date' or a 'Date' header");
  if (!lacks.empty()) return refuse(400, "IncompleteSignature", lacks + "Authorization=" + std::string(algorithm));
  if (auto split = split_scope(*credential, claim); !split) return std::unexpected(split.error());
  split_signed_headers(*headers, claim);
  claim.signature = *signature;
  claim.time = *time;
  if (const auto token = request.header("x-amz-security-token")) claim.token = *token;
  return claim;
}

Checked<SignatureClaim> read_claim(const Request& request) {
  if (request.header("authorization")) return read_header_claim(request, kAlgorithm);
  const Parameters query(parse_query(request.query(), PlusSign::is_itself));
  if (query.get_or("X-Amz-Algorithm", "") == kAlgorithm) return read_query_claim(query);
  return refuse(403, "MissingAuthenticationToken", "Request is missing Authentication Token");
}

Checked<void> check_claim(const Request& request, const SignatureClaim& claim, const SignatureRules& rules,
                          const Checks& checks) {
  if (checks.on("date"))
    if (auto good = check_time(claim, rules.now); !good) return good;
  if (auto good = check_scope(claim, rules, checks); !good) return good;
  if (checks.on("signed-host") && !contains(claim.signed_headers, "host"))
    return mismatch("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  if (checks.on("signed-date") && request.header("x-amz-date") && claim.form == SignatureForm::header &&
      !contains(claim.signed_headers, "x-amz-date"))
    return mismatch("'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization.");
  return {};
}

std::string string_to_sign(const Request& request, const SignatureClaim& claim, std::string_view algorithm,
                           PathForm path_form, std::string_view payload_hash) {
  const std::string canonical = request.method + "\n" + canonical_path(request.path(), path_form) + "\n" +
                                canonical_query(request.query()) + "\n" +
                                canonical_headers(request, claim.signed_headers) + "\n" +
                                base::join(claim.signed_headers, ";") + "\n" + std::string(payload_hash);
  const std::string scope = claim.scope_date + "/" + claim.region + "/" + claim.service + "/" + claim.terminator;
  return std::string(algorithm) + "\n" + claim.time + "\n" + scope + "\n" + sha256_hex(canonical);
}

Checked<void> check_signature(const Request& request, const SignatureClaim& claim, std::string_view secret,
                              PathForm path_form, const Checks& checks) {
  std::string payload_hash = sha256_hex(request.body);
  if (const auto stated = request.header("x-amz-content-sha256")) {
    if (checks.on("payload") && *stated != payload_hash)
      return mismatch("The provided 'x-amz-content-sha256' header does not match what was computed.");
    payload_hash = *stated;
  }
  const std::string to_sign = string_to_sign(request, claim, kAlgorithm, path_form, payload_hash);
  std::string key = hmac_sha256("AWS4" + std::string(secret), claim.scope_date);
  for (const std::string* part : {&claim.region, &claim.service, &claim.terminator}) key = hmac_sha256(key, *part);
  if (checks.on("signature") && !equal_constant_time(hex_text(hmac_sha256(key, to_sign)), claim.signature))
    return mismatch(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
        "Key and signing method. Consult the service documentation for details.");
  return {};
}

}  // namespace sim
