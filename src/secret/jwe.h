// One JWE in its compact form, opened with a passphrase: what the file stores of aws-vault, granted and aws-sso-cli are
// made of (RFC 7516, RFC 7518 4.8 and 5.3). PBES2-HS256+A128KW with A256GCM and nothing else; it makes none.
#pragma once

#include "base/result.h"
#include "secret/bytes.h"

namespace secret {

/// What was sealed. store_damaged: it is no JWE, or was changed; refused: an algorithm, extension or cost outside of
/// what is read here, said before anything is derived; store_locked: the passphrase does not open it; failure: no
/// libcrypto.
base::Result<Bytes> open_jwe(const Bytes& token, const Bytes& passphrase);

}  // namespace secret
