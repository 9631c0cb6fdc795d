// Credentials as the endpoints inside AWS hand them out: those of containers, pods and instances answer with the same
// JSON object. Read in place; it calls nobody.
#pragma once

#include "aws/credentials.h"
#include "base/result.h"
#include "secret/bytes.h"

#include <span>
#include <string>
#include <string_view>

namespace aws {

/// AccessKeyId, SecretAccessKey, Token, Expiration, AccountId, the members' case aside. Errors: denied where a Code
/// other than Success says why there are none, failure where something is missing or is not what it should be. `sent`
/// are the secrets of the request: a Code or a Message that quotes one is not shown.
base::Result<Credentials> read_metadata_credentials(secret::Bytes body,
                                                    std::span<const secret::Bytes* const> sent = {});

/// The one role of an instance as its list names it: the first line. failure where that is no role's name.
base::Result<std::string> read_role_name(const secret::Bytes& body);

}  // namespace aws
