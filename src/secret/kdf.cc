#include "secret/kdf.h"

#include "base/text.h"
#include "secret/cipher.h"

#include <sodium.h>

#include <algorithm>

namespace secret {
namespace {

constexpr std::size_t kSaltSize = crypto_pwhash_argon2id_SALTBYTES;

}  // namespace

bool allowed(const KdfCost& cost, const KdfLimits& limits) {
  return cost.memory >= limits.least.memory && cost.memory <= limits.most.memory &&
         cost.passes >= limits.least.passes && cost.passes <= limits.most.passes;
}

base::Result<Bytes> derive(const Bytes& passphrase, const std::string& salt_hex, const KdfCost& cost,
                           const KdfLimits& limits) {
  if (!allowed(cost, limits))
    return base::fail(base::ErrorKind::refused, "the passphrase slot asks for a cost outside the limits");
  const auto salt = base::from_hex(salt_hex);
  if (!salt || salt->size() != kSaltSize)
    return base::fail(base::ErrorKind::store_damaged, "the passphrase slot is damaged: its salt has a wrong length");
  Bytes key(kKeySize);
  const int outcome = passphrase.reveal_text([&](std::string_view text) {
    return key.edit([&](std::span<std::byte> out) {
      return crypto_pwhash_argon2id(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(),
                                    reinterpret_cast<const unsigned char*>(salt->data()), cost.passes, cost.memory,
                                    crypto_pwhash_argon2id_ALG_ARGON2ID13);
    });
  });
  if (outcome != 0)
    return base::fail(base::ErrorKind::failure, "not enough memory to check the passphrase: " +
                                                    std::to_string(cost.memory >> 20) + " MiB needed");
  return key;
}

base::Result<KdfCost> measured_cost(const KdfLimits& limits, base::Clock& clock) {
  KdfCost cost = limits.least;
  const Bytes sample = Bytes::copy_of("a passphrase of usual length");
  const std::string salt = new_salt();
  const auto measure = [&]() -> base::Result<base::Duration> {
    const auto before = clock.monotonic();
    TRY(derive(sample, salt, cost, limits));
    return clock.monotonic() - before;
  };
  for (;;) {
    base::Duration took = TRY(measure());
    // A busy machine is slow once; a store made on it should not stay weak for that.
    if (took >= limits.target) {
      const base::Duration again = TRY(measure());
      took = std::min(took, again);
    }
    if (took >= limits.target || cost.memory * 2 > limits.most.memory) return cost;
    cost.memory *= 2;
  }
}

std::string new_salt() { return random_hex(kSaltSize); }

}  // namespace secret
