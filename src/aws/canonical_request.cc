#include "aws/canonical_request.h"

#include "aws/percent_encoding.h"
#include "base/text.h"
#include "secret/digest.h"

#include <algorithm>
#include <array>
#include <span>
#include <tuple>
#include <utility>

namespace aws {
namespace {

using base::ErrorKind;

constexpr std::size_t kCanonicalLimit = std::size_t{1} << 20;
// Proxies and HTTP libraries may change these on the way, so no AWS SDK signs them.
constexpr std::array<std::string_view, 6> kUnsignedHeaders{"authorization", "connection",        "expect",
                                                           "user-agent",    "transfer-encoding", "x-amzn-trace-id"};

std::string canonical_path(std::string_view path, UriPath form) {
  if (path.empty()) return "/";
  if (form == UriPath::as_given) return base::percent_encode(path, "/");
  if (form == UriPath::encoded_once) return encoded_once(path);
  std::vector<std::string_view> kept;
  for (const auto segment : base::split(path, '/')) {
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      kept.push_back(segment);
    } else if (!kept.empty()) {
      kept.pop_back();
    }
  }
  std::string out;
  for (const auto segment : kept) out.append("/").append(base::percent_encode(segment));
  if (out.empty() || path.back() == '/') out += '/';
  return out;
}

// A '%' that begins no escape stands for itself, as the servers read it.
std::string leniently_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && base::hex_digit(text[i + 1]) >= 0 &&
        base::hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(base::hex_digit(text[i + 1]) * 16 + base::hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::vector<SignedEntry> query_entries(std::string_view query) {
  std::vector<SignedEntry> entries;
  for (const auto pair : base::split(query, '&')) {
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const auto value = equals == pair.npos ? std::string_view() : pair.substr(equals + 1);
    entries.push_back({base::percent_encode(leniently_decoded(pair.substr(0, equals))),
                       base::percent_encode(leniently_decoded(value)), nullptr});
  }
  return entries;
}

std::string collapse_blanks(std::string_view text) {
  std::string out;
  for (const char c : base::trim_lines(text)) {
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!blank) {
      out += c;
    } else if (out.back() != ' ') {
      out += ' ';
    }
  }
  return out;
}

// The values of a repeated header are joined in their order.
void add_header(std::vector<SignedEntry>& entries, const http::Header& header) {
  auto name = base::lower_ascii(header.name);
  auto value = collapse_blanks(header.value);
  const auto same = std::ranges::find(entries, name, &SignedEntry::name);
  if (same == entries.end()) {
    entries.push_back({std::move(name), std::move(value), nullptr});
  } else {
    same->value.append(",").append(value);
  }
}

// Sorted by name.
std::vector<SignedEntry> header_entries(const http::Request& request, std::string_view authority) {
  std::vector<SignedEntry> entries;
  for (const auto& header : request.headers)
    if (std::ranges::find(kUnsignedHeaders, base::lower_ascii(header.name)) == kUnsignedHeaders.end())
      add_header(entries, header);
  const bool has_host = std::ranges::find(entries, "host", &SignedEntry::name) != entries.end();
  for (const auto& header : request.secret_headers)
    entries.push_back({base::lower_ascii(header.name), {}, &header.value});
  if (!has_host) entries.push_back({"host", base::lower_ascii(authority), nullptr});
  std::ranges::stable_sort(entries, {}, &SignedEntry::name);
  return entries;
}

}  // namespace

UrlParts split_url(std::string_view url) {
  UrlParts parts;
  if (const auto scheme = url.find("://"); scheme != url.npos) url.remove_prefix(scheme + 3);
  const auto end = std::min(url.find_first_of("/?"), url.size());
  parts.authority = url.substr(0, end);
  url.remove_prefix(end);
  const auto mark = url.find('?');
  parts.path = url.substr(0, mark);
  parts.has_query = mark != url.npos;
  if (parts.has_query) parts.query = url.substr(mark + 1);
  return parts;
}

SecretText::SecretText() : buffer_(kCanonicalLimit) {}

