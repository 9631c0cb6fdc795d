// Keys that never leave their token (a smart card, an HSM, SoftHSM): certificates are read from it and texts signed in
// it through its PKCS#11 module. The module runs in a child that may be killed: it is foreign code, and some hang.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "secret/bytes.h"
#include "secret/pkcs11_uri.h"
#include "secret/signing_key.h"

#include <memory>
#include <vector>

namespace secret {

/// The certificates with the object's or id's name that the URI gives. Errors: not_found, unreachable (the module does
/// not answer), refused (a module that others can write), failure.
base::Result<std::vector<Der>> token_certificates(const Pkcs11Uri& uri, base::Clock& clock);

/// The private key that belongs to `public_key` (SubjectPublicKeyInfo), RSA or EC. Each signature is verified with it
/// before it is given out. `pin` is asked once, at the first signature; sign() fails as above, or denied for a wrong
/// PIN.
base::Result<std::unique_ptr<SigningKey>> token_key(const Pkcs11Uri& uri, const Der& public_key, AskPassphrase pin,
                                                    base::Clock& clock);

}  // namespace secret
