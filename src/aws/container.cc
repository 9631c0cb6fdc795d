#include "aws/container.h"

#include "aws/metadata_attempts.h"
#include "aws/metadata_reply.h"
#include "base/text.h"
#include "http/url.h"
#include "secret/read_secret.h"

#include <array>
#include <string_view>

namespace aws {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::string_view kRelative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
constexpr std::string_view kFull = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
constexpr std::string_view kToken = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
constexpr std::string_view kTokenFile = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
constexpr std::string_view kTaskAddress = "http://169.254.170.2";
constexpr std::size_t kMostTokenBytes = std::size_t{64} * 1024;
// botocore's figures.
constexpr Patience kPatience{.each = base::Duration{2'000}, .attempts = 3, .pause = base::Duration{1'000}};

base::Result<void> check_host(const http::Url& url, std::string_view variable) {
  if (url.scheme == http::Scheme::https || http::may_go_plain(url.host, http::PlainHttp::metadata)) return {};
  return fail(ErrorKind::refused,
              std::string(variable) + " names " + url.host +
                  ", and plain http is only for 169.254.170.2, 169.254.170.23, [fd00:ec2::23], localhost and loopback "
                  "addresses",
              "use an https:// URL, or run unset " + std::string(variable));
}

}  // namespace

base::Result<std::optional<ContainerEndpoint>> container_endpoint(const base::Environment& environment) {
  ContainerEndpoint out;
  if (const auto relative = environment.get_nonempty(kRelative)) {
    out.variable = kRelative;
    if (!relative->starts_with('/'))
      return fail(ErrorKind::refused, std::string(kRelative) + " is no path that begins with /",
                  "run unset " + std::string(kRelative));
    out.url = std::string(kTaskAddress) + std::string(*relative);
  } else if (const auto full = environment.get_nonempty(kFull)) {
    out.variable = kFull;
    out.url = *full;
  } else {
    return std::nullopt;
  }
  auto url = http::parse_url(out.url);
  if (!url) return std::unexpected(base::with_context(std::move(url).error(), out.variable));
  TRY(check_host(*url, out.variable));
  if (const auto file = environment.get_nonempty(kTokenFile)) {
    out.token_variable = kTokenFile;
    out.token_file = *file;
  } else if (environment.get_nonempty(kToken)) {
    out.token_variable = kToken;
  }
  return out;
}

base::Result<secret::Bytes> container_token(const ContainerEndpoint& endpoint, const base::Environment& environment) {
  if (endpoint.token_variable.empty()) return secret::Bytes();
  secret::Bytes token;
  if (endpoint.token_file.empty()) {
    token = secret::Bytes::copy_of(environment.get(kToken).value_or(""));
  } else {
    auto read = secret::read_token_file(endpoint.token_file, kMostTokenBytes, "token file");
    if (!read) return std::unexpected(base::with_context(std::move(read).error(), endpoint.token_variable));
    token = std::move(*read);
  }
  const bool holds_line_end = token.reveal_text([](std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
  });
  if (token.empty() || holds_line_end)
    return fail(ErrorKind::refused,
                "the token of " + endpoint.token_variable + (token.empty() ? " is empty" : " holds a line end"),
                endpoint.token_file.empty() ? "" : "write the file without a line end: printf %s TOKEN > FILE");
  return token;
}

base::Result<Credentials> container_credentials(http::Client& http, base::Clock& clock,
                                                const ContainerEndpoint& endpoint, const secret::Bytes& token) {
  auto request = metadata_request("GET", endpoint.url);
  request.headers.push_back({"Accept", "application/json"});
  if (!token.empty()) request.secret_headers.push_back({"Authorization", token.clone()});
  const std::array<const secret::Bytes*, 1> sent{&token};
  auto got = attempted(kPatience, clock, [&]() -> base::Result<Credentials> {
    auto response = TRY(send_once(http, request, kPatience.each));
    if (response.status != 200) return std::unexpected(metadata_refusal(std::move(response), sent));
    return read_metadata_credentials(std::move(response.body), sent);
  });
  if (got) return got;
  return std::unexpected(
      base::with_context(std::move(got).error(), "the container's credentials endpoint (" + endpoint.variable + ")"));
}

}  // namespace aws
