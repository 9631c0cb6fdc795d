// IAM Roles Anywhere: a session of a role for the holder of a certificate. It makes the one call and reads its answer;
// where certificate and key lie is credentials/.
#pragma once

#include "aws/client.h"
#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "aws/x509_signing.h"
#include "base/result.h"
#include "http/message.h"

#include <chrono>
#include <string>

namespace aws {

struct CreateSessionRequest {
  std::string trust_anchor_arn;
  std::string profile_arn;
  std::string role_arn;
  std::chrono::seconds duration{3600};  // 15 min to 12 h
  std::string role_session_name;        // empty = not sent
};

/// The request before it is signed.
http::Request create_session_request(const Endpoint& endpoint, const CreateSessionRequest& request);

/// Takes the first set. Error: failure, where the reply holds none or is not as documented.
base::Result<Credentials> read_create_session_reply(secret::Bytes body);

/// Errors: denied (the certificate, the profile or the role), not_found (trust anchor or profile), unreachable,
/// failure.
base::Result<Credentials> create_session(Client& client, const Endpoint& endpoint, const X509Identity& identity,
                                         const CreateSessionRequest& request);

}  // namespace aws
