// DPoP (RFC 9449): the proof that who sends a token holds the key it was given for. AWS's sign-in asks for ES256.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "secret/signing_key.h"

#include <string>
#include <string_view>

namespace aws {

/// The value of the header DPoP for a POST to `url`. `id` is new for each proof. Error: failure, where the key is not
/// of the curve P-256.
base::Result<std::string> dpop_proof(secret::SigningKey& key, std::string_view url, base::Instant when,
                                     std::string_view id);

/// A random UUID of version 4.
std::string make_uuid();

}  // namespace aws
