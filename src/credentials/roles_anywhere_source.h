// What a profile says of IAM Roles Anywhere: which certificate and key, and for which role. There are no official keys
// for it, so these are kabuto's own (doc/cmd/profile.md). It opens none of the files.
#pragma once

#include <string>
#include <string_view>

namespace credentials {

struct RolesAnywhereSource {
  std::string certificate;      // file; empty: the key file (PKCS#12) or the token brings it
  std::string private_key;      // file or pkcs11: URI
  std::string chain;            // file; empty: what follows the certificate in its own file
  std::string selector;         // which of several certificates; empty: the first
  std::string passphrase_file;  // of an encrypted key; empty: a person is asked
  std::string trust_anchor_arn;
  std::string profile_arn;
  std::string config_path;  // the file that names all this: nobody else may write it where a module is loaded
};

inline constexpr std::string_view kPkcs11Scheme = "pkcs11:";

}  // namespace credentials
