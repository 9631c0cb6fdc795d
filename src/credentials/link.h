// One profile on the way to the first credentials, as the files and the store know it. It decides nothing.
#pragma once

#include "aws/profile.h"
#include "credentials/chain.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace credentials {

/// What the files say about a static key pair of the profile.
enum class Pair : std::uint8_t { none, whole, no_id, no_secret };

struct Link {
  std::string name;
  std::optional<aws::Profile> profile;  // none: only the store knows it
  std::optional<SealedKey> sealed;
  std::string remembered_mfa;  // a person's choice; counts where the files name no mfa_serial

  bool has(std::string_view key) const { return profile && !profile->value(key).empty(); }
  /// Empty where the key is missing or empty.
  std::string value(std::string_view key) const;
  /// The value with the line that says so; empty as above.
  Reasoned reasoned(std::string_view key) const;
  /// "/home/u/.aws/config line 12" for an error or a reason: where the key stands, or the profile.
  std::string where(std::string_view key) const;
  /// The same in brackets, after a blank.
  std::string said_by(std::string_view key) const { return " (" + where(key) + ")"; }
  /// "profile "dev"", printable.
  std::string called() const;
  /// The name as a word of a command in a hint.
  std::string word() const;
  Pair pair_in_files() const;
  /// Whether role_arn is taken by a token or an assertion, which need no source profile.
  bool takes_role_by_token() const;
  /// Whether the profile's role_arn is one of IAM Roles Anywhere.
  bool takes_role_by_certificate() const;
};

/// A setting that names a program, as the hop's command.
void take_command(Hop& hop, const aws::Setting& setting);

}  // namespace credentials
