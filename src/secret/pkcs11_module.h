// One PKCS#11 module, loaded and asked. Only a child that pkcs11.cc starts uses it, so it cleans nothing up.
#pragma once

#include "secret/bytes.h"
#include "secret/pkcs11_uri.h"
#include "secret/signing_key.h"

#include <cstdint>
#include <expected>
#include <span>
#include <vector>

namespace secret {

/// What can go wrong in a token; one byte on its way out of the child.
enum class TokenTrouble : std::uint8_t {
  no_module = 1,  // it cannot be loaded, or does not start
  no_token,
  several_tokens,
  no_object,
  several_objects,
  wrong_pin,
  pin_locked,
  refused,  // anything else
};

template <class T>
using FromToken = std::expected<T, TokenTrouble>;

FromToken<std::vector<Der>> certificates_in_token(const Pkcs11Uri& uri);
/// What C_Sign gives: PKCS#1 v1.5 for RSA (`input` is a DigestInfo), two numbers side by side for EC (a digest).
FromToken<Der> signed_in_token(const Pkcs11Uri& uri, KeyAlgorithm algorithm, const Bytes& pin,
                               std::span<const std::byte> input);

}  // namespace secret
