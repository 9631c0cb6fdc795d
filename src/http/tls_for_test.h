// Throw-away certificates and a TLS side for the loopback server. Only tests include it.
#pragma once

#include "http/loopback_server_for_test.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <string>

namespace http {

template <auto Free>
struct OpensslFree {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using CertificatePointer = std::unique_ptr<X509, OpensslFree<X509_free>>;
using ContextPointer = std::unique_ptr<SSL_CTX, OpensslFree<SSL_CTX_free>>;

struct Identity {
  KeyPointer key;
  CertificatePointer certificate;
};

enum class Role { authority, server };

/// A certificate for `name` ("IP:127.0.0.1" or "DNS:host"), signed by `issuer` or by itself, that began yesterday and
/// ends `days_left` from now.
inline Identity make_identity(const std::string& name, Role role, const Identity* issuer, int days_left = 1) {
  constexpr long kDay = 24 * 3600;
  static int serial = 0;
  Identity out{KeyPointer(EVP_EC_gen("P-256")), CertificatePointer(X509_new())};
  X509* const certificate = out.certificate.get();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -2 * kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate), days_left * kDay);
  X509_set_pubkey(certificate, out.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509* const signer = issuer != nullptr ? issuer->certificate.get() : certificate;
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));
  const auto extend = [&](int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, signer, certificate, nullptr, nullptr, 0);
    auto* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  };
  extend(NID_basic_constraints, role == Role::authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (role == Role::server) extend(NID_subject_alt_name, name);
  X509_sign(certificate, issuer != nullptr ? issuer->key.get() : out.key.get(), EVP_sha256());
  return out;
}

inline void write_pem(const Identity& identity, const std::string& path) {
  auto* const file = std::fopen(path.c_str(), "w");
  PEM_write_X509(file, identity.certificate.get());
  std::fclose(file);
}

inline ContextPointer make_context(const Identity& identity, int newest_version = TLS1_3_VERSION) {
  ContextPointer context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), newest_version);
  // Debian's default refuses TLS 1.1 by itself; here the client must.
  if (newest_version < TLS1_2_VERSION) SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0");
  SSL_CTX_use_certificate(context.get(), identity.certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), identity.key.get());
  return context;
}

/// Answers one request over TLS; returns it, or nothing where the handshake fails.
inline std::string serve_tls(int fd, SSL_CTX* context, const std::string& reply) {
  SSL* const tls = SSL_new(context);
  SSL_set_fd(tls, fd);
  std::string request;
  if (SSL_accept(tls) == 1) {
    request = read_request([&](char* to, std::size_t size) { return SSL_read(tls, to, static_cast<int>(size)); });
    SSL_write(tls, reply.data(), static_cast<int>(reply.size()));
    SSL_shutdown(tls);
  }
  SSL_free(tls);
  return request;
}

}  // namespace http
