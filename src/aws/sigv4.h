// AWS Signature Version 4: the one file that computes with a secret access key. It signs a request that is otherwise
// complete; it sends nothing.
#pragma once

#include "aws/canonical_request.h"
#include "aws/credentials.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace aws {

enum class BodyHashHeader { left_out, sent };  // x-amz-content-sha256
enum class SessionTokenPlace { signed_with_rest, added_after };

struct Signing {
  std::string region;
  std::string service;  // the signing name: "sts", "iam"
  base::Instant when;   // in AWS's time
  UriPath path = UriPath::normalized;
  BodyHashHeader body_hash = BodyHashHeader::left_out;
  SessionTokenPlace session_token = SessionTokenPlace::signed_with_rest;
  /// For a body that is not in the request: its hash, or AWS's word for a body that is not hashed. Empty: the
  /// request's.
  std::string known_body_hash = {};
};

/// A secret access key made ready for one day, region and service. It signs, and it judges what somebody who has the
/// same key has signed.
class SigningKey {
 public:
  SigningKey(const secret::Bytes& secret_access_key, std::string_view stamp, std::string_view region,
             std::string_view service);
  /// "20150830/us-east-1/s3/aws4_request"
  const std::string& scope() const { return scope_; }
  const std::string& stamp() const { return stamp_; }
  /// As hex.
  std::string sign(std::string_view string_to_sign) const;
  /// Constant time for a signature of the right length.
  bool has_signed(std::string_view string_to_sign, std::string_view signature_hex) const;
  /// The same for a whole request. Refused: one that is too large to be signed.
  base::Result<bool> has_signed(const CanonicalRequest& form, std::string_view signature_hex) const;

 private:
  std::string stamp_, scope_;
  secret::Bytes key_;
};

/// What was signed, for tests and for comparing with what a server says it expected.
struct Signature {
  secret::Bytes canonical_request;
  std::string string_to_sign;
  std::string hex;
};

/// What a string to sign is good for.
struct SigningScope {
  base::Instant when;
  std::string region;
  std::string service;
};
/// nullopt for anything but what sign() and presign() make.
std::optional<SigningScope> scope_of_string_to_sign(std::string_view text);
/// The signature, hex; `scope` is the text's own.
std::string signature_of(const secret::Bytes& secret_access_key, const SigningScope& scope,
                         std::string_view string_to_sign);

/// Adds X-Amz-Date, X-Amz-Security-Token (a secret header) and Authorization. The host is that of the request's Host
/// header, or of its URL. Refused: a request that is signed already, or one whose headers hold CR or NUL.
base::Result<Signature> sign(http::Request& request, const Credentials& credentials, const Signing& signing);

struct Presigned {
  secret::Bytes url;  // whoever holds it may make the call until it expires
  Signature signature;
};

/// The query form: the same request as a URL, good for `valid_for`. The request's headers must go with it.
base::Result<Presigned> presign(const http::Request& request, const Credentials& credentials, const Signing& signing,
                                std::chrono::seconds valid_for);

}  // namespace aws
