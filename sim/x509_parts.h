// Keys and X.509 certificates under construction, by OpenSSL: what the simulator's authorities are made of. Only the
// files that make or judge certificates include OpenSSL's headers, or this one.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace sim {

struct OpensslFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Key = std::unique_ptr<EVP_PKEY, OpensslFree>;
using Certificate = std::unique_ptr<X509, OpensslFree>;

/// Seconds from now on; negative ones lie in the past.
struct Validity {
  long begins = 0, ends = 0;
};

/// X.509v3 with a random serial number, the common name and the key; no extension and no issuer yet.
Certificate unsigned_certificate(const std::string& common_name, EVP_PKEY* key, const Validity& validity);
/// `value` as OpenSSL's configuration has it: "critical,CA:FALSE".
bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value);
/// Names the issuer and signs with its key.
bool sign_certificate(X509* certificate, X509* issuer, EVP_PKEY* issuer_key, const EVP_MD* digest);

std::string pem_of(X509* certificate);
/// PKCS#8, not encrypted.
std::string pem_of(EVP_PKEY* key);
/// The older form of its kind, SEC1 for a key on a curve; not encrypted.
std::string traditional_pem_of(EVP_PKEY* key);

}  // namespace sim
