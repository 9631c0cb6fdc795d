// What sealing a long-term key is made of, for `kabuto add` and for the names of other tools that do the same: the key
// as it is given, whose it is, the record in the store, and a profile for it in AWS's config file.
#pragma once

#include "aws/credentials.h"
#include "aws/sts.h"
#include "base/result.h"
#include "cli/make_store.h"

#include <cstddef>
#include <optional>
#include <string>

namespace cli {

class Context;

struct KeyQuestions {
  std::string id = "Access key id";
  std::string secret = "Secret access key (not shown)";
};

/// Typed at the terminal, or JSON on standard input where that is none. Errors: sign_in_needed where there is neither;
/// refused (what is no key).
base::Result<aws::Credentials> given_key(Context& context, const KeyQuestions& questions);

/// Asks AWS whose key it is, by the settings of the profile. Errors: AWS's and the network's own.
base::Result<aws::CallerIdentity> owner_of_key(Context& context, const std::string& profile,
                                               const std::optional<std::string>& region, const aws::Credentials& key);

/// The store, or nullptr where there is none yet.
base::Result<secret::Store*> store_if_any(Context& context);

/// Said before a secret is typed. Errors: sign_in_needed where there is no store and nobody to ask about a new one.
base::Result<void> check_can_seal(Context& context, const std::string& profile, const SlotWords& slot);

/// Seals the key in place of the profile's own, where it has one, and forgets the sessions that came of that one; their
/// number. `caller` is empty where it is not known. Makes the store where there is none.
base::Result<std::size_t> seal_key(Context& context, const std::string& profile, const aws::Credentials& key,
                                   const aws::CallerIdentity& caller, const SlotWords& slot);

/// Adds the profile to AWS's config file where it is not there, and sets what is given. Says which file was written.
base::Result<void> write_profile(Context& context, const std::string& profile, const std::optional<std::string>& region,
                                 const std::optional<std::string>& mfa_serial);

/// Warns where a key of the profile also lies in clear in AWS's files.
void warn_of_clear_key(Context& context, const std::string& profile);

}  // namespace cli
