// What a profile of Roles Anywhere names: key files, certificates, selectors, pkcs11: URIs. No crash, and no passphrase
// opens what is none.
#include "aws/certificate.h"
#include "aws/certificate_selector.h"
#include "secret/pem.h"
#include "secret/pkcs11_uri.h"
#include "secret/signing_key.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto content = secret::Bytes::copy_of(text);
  const auto nobody = []() -> base::Result<secret::Bytes> {
    return base::fail(base::ErrorKind::sign_in_needed, "nobody");
  };
  const auto key = secret::read_key_file(content, nobody, "the key");
  if (key && (!key->key || key->key->public_key().empty())) __builtin_trap();
  (void)aws::read_certificates(content, "the certificate");
  const auto selector = aws::parse_certificate_selector(text);
  if (selector && selector->subject.empty() && selector->issuer.empty() && selector->serial_hex.empty())
    __builtin_trap();
  const auto uri = secret::parse_pkcs11_uri(text);
  if (uri &&
      ((uri->object.empty() && uri->id.empty()) || (!uri->module_path.empty() && uri->module_path.front() != '/') ||
       (!uri->pin_source.empty() && uri->pin_source.front() != '/')))
    __builtin_trap();
  return 0;
}
