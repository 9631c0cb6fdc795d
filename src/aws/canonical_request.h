// The form of a request that every AWS signature covers, whatever the key: SigV4's HMAC and the certificates of IAM
// Roles Anywhere differ only after it. No key is needed or seen here. It holds the session token, so it is built in
// locked memory.
#pragma once

#include "base/result.h"
#include "http/message.h"

#include <string>
#include <string_view>
#include <vector>

namespace aws {

inline constexpr std::string_view kTokenHeader = "X-Amz-Security-Token";

enum class UriPath {
  normalized,
  as_given,      // dots and double slashes stay
  encoded_once,  // S3: as_given, and what is encoded already is not encoded again
};

struct UrlParts {
  std::string_view authority, path, query;
  bool has_query = false;
};

/// The parts as they stand; whether they may be sent is the HTTP client's question.
UrlParts split_url(std::string_view url);

/// One name with its value, as text or as a secret that is only pointed at.
struct SignedEntry {
  std::string name;
  std::string value;
  const secret::Bytes* secret = nullptr;
};

struct CanonicalRequest {
  std::string method;
  std::string path;                  // encoded
  std::vector<SignedEntry> query;    // encoded, in any order
  std::vector<SignedEntry> headers;  // names in lower case, sorted; no name twice
  std::string body_hash;             // lower hex, or AWS's word for a body that is not hashed

  /// The headers' names, joined by ";".
  std::string signed_headers() const;
  /// The text itself. Refused: one that passes 1 MiB.
  base::Result<secret::Bytes> text() const;
};

/// Points at the secrets of `request`, which must stay as it is. The host is that of its Host header, or of its URL.
CanonicalRequest canonical_form(const http::Request& request, UriPath form);

/// The form of a request that somebody else signed: it covers the headers of these names only, and a body that is
/// known by `body_hash`. Refused: a name that the request does not have.
base::Result<CanonicalRequest> received_form(const http::Request& request, UriPath form,
                                             const std::vector<std::string>& signed_headers, std::string body_hash);

/// An S3 path in the one encoding that its signature covers.
std::string encoded_once(std::string_view path);

/// "20150830/us-east-1/sts/aws4_request"; `stamp` is the time as X-Amz-Date has it.
std::string credential_scope(std::string_view stamp, std::string_view region, std::string_view service);

std::string string_to_sign(std::string_view algorithm, std::string_view stamp, std::string_view scope,
                           const secret::Bytes& canonical_request);

/// What no signer may find: an earlier signature, or bytes that end a header early.
base::Result<void> refuse_signed(const http::Request& request);

/// Text with secrets in it, written in locked memory up to 1 MiB; take() fails when more was written.
class SecretText {
 public:
  SecretText();
  SecretText& operator<<(std::string_view text);
  SecretText& operator<<(const secret::Bytes& secret);
  void encoded(const secret::Bytes& secret);
  base::Result<secret::Bytes> take() &&;

 private:
  secret::Buffer buffer_;
  bool fits_ = true;
};

}  // namespace aws
