// AWS's Security Token Service, by hand: the calls kabuto makes, their limits, and their answers. What a field may hold
// is checked before anything is sent, so that a wrong value costs no call and no MFA code.
#pragma once

#include "aws/client.h"
#include "aws/credentials.h"
#include "aws/endpoint.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aws {

struct Mfa {
  std::string serial_number;
  secret::Bytes code;  // six digits
};

struct Tag {
  std::string key;
  std::string value;
};

struct GetSessionTokenRequest {
  std::optional<std::chrono::seconds> duration;  // 15 min to 36 h; AWS's default 12 h
  std::optional<Mfa> mfa;
};

struct AssumeRoleRequest {
  std::string role_arn;
  std::string role_session_name;
  std::string external_id;                       // empty = not sent, as for all texts here
  std::optional<std::chrono::seconds> duration;  // 15 min to 12 h; AWS's default 1 h
  std::optional<Mfa> mfa;
  std::string source_identity;
  std::vector<Tag> tags;
  std::vector<std::string> transitive_tag_keys;
  std::vector<std::string> policy_arns;
  std::string policy;  // JSON
};

/// Signed by a user's long-term key; AWS refuses sessions as signers, and takes no MFA code.
struct GetFederationTokenRequest {
  std::string name;                              // 2 to 32 characters
  std::optional<std::chrono::seconds> duration;  // 15 min to 36 h; AWS's default 12 h
  std::vector<std::string> policy_arns;
  std::string policy;  // JSON; without any policy the session may do nothing
};

/// No key signs this one: the token says who asks.
struct WebIdentityRequest {
  std::string role_arn;
  std::string role_session_name;
  secret::Bytes token;                           // of bare_token(), as all assertions here
  std::optional<std::chrono::seconds> duration;  // 15 min to 12 h; AWS's default 1 h
  std::vector<std::string> policy_arns;
  std::string policy;  // JSON
};

/// No key signs this one: the assertion says who asks, and what the session's name is.
struct SamlRequest {
  std::string role_arn;
  std::string principal_arn;                     // of the identity provider
  secret::Bytes assertion;                       // base64
  std::optional<std::chrono::seconds> duration;  // 15 min to 12 h; AWS's default 1 h
  std::vector<std::string> policy_arns;
  std::string policy;  // JSON
};

/// What each of these calls gives.
struct Session {
  Credentials credentials;       // always with an expiry, which lies after AWS's time now
  std::string assumed_role_arn;  // or the federated user's; empty for GetSessionToken
  std::string assumed_role_id;
  std::string source_identity;
  std::optional<int> packed_policy_size;  // per cent of what AWS allows
  base::Duration clock_offset{0};         // AWS's clock minus ours, as measured by this call
};

struct CallerIdentity {
  std::string account;
  std::string arn;
  std::string user_id;
};

/// Checks without any call; the error (refused) names the field and the rule, never the value of a secret.
base::Result<void> check(const GetSessionTokenRequest& request);
base::Result<void> check(const AssumeRoleRequest& request);
base::Result<void> check(const GetFederationTokenRequest& request);
base::Result<void> check(const WebIdentityRequest& request);
base::Result<void> check(const SamlRequest& request);
/// Of the device alone, before there is a code.
base::Result<void> check_mfa_serial(std::string_view serial_number);

/// The token or assertion of a file or a program without white space at its ends (or, in base64, anywhere). Error:
/// refused, naming `what`, where it is empty, longer than AWS takes, or holds more than visible ASCII.
base::Result<secret::Bytes> bare_token(secret::Bytes text, const std::string& what);
base::Result<secret::Bytes> bare_assertion(secret::Bytes text, const std::string& what);

class Sts {
 public:
  /// The client must outlive this object.
  Sts(Client& client, Endpoint endpoint) : client_(client), endpoint_(std::move(endpoint)) {}

  base::Result<Session> get_session_token(const Credentials& credentials, const GetSessionTokenRequest& request);
  base::Result<Session> assume_role(const Credentials& credentials, const AssumeRoleRequest& request);
  base::Result<Session> assume_role_with_web_identity(const WebIdentityRequest& request);
  base::Result<Session> assume_role_with_saml(const SamlRequest& request);
  base::Result<Session> get_federation_token(const Credentials& credentials, const GetFederationTokenRequest& request);
  base::Result<CallerIdentity> get_caller_identity(const Credentials& credentials);
  /// The account that owns an access key, whoever asks.
  base::Result<std::string> get_access_key_info(const Credentials& credentials, const std::string& access_key_id);

 private:
  base::Result<Session> read_role_session(secret::Bytes body, const std::string& result) const;
  base::Result<Session> assume_unsigned(QueryForm form, const std::string& action);

  Client& client_;
  Endpoint endpoint_;
};

}  // namespace aws