SecretText& SecretText::operator<<(std::string_view text) {
  fits_ = fits_ && buffer_.append(std::as_bytes(std::span(text)));
  return *this;
}

SecretText& SecretText::operator<<(const secret::Bytes& secret) {
  secret.reveal_text([&](std::string_view text) { *this << text; });
  return *this;
}

void SecretText::encoded(const secret::Bytes& secret) {
  secret.reveal_text([&](std::string_view text) { fits_ = fits_ && append_percent_encoded(buffer_, text); });
}

base::Result<secret::Bytes> SecretText::take() && {
  if (!fits_) return base::fail(ErrorKind::refused, "the request is too large to sign");
  return std::move(buffer_).take();
}

base::Result<void> refuse_signed(const http::Request& request) {
  const auto is_ours = [](std::string_view name) {
    return base::equals_ignoring_case(name, "authorization") || base::equals_ignoring_case(name, "x-amz-date") ||
           base::equals_ignoring_case(name, kTokenHeader);
  };
  for (const auto& header : request.headers) {
    if (is_ours(header.name)) return base::fail(ErrorKind::refused, "the request is signed already");
    if (header.value.find_first_of(std::string_view("\r\0", 2)) != std::string::npos)
      return base::fail(ErrorKind::refused, "a header holds a carriage return or a zero byte");
  }
  for (const auto& header : request.secret_headers)
    if (is_ours(header.name)) return base::fail(ErrorKind::refused, "the request is signed already");
  return {};
}

CanonicalRequest canonical_form(const http::Request& request, UriPath form) {
  const auto parts = split_url(request.url);
  return {request.method, canonical_path(parts.path, form), query_entries(parts.query),
          header_entries(request, parts.authority), base::hex(secret::sha256(request.body))};
}

base::Result<CanonicalRequest> received_form(const http::Request& request, UriPath form,
                                             const std::vector<std::string>& signed_headers, std::string body_hash) {
  const auto parts = split_url(request.url);
  CanonicalRequest out{
      request.method, canonical_path(parts.path, form), query_entries(parts.query), {}, std::move(body_hash)};
  for (const auto& name : signed_headers) {
    const auto before = out.headers.size();
    for (const auto& header : request.headers)
      if (base::equals_ignoring_case(header.name, name)) add_header(out.headers, header);
    if (out.headers.size() == before)
      return base::fail(ErrorKind::refused, "the header " + name + " is signed and not there");
  }
  return out;
}

std::string encoded_once(std::string_view path) { return base::percent_encode(leniently_decoded(path), "/"); }

std::string CanonicalRequest::signed_headers() const {
  std::string out;
  for (const auto& header : headers) out.append(out.empty() ? "" : ";").append(header.name);
  return out;
}

base::Result<secret::Bytes> CanonicalRequest::text() const {
  auto sorted = query;
  std::ranges::sort(sorted, [](const SignedEntry& a, const SignedEntry& b) {
    return std::tie(a.name, a.value) < std::tie(b.name, b.value);
  });
  SecretText out;
  out << method << "\n" << path << "\n";
  std::string_view separator;
  for (const auto& entry : sorted) {
    out << std::exchange(separator, "&") << entry.name << "=";
    if (entry.secret != nullptr) {
      out.encoded(*entry.secret);
    } else {
      out << entry.value;
    }
  }
  out << "\n";
  for (const auto& header : headers) {
    out << header.name << ":";
    if (header.secret != nullptr) {
      out << *header.secret;
    } else {
      out << header.value;
    }
    out << "\n";
  }
  out << "\n" << signed_headers() << "\n" << body_hash;
  return std::move(out).take();
}

std::string credential_scope(std::string_view stamp, std::string_view region, std::string_view service) {
  return std::string(stamp.substr(0, 8)).append("/").append(region).append("/").append(service) + "/aws4_request";
}

std::string string_to_sign(std::string_view algorithm, std::string_view stamp, std::string_view scope,
                           const secret::Bytes& canonical_request) {
  return std::string(algorithm).append("\n").append(stamp).append("\n").append(scope) + "\n" +
         base::hex(secret::sha256(canonical_request));
}

}  // namespace aws
