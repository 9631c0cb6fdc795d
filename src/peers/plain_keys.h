// Access keys that lie in clear in AWS's own files: which profiles have one, where, and what kind of key it is. Pure;
// it opens no file, and a secret leaves it as secret::Bytes only.
#pragma once

#include "aws/config_file.h"
#include "base/clock.h"
#include "secret/bytes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace peers {

enum class PlainKind : std::uint8_t {
  long_term,  // AKIA…, with its secret: worth sealing
  session,    // with a session token, or ASIA…: ends by itself
  unusable,   // a half pair, or not of AWS's shapes
};

struct PlainKey {
  std::string profile;  // the section's name
  std::string path;
  unsigned line = 0;  // of the access key id; of the secret where there is no id
  aws::FileKind file = aws::FileKind::credentials;
  std::string access_key_id;  // empty where there is none, or what stands there is none
  PlainKind kind = PlainKind::unusable;
  bool has_secret = false;            // something stands in aws_secret_access_key or a session token
  std::optional<base::Instant> ends;  // of sessions, where the section says it
  std::string flaw;                   // of unusable: why
  std::string passed_over;            // why readers take the section for no profile; empty where they do

  /// "/home/u/.aws/credentials line 3"
  std::string where() const;
};

/// Every profile of the file that has an access key id or something secret, in the order of the file, each once.
std::vector<PlainKey> plain_keys(const aws::ConfigFile& file);

/// As above, of the sections that are passed over: what lies there lies in clear all the same.
std::vector<PlainKey> passed_over_keys(const aws::ConfigFile& file);

/// The lines of two ids, else of two secrets, of a profile that are not the same: only the last would be read, and all
/// would be taken out.
std::optional<std::pair<unsigned, unsigned>> lines_that_differ(const aws::ConfigFile& file, std::string_view profile);

/// The value of a key of a profile that holds a secret: the last that counts. nullopt where it is missing or empty.
std::optional<secret::Bytes> plain_secret(const aws::ConfigFile& file, std::string_view profile, std::string_view key);

/// As above, of a key that holds none; "" where it is missing.
std::string plain_value(const aws::ConfigFile& file, std::string_view profile, std::string_view key);

/// For the terminal: enough to know a key by, too little to search the web with: "AKIA…MPLE".
std::string masked(std::string_view access_key_id);

}  // namespace peers
