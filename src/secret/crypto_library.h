// libcrypto, loaded when a private key, a certificate or another tool's sealed file is first used: linking it would
// cost every run of the program its start. This table is the whole of libcrypto that kabuto uses.
#pragma once

#include "base/result.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <memory>

namespace secret {

// One word per function, which is its name there and here.
// clang-format off
#define KABUTO_CRYPTO_FUNCTIONS(X) \
  X(ASN1_INTEGER_to_BN) X(ASN1_TIME_to_tm) X(BIO_free) X(BIO_new) X(BIO_read) X(BIO_s_mem) X(BN_bn2dec) \
  X(BN_bn2hex) X(BN_free) X(CRYPTO_free) X(CRYPTO_secure_malloc_init) X(ERR_clear_error) X(EVP_CIPHER_CTX_ctrl) \
  X(EVP_CIPHER_CTX_free) X(EVP_CIPHER_CTX_new) X(EVP_CIPHER_CTX_set_flags) X(EVP_DecryptFinal_ex) \
  X(EVP_DecryptInit_ex) X(EVP_DecryptUpdate) X(EVP_DigestSign) X(EVP_DigestSignInit) X(EVP_DigestVerify) \
  X(EVP_DigestVerifyInit) X(EVP_MD_CTX_free) X(EVP_MD_CTX_new) X(EVP_PKCS82PKEY) X(EVP_PKEY_free) X(EVP_PKEY_is_a) \
  X(EVP_aes_128_wrap) X(EVP_aes_256_gcm) X(EVP_sha256) X(OBJ_obj2txt) X(OPENSSL_sk_num) X(OPENSSL_sk_pop_free) \
  X(OPENSSL_sk_value) X(PKCS12_free) X(PKCS12_parse) X(PKCS12_verify_mac) X(PKCS5_PBKDF2_HMAC) \
  X(PKCS8_PRIV_KEY_INFO_free) X(PKCS8_decrypt) X(PKCS8_pkey_get0) X(SHA1) X(X509_NAME_print_ex) X(X509_SIG_free) \
  X(X509_free) X(X509_get0_notAfter) X(X509_get0_notBefore) X(X509_get0_serialNumber) X(X509_get_X509_PUBKEY) \
  X(X509_get_issuer_name) X(X509_get_subject_name) X(d2i_AutoPrivateKey) X(d2i_PKCS12) X(d2i_PKCS8_PRIV_KEY_INFO) \
  X(d2i_PUBKEY) X(d2i_X509) X(d2i_X509_SIG) X(i2d_PUBKEY) X(i2d_X509) X(i2d_X509_PUBKEY)
// clang-format on

struct CryptoLibrary {
// NOLINTNEXTLINE(bugprone-macro-parentheses): a member's name cannot stand in them
#define KABUTO_ENTRY(name) decltype(&::name) name = nullptr;
  KABUTO_CRYPTO_FUNCTIONS(KABUTO_ENTRY)
#undef KABUTO_ENTRY

  /// Loads it once per process; private numbers of keys go into a heap of its own, which it locks. Error: failure,
  /// naming the package to install.
  static base::Result<const CryptoLibrary*> load();
};

/// Owns what a function of libcrypto made.
template <class T>
using Crypto = std::unique_ptr<T, void (*)(T*)>;

}  // namespace secret
