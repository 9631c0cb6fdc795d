// A private key that signs, wherever it lies: in locked memory, or in a token that never lets it out. Those who sign
// see neither the key nor where it is.
#pragma once

#include "base/result.h"
#include "secret/bytes.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace secret {

enum class KeyAlgorithm : std::uint8_t { rsa, ec, ml_dsa };

/// Bytes that are no secret: certificates, public keys, signatures.
using Der = std::vector<std::byte>;

class SigningKey {
 public:
  virtual ~SigningKey() = default;
  virtual KeyAlgorithm algorithm() const = 0;
  /// SubjectPublicKeyInfo, as a certificate holds it.
  virtual const Der& public_key() const = 0;
  /// RSA: PKCS#1 v1.5 over SHA-256; EC: ECDSA over SHA-256, in ASN.1; ML-DSA: over the text itself.
  virtual base::Result<Der> sign(std::string_view text) = 0;
};

/// Called where the key is encrypted, once.
using AskPassphrase = std::function<base::Result<Bytes>()>;

/// What a key file holds: the key, and in a PKCS#12 file certificates, the key's own first.
struct KeyFile {
  std::unique_ptr<SigningKey> key;
  std::vector<Der> certificates;
};

/// PEM or DER: PKCS#1, SEC1, PKCS#8, PKCS#8 encrypted by PBES2, and PKCS#12 (tried without a passphrase first).
/// `what` names the file in errors: failure, also for a passphrase that does not open it; those of `ask`.
base::Result<KeyFile> read_key_file(const Bytes& content, const AskPassphrase& ask, std::string_view what);

}  // namespace secret
