// The key pairs of the identity providers that the simulator plays: RSA and P-256, made in memory and never written.
// Signs and verifies as RFC 7518 (JWS) has it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <string>
#include <string_view>

// OpenSSL's own type.
struct evp_pkey_st;

namespace sim {

class SigningKey {
 public:
  enum class Kind { rsa, ec };
  /// A fresh key with a random key id.
  static SigningKey create(Kind kind);
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

  Kind kind() const { return kind_; }
  const std::string& id() const { return id_; }
  evp_pkey_st* handle() const { return key_.get(); }

  /// The algorithm it signs with where nothing else is asked for: RS256 or ES256.
  std::string_view algorithm() const;
  /// RS256, RS384 and RS512 with an RSA key, ES256 with the other; empty for any other algorithm.
  std::string sign(std::string_view algorithm, std::string_view text) const;
  bool verify(std::string_view algorithm, std::string_view text, std::string_view signature) const;
  /// The public half as RFC 7517 has it.
  nlohmann::json public_jwk() const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  SigningKey(Kind kind, std::string id, evp_pkey_st* key);
  Kind kind_;
  std::string id_;
  std::unique_ptr<evp_pkey_st, Free> key_;
};

}  // namespace sim
