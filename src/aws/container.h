// The credentials endpoint of ECS tasks and EKS pods: which URL the environment names, whether it may be asked, and the
// one question. It caches nothing.
#pragma once

#include "aws/credentials.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"
#include "http/client.h"
#include "secret/bytes.h"

#include <optional>
#include <string>

namespace aws {

struct ContainerEndpoint {
  std::string url;
  std::string variable;        // that names it
  std::string token_variable;  // that gives the token, or the file with it; empty: none is sent
  std::string token_file;      // empty: the variable holds the token itself
};

/// nullopt where the environment names no endpoint. AWS_CONTAINER_CREDENTIALS_RELATIVE_URI comes before _FULL_URI.
/// Errors (refused): a URL that is none, plain http to another host than those of AWS, this machine's, or localhost.
base::Result<std::optional<ContainerEndpoint>> container_endpoint(const base::Environment& environment);

/// The token to send, read anew; empty where none is asked for. Errors: not_found, refused (it holds a line end).
base::Result<secret::Bytes> container_token(const ContainerEndpoint& endpoint, const base::Environment& environment);

/// Three attempts of two seconds. Errors: denied, not_found, unreachable, failure; each names the variable.
base::Result<Credentials> container_credentials(http::Client& http, base::Clock& clock,
                                                const ContainerEndpoint& endpoint, const secret::Bytes& token);

}  // namespace aws
