#include "deliver/metadata_service.h"

#include "base/text.h"
#include "deliver/quoting.h"
#include "deliver/token.h"
#include "http/reply.h"
#include "http/status.h"
#include "secret/compare.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace deliver {
namespace {

constexpr std::size_t kMostTokens = 256;
constexpr std::int64_t kLongestTtl = 21'600;  // seconds, as EC2 has it
constexpr std::size_t kMostText = std::size_t{1} << 20;
constexpr std::string_view kText = "text/plain";
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kTtlField = "x-aws-ec2-metadata-token-ttl-seconds";
constexpr std::string_view kTokenField = "x-aws-ec2-metadata-token";
constexpr std::string_view kCredentials = "/latest/meta-data/iam/security-credentials";

/// A role's name as IAM allows it, so that every client can put it into a path.
std::string role_name(std::string_view profile) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-";
  std::string out;
  for (const char c : profile) out += kAllowed.find(c) == kAllowed.npos ? '-' : c;
  return out.empty() ? "kabuto" : out;
}

std::string ttl_line(base::Duration left) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(left).count();
  return std::string(kTtlField) + ": " + std::to_string(seconds) + "\r\n";
}

void append_member(secret::Buffer& out, std::string_view name, std::string_view value) {
  append_text(out, name);
  (void)append_quoted(out, Quoting::json, value);
}

}  // namespace

MetadataService::MetadataService(Served& served, const base::Clock& clock, std::function<bool(Served&)> renew)
    : served_(served), clock_(clock), renew_(std::move(renew)), role_(role_name(served.profile.name)) {}

const secret::Bytes* MetadataService::say(int status, std::string_view content_type, std::string_view more,
                                          const secret::Bytes& body) {
  reply_ = http::reply_of({.status = status, .content_type = content_type, .more_fields = more}, body);
  return &reply_;
}

const secret::Bytes* MetadataService::say_text(int status, std::string_view text) {
  return say(status, kText, {}, secret::Bytes::copy_of(std::string(text) + "\n"));
}

const secret::Bytes* MetadataService::make_token(const http::RequestHead& head) {
  // What came through a proxy may have been sent by anybody.
  if (head.has("X-Forwarded-For"))
    return say_text(http::kForbidden, "unable to process requests with X-Forwarded-For header");
  const auto ttl = base::parse_integer(head.one(kTtlField).value_or(""));
  if (!ttl || *ttl < 1 || *ttl > kLongestTtl) return say_text(http::kBadRequest, "invalid token TTL");
  const auto now = clock_.monotonic();
  std::erase_if(tokens_, [&](const Token& token) { return token.ends <= now; });
  if (tokens_.size() >= kMostTokens) tokens_.erase(std::ranges::min_element(tokens_, {}, &Token::ends));
  tokens_.push_back({new_token(), now + std::chrono::seconds(*ttl)});
  return say(200, kText, ttl_line(std::chrono::seconds(*ttl)), tokens_.back().text);
}

const MetadataService::Token* MetadataService::live_token(std::string_view text) const {
  const Token* found = nullptr;
  for (const auto& token : tokens_)
    if (secret::is_equal(token.text, text) && token.ends > clock_.monotonic()) found = &token;
  return found;
}

secret::Bytes MetadataService::credentials_document() const {
  const auto& credentials = served_.credentials.lease().credentials;
  secret::Buffer out(kMostText);
  append_member(out, R"({"Code":"Success","LastUpdated":)", base::iso8601(clock_.now()));
  append_member(out, R"(,"Type":"AWS-HMAC","AccessKeyId":)", credentials.access_key_id);
  credentials.secret_access_key.reveal_text([&](auto text) { append_member(out, R"(,"SecretAccessKey":)", text); });
  credentials.session_token.reveal_text([&](auto text) { append_member(out, R"(,"Token":)", text); });
  append_member(out, R"(,"Expiration":)",
                credentials.expiration ? base::iso8601(*credentials.expiration) : "9999-12-31T23:59:59Z");
  append_text(out, "}\n");
  return std::move(out).take();
}

const secret::Bytes* MetadataService::read(std::string_view path, std::string_view ttl_field, http::Patience patience) {
  const auto text = [&](std::string_view body) { return say(200, kText, ttl_field, secret::Bytes::copy_of(body)); };
  const auto json = [&](std::string_view body) { return say(200, kJson, ttl_field, secret::Bytes::copy_of(body)); };
  const std::string& region = served_.profile.region;
  if (path == kCredentials) return text(role_);
  if (path == std::string(kCredentials) + "/" + role_) {
    if (served_.credentials.is_live()) return say(200, kJson, ttl_field, credentials_document());
    if (renew_(served_) && patience == http::Patience::some) return nullptr;
    const auto error = no_credentials(served_);
    return say(http::kServiceUnavailable, kJson, {},
               http::error_body("CredentialsUnavailable", error.what + (error.hint.empty() ? "" : "; " + error.hint)));
  }
  // What SDKs ask besides: .NET looks at info and the instance's id, all at the region.
  if (path == "/latest/meta-data/iam/info")
    return json(R"({"Code":"Success","LastUpdated":")" + base::iso8601(clock_.now()) + "\"}\n");
  if (path == "/latest/meta-data/instance-id") return text("kabuto");
  if (region.empty()) return say_text(http::kNotFound, "not found");
  if (path == "/latest/meta-data/placement/region") return text(region);
  if (path == "/latest/meta-data/placement/availability-zone") return text(region + "a");
  if (path == "/latest/dynamic/instance-identity/document")
    return json(R"({"instanceId":"kabuto","region":")" + region + "\"}\n");
  return say_text(http::kNotFound, "not found");
}

const secret::Bytes* MetadataService::answer(const http::RequestHead& head, http::Patience patience) {
  auto path = head.target;
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  if (path == "/latest/api/token")
    return head.method == "PUT" ? make_token(head) : say(http::kMethodNotAllowed, kText, "Allow: PUT\r\n", {});
  if (head.method != "GET") return say(http::kMethodNotAllowed, kText, "Allow: GET\r\n", {});
  const auto given = head.one(kTokenField);
  if (!given) return say_text(http::kUnauthorized, "no token provided");
  const Token* const token = live_token(*given);
  if (token == nullptr) return say_text(http::kUnauthorized, "invalid token provided");
  return read(path, ttl_line(token->ends - clock_.monotonic()), patience);
}

}  // namespace deliver
