// A key pair or session as the replies of STS and IAM spell it. The two secrets go from the reply's locked memory into
// other locked memory and nowhere else.
#pragma once

#include "aws/credentials.h"
#include "aws/query_xml.h"

#include <string_view>

namespace aws {

/// What an access key id looks like: 16 to 128 letters, digits and underscores.
bool is_access_key_id(std::string_view text);
/// Visible ASCII and not empty: what may become a header or an environment entry.
bool is_plain_secret(std::string_view text);

/// Reads AccessKeyId, SecretAccessKey, SessionToken and Expiration at `path`; white space inside a secret (replies may
/// be wrapped) is dropped. Error: failure, where a field is missing or is not what such a field looks like.
base::Result<Credentials> read_session(const XmlElement& reply, const std::string& path);
/// As read_session, for a long-term key, which has neither token nor expiry.
base::Result<Credentials> read_access_key(const XmlElement& reply, const std::string& path);

}  // namespace aws
