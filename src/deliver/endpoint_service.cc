#include "deliver/endpoint_service.h"

#include "base/text.h"
#include "deliver/formats.h"
#include "deliver/quoting.h"
#include "http/reply.h"
#include "http/status.h"
#include "secret/compare.h"

#include <utility>

namespace deliver {
namespace {

constexpr std::size_t kMostText = std::size_t{1} << 20;

void append_member(secret::Buffer& out, std::string_view name, std::string_view value) {
  append_text(out, name);
  // JSON has a form for every byte that check_values lets through.
  (void)append_quoted(out, Quoting::json, value);
}

/// As ECS answers. RoleArn is left out: not every source knows it.
secret::Bytes container_form(const aws::Credentials& credentials) {
  secret::Buffer out(kMostText);
  append_member(out, R"({"AccessKeyId":)", credentials.access_key_id);
  credentials.secret_access_key.reveal_text([&](auto text) { append_member(out, R"(,"SecretAccessKey":)", text); });
  credentials.session_token.reveal_text([&](auto text) { append_member(out, R"(,"Token":)", text); });
  // botocore takes no answer without one, also of keys that do not expire.
  append_member(out, R"(,"Expiration":)",
                credentials.expiration ? base::iso8601(*credentials.expiration) : "9999-12-31T23:59:59Z");
  if (!credentials.account_id.empty()) append_member(out, R"(,"AccountId":)", credentials.account_id);
  append_text(out, "}\n");
  return std::move(out).take();
}

secret::Bytes refusal(int status, std::string_view code, std::string_view message, std::string_view more = {}) {
  return http::reply_of({.status = status, .more_fields = more}, http::error_body(code, message));
}

}  // namespace

Served::Served(ServedProfile given, const base::Clock& clock)
    : profile(std::move(given)), credentials(std::move(profile.lease), clock) {}

base::Error no_credentials(const Served& served) {
  base::Error error = served.credentials.failure().value_or(
      base::Error{base::ErrorKind::unreachable, "they are being fetched; ask again", {}});
  return base::with_context(std::move(error),
                            "the credentials of " + base::printable(served.profile.name, 100) + " have ended");
}

std::string path_of(std::string_view profile) { return "/" + base::percent_encode(profile); }

EndpointService::EndpointService(std::deque<Served>& profiles, std::function<bool(Served&)> renew)
    : renew_(std::move(renew)),
      not_found_(refusal(http::kNotFound, "NotFound", "no profile is served under this path")),
      wrong_method_(refusal(http::kMethodNotAllowed, "MethodNotAllowed", "only GET is answered", "Allow: GET\r\n")),
      wrong_token_(refusal(http::kForbidden, "AccessDenied", "the Authorization header is not this profile's token")) {
  for (auto& served : profiles)
    routes_.push_back({&served, served.profile.path + std::string(kProcessForm), 0, {}, {}, {}});
}

const secret::Bytes* EndpointService::answer_for(Route& route, const secret::Bytes& live, http::Patience patience) {
  auto& served = *route.served;
  if (route.generation != served.credentials.generation()) {
    const auto& credentials = served.credentials.lease().credentials;
    route.credentials = http::reply_of({}, container_form(credentials));
    auto process = text_of(Format::process, credentials, {served.profile.name, served.profile.region});
    route.process_form = process ? http::reply_of({}, *process)
                                 : refusal(http::kServiceUnavailable, "CredentialsUnavailable", process.error().what);
    const auto error = no_credentials(served);
    route.failure = refusal(http::kServiceUnavailable, "CredentialsUnavailable",
                            error.what + (error.hint.empty() ? "" : "; " + error.hint));
    route.generation = served.credentials.generation();
  }
  if (served.credentials.is_live()) return &live;
  if (renew_(served) && patience == http::Patience::some) return nullptr;
  return &route.failure;
}

const secret::Bytes* EndpointService::answer(const http::RequestHead& head, http::Patience patience) {
  for (auto& route : routes_) {
    const auto& profile = route.served->profile;
    const bool is_process_form = head.target == route.process_path;
    if (head.target != profile.path && !is_process_form) continue;
    if (head.method != "GET") return &wrong_method_;
    const auto token = head.one("Authorization");
    if (!token || !secret::is_equal(profile.token, *token)) return &wrong_token_;
    return answer_for(route, is_process_form ? route.process_form : route.credentials, patience);
  }
  return &not_found_;
}

}  // namespace deliver
