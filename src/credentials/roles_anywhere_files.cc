// The key and the certificates of IAM Roles Anywhere, read from the files that the profile names.
#include "aws/certificate_selector.h"
#include "base/file.h"
#include "base/text.h"
#include "credentials/roles_anywhere.h"
#include "secret/pkcs11.h"
#include "secret/read_secret.h"

#include <utility>
#include <vector>

namespace credentials {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::size_t kFileLimit = std::size_t{1} << 20;
constexpr std::size_t kLongestPassphrase = 4096;

std::string named(std::string_view what, const std::string& path) {
  return "the " + std::string(what) + " " + base::printable(path, 200);
}

base::Result<std::vector<aws::Certificate>> certificates_of(const std::string& path, std::string_view what) {
  auto content = TRY(secret::read_secret_file_of_tool(path, kFileLimit, what));
  if (!content) return fail(ErrorKind::not_found, named(what, path) + " does not exist");
  return aws::read_certificates(*content, named(what, path));
}

/// The first line of a file that only its owner may read, or what a person answers.
base::Result<secret::Bytes> ask(const Errand& errand, const Hop& hop, const std::string& file, std::string_view what,
                                const std::string& setting) {
  if (!file.empty())
    return secret::first_line(TRY(secret::read_secret_file(file, kLongestPassphrase, "passphrase file")));
  secret::Prompt& prompt = errand.around.prompt;
  if (const auto ready = prompt.ready(); !ready)
    return fail(ErrorKind::sign_in_needed, "the " + std::string(what) + " is wanted, and nobody can be asked here",
                "run kabuto exec " + base::printable(hop.profile, 100) +
                    " -- true at a terminal, or name a file that only you can read: " + setting);
  return prompt.ask_secret(what);
}

base::Result<secret::KeyFile> key_file(const Errand& errand, const Hop& hop) {
  const RolesAnywhereSource& source = *hop.anywhere;
  const auto content = TRY(secret::read_secret_file(source.private_key, kFileLimit, "private key"));
  const auto passphrase = [&] {
    return ask(errand, hop, source.passphrase_file, "passphrase of " + base::printable(source.private_key, 200),
               "kabuto profile set " + base::printable(hop.profile, 100) + " roles_anywhere_passphrase_file=FILE");
  };
  return secret::read_key_file(content, passphrase, named("private key", source.private_key));
}

/// The token as the URI names it. Its module is code that the config file chooses, as credential_process is.
base::Result<secret::Pkcs11Uri> token_uri(const RolesAnywhereSource& source) {
  if (!source.config_path.starts_with('/'))
    return fail(
        ErrorKind::refused,
        "no PKCS#11 module is loaded: " + base::printable(source.config_path, 200) + " was named by a relative path",
        "export AWS_CONFIG_FILE=\"$PWD/" + base::printable(source.config_path, 200) + "\"");
  TRY(base::check_only_owner_writes(source.config_path, "config file that names a PKCS#11 module"));
  return secret::parse_pkcs11_uri(source.private_key);
}

/// Which of the certificates is the key's own, and which lead from it to a trust anchor.
base::Result<aws::X509Identity> arranged(const RolesAnywhereSource& source,
                                         std::vector<aws::Certificate> certificates) {
  std::size_t leaf = 0;
  if (!source.selector.empty()) {
    const auto selector = TRY(aws::read_certificate_selector(source.selector));
    leaf = TRY(aws::selected(selector, certificates));
  }
  aws::X509Identity out;
  if (!source.chain.empty()) {
    out.chain = TRY(certificates_of(source.chain, "certificate chain"));
  } else {
    for (std::size_t i = 0; i < certificates.size(); ++i)
      // A root is the trust anchor itself, which AWS has already.
      if (i != leaf && certificates[i].subject != certificates[i].issuer) out.chain.push_back(certificates[i]);
  }
  out.certificate = std::move(certificates[leaf]);
  return out;
}

base::Result<std::vector<aws::Certificate>> parsed(const std::vector<secret::Der>& all) {
  std::vector<aws::Certificate> out;
  out.reserve(all.size());
  for (const auto& der : all) out.push_back(TRY(aws::read_certificate(der)));
  return out;
}

}  // namespace

base::Result<OpenedIdentity> open_identity(const Errand& errand, const Hop& hop) {
  const RolesAnywhereSource& source = *hop.anywhere;
  base::Clock& clock = errand.around.clock;
  OpenedIdentity out;
  std::vector<aws::Certificate> certificates;
  if (!source.certificate.empty()) certificates = TRY(certificates_of(source.certificate, "certificate"));
  if (source.private_key.starts_with(kPkcs11Scheme)) {
    const auto uri = TRY(token_uri(source));
    if (certificates.empty()) {
      const auto all = TRY(secret::token_certificates(uri, clock));
      certificates = TRY(parsed(all));
    }
    out.identity = TRY(arranged(source, std::move(certificates)));
    const auto pin = [&errand, &hop, uri] {
      return ask(errand, hop, uri.pin_source,
                 "PIN of the token" + (uri.token.empty() ? "" : " " + base::printable(uri.token, 60)),
                 "add pin-source=/FILE to the pkcs11: URI");
    };
    out.key = TRY(secret::token_key(uri, out.identity.certificate.public_key, pin, clock));
  } else {
    auto file = TRY(key_file(errand, hop));
    out.key = std::move(file.key);
    if (certificates.empty()) certificates = TRY(parsed(file.certificates));
    if (certificates.empty())
      return fail(ErrorKind::failure, named("private key", source.private_key) + " brings no certificate",
                  "run kabuto profile set " + base::printable(hop.profile, 100) + " roles_anywhere_certificate=FILE");
    out.identity = TRY(arranged(source, std::move(certificates)));
  }
  out.identity.key = out.key.get();
  TRY(aws::check_usable(out.identity.certificate, out.key->public_key(), clock.now(),
                        source.certificate.empty() ? "the certificate" : named("certificate", source.certificate)));
  return out;
}

}  // namespace credentials
