#include "aws/sigv4.h"

#include "aws/percent_encoding.h"
#include "base/text.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace aws {
namespace {

using base::ErrorKind;

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kTokenHeader = "X-Amz-Security-Token";
constexpr std::size_t kCanonicalLimit = std::size_t{1} << 20;
constexpr std::size_t kHashBytes = crypto_hash_sha256_BYTES;
// AWS refuses a presigned request that is good for longer than seven days.
constexpr std::chrono::seconds kLongestPresigned{7 * 24 * 3600};
// Proxies and HTTP libraries may change these on the way, so no AWS SDK signs them.
constexpr std::array<std::string_view, 6> kUnsignedHeaders{"authorization", "connection",        "expect",
                                                           "user-agent",    "transfer-encoding", "x-amzn-trace-id"};

struct UrlParts {
  std::string_view authority, path, query;
  bool has_query = false;
};

// The parts as they stand; whether they may be sent is the HTTP client's question.
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

std::string canonical_path(std::string_view path, UriPath form) {
  if (path.empty()) return "/";
  if (form == UriPath::as_given) return base::percent_encode(path, "/");
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

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// A '%' that begins no escape stands for itself, as the servers read it.
std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// One name with its value, as text or as a secret that is only pointed at.
struct Entry {
  std::string name;
  std::string value;
  const secret::Bytes* secret = nullptr;
};

std::vector<Entry> query_entries(std::string_view query) {
  std::vector<Entry> entries;
  for (const auto pair : base::split(query, '&')) {
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const auto value = equals == pair.npos ? std::string_view() : pair.substr(equals + 1);
    entries.push_back({base::percent_encode(percent_decode(pair.substr(0, equals))),
                       base::percent_encode(percent_decode(value)), nullptr});
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

// Sorted by name; the values of a repeated header are joined in their order.
std::vector<Entry> header_entries(const http::Request& request, std::string_view authority) {
  std::vector<Entry> entries;
  bool has_host = false;
  for (const auto& header : request.headers) {
    auto name = base::lower_ascii(header.name);
    if (std::ranges::find(kUnsignedHeaders, name) != kUnsignedHeaders.end()) continue;
    has_host = has_host || name == "host";
    auto value = collapse_blanks(header.value);
    const auto same = std::ranges::find(entries, name, &Entry::name);
    if (same == entries.end()) {
      entries.push_back({std::move(name), std::move(value), nullptr});
    } else {
      same->value.append(",").append(value);
    }
  }
  for (const auto& header : request.secret_headers)
    entries.push_back({base::lower_ascii(header.name), {}, &header.value});
  if (!has_host) entries.push_back({"host", base::lower_ascii(authority), nullptr});
  std::ranges::stable_sort(entries, {}, &Entry::name);
  return entries;
}

std::string sha256_hex(std::span<const std::byte> bytes) {
  std::array<std::byte, kHashBytes> hash{};
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(hash.data()),
                     reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return base::hex(hash);
}

secret::Bytes hmac(const secret::Bytes& key, std::string_view text) {
  secret::Bytes out(kHashBytes);
  crypto_auth_hmacsha256_state state;
  key.reveal([&](std::span<const std::byte> bytes) {
    crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  });
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  out.edit([&](std::span<std::byte> mac) {
    crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(mac.data()));
  });
  sodium_memzero(&state, sizeof state);
  return out;
}

std::string scope_of(const Signing& signing, std::string_view stamp) {
  return std::string(stamp.substr(0, 8)) + "/" + signing.region + "/" + signing.service + "/aws4_request";
}

std::string signature_of(const Credentials& credentials, const Signing& signing, std::string_view stamp,
                         std::string_view string_to_sign) {
  const auto seed = secret::Bytes::concatenated(secret::Bytes::copy_of("AWS4"), credentials.secret_access_key);
  const auto date_key = hmac(seed, stamp.substr(0, 8));
  const auto region_key = hmac(date_key, signing.region);
  const auto service_key = hmac(region_key, signing.service);
  const auto signing_key = hmac(service_key, "aws4_request");
  return hmac(signing_key, string_to_sign).reveal([](std::span<const std::byte> mac) { return base::hex(mac); });
}

// Writes the canonical request; remembers when it did not fit.
class Canonical {
 public:
  Canonical& operator<<(std::string_view text) {
    fits_ = fits_ && buffer_.append(std::as_bytes(std::span(text)));
    return *this;
  }
  Canonical& operator<<(const secret::Bytes& secret) {
    secret.reveal_text([&](std::string_view text) { *this << text; });
    return *this;
  }
  void encoded(const secret::Bytes& secret) {
    secret.reveal_text([&](std::string_view text) { fits_ = fits_ && append_percent_encoded(buffer_, text); });
  }
  std::optional<secret::Bytes> take() {
    if (!fits_) return std::nullopt;
    return std::move(buffer_).take();
  }

 private:
  secret::Buffer buffer_{kCanonicalLimit};
  bool fits_ = true;
};

std::string names_of(const std::vector<Entry>& headers) {
  std::string out;
  for (const auto& header : headers) out.append(out.empty() ? "" : ";").append(header.name);
  return out;
}

std::optional<secret::Bytes> canonical_request(std::string_view method, const std::string& path,
                                               std::vector<Entry> query, const std::vector<Entry>& headers,
                                               const std::string& body_hash) {
  std::ranges::sort(
      query, [](const Entry& a, const Entry& b) { return std::tie(a.name, a.value) < std::tie(b.name, b.value); });
  Canonical out;
  out << method << "\n" << path << "\n";
  std::string_view separator;
  for (const auto& entry : query) {
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
  out << "\n" << names_of(headers) << "\n" << body_hash;
  return out.take();
}

base::Result<Signature> finish(std::optional<secret::Bytes> canonical, const Credentials& credentials,
                               const Signing& signing, std::string_view stamp) {
  if (!canonical) return base::fail(ErrorKind::refused, "the request is too large to sign");
  Signature out;
  out.canonical_request = std::move(*canonical);
  out.string_to_sign = std::string(kAlgorithm) + "\n" + std::string(stamp) + "\n" + scope_of(signing, stamp) + "\n" +
                       out.canonical_request.reveal(sha256_hex);
  out.hex = signature_of(credentials, signing, stamp, out.string_to_sign);
  return out;
}

bool is_plain_token(const secret::Bytes& token) {
  return token.reveal_text(
      [](std::string_view text) { return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; }); });
}

// What neither form may find: an earlier signature, or bytes that end a header early.
base::Result<void> check(const http::Request& request, const Credentials& credentials) {
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty())
    return base::fail(ErrorKind::failure, "there is no access key to sign with");
  if (!is_plain_token(credentials.session_token))
    return base::fail(ErrorKind::refused, "the session token holds white space or control characters");
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

std::string body_hash_of(const http::Request& request) { return request.body.reveal(sha256_hex); }

}  // namespace

base::Result<Signature> sign(http::Request& request, const Credentials& credentials, const Signing& signing) {
  TRY(check(request, credentials));
  const auto parts = split_url(request.url);
  const auto stamp = base::basic_iso8601(signing.when);
  const auto body_hash = body_hash_of(request);
  const auto add_token = [&] {
    if (!credentials.session_token.empty())
      request.secret_headers.push_back({std::string(kTokenHeader), credentials.session_token.clone()});
  };
  if (signing.session_token == SessionTokenPlace::signed_with_rest) add_token();
  request.headers.push_back({"X-Amz-Date", stamp});
  if (signing.body_hash == BodyHashHeader::sent) request.headers.push_back({"x-amz-content-sha256", body_hash});

  const auto headers = header_entries(request, parts.authority);
  auto signature = TRY(finish(canonical_request(request.method, canonical_path(parts.path, signing.path),
                                                query_entries(parts.query), headers, body_hash),
                              credentials, signing, stamp));
  request.headers.push_back({"Authorization", std::string(kAlgorithm) + " Credential=" + credentials.access_key_id +
                                                  "/" + scope_of(signing, stamp) + ", SignedHeaders=" +
                                                  names_of(headers) + ", Signature=" + signature.hex});
  if (signing.session_token == SessionTokenPlace::added_after) add_token();
  return signature;
}

base::Result<Presigned> presign(const http::Request& request, const Credentials& credentials, const Signing& signing,
                                std::chrono::seconds valid_for) {
  TRY(check(request, credentials));
  if (valid_for < std::chrono::seconds(1) || valid_for > kLongestPresigned)
    return base::fail(ErrorKind::refused, "a presigned request is good for one second to seven days");
  const auto parts = split_url(request.url);
  const auto stamp = base::basic_iso8601(signing.when);
  const auto headers = header_entries(request, parts.authority);
  auto query = query_entries(parts.query);
  for (const auto& entry : query)
    if (base::lower_ascii(entry.name).starts_with("x-amz-"))
      return base::fail(ErrorKind::refused, "the request is signed already");

  const std::vector<Entry> ours{
      {"X-Amz-Algorithm", std::string(kAlgorithm), nullptr},
      {"X-Amz-Credential", base::percent_encode(credentials.access_key_id + "/" + scope_of(signing, stamp)), nullptr},
      {"X-Amz-Date", stamp, nullptr},
      {"X-Amz-SignedHeaders", base::percent_encode(names_of(headers)), nullptr},
      {"X-Amz-Expires", std::to_string(valid_for.count()), nullptr}};
  query.insert(query.end(), ours.begin(), ours.end());
  const bool has_token = !credentials.session_token.empty();
  if (has_token && signing.session_token == SessionTokenPlace::signed_with_rest)
    query.push_back({std::string(kTokenHeader), {}, &credentials.session_token});

  Presigned out;
  out.signature = TRY(finish(canonical_request(request.method, canonical_path(parts.path, signing.path),
                                               std::move(query), headers, body_hash_of(request)),
                             credentials, signing, stamp));
  Canonical url;
  url << request.url;
  std::string_view separator = !parts.has_query ? "?" : parts.query.empty() ? "" : "&";
  for (const auto& entry : ours) url << std::exchange(separator, "&") << entry.name << "=" << entry.value;
  if (has_token) {
    url << "&" << kTokenHeader << "=";
    url.encoded(credentials.session_token);
  }
  url << "&X-Amz-Signature=" << out.signature.hex;
  auto text = url.take();
  if (!text) return base::fail(ErrorKind::refused, "the request is too large to sign");
  out.url = std::move(*text);
  return out;
}

}  // namespace aws
