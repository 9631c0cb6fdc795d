// How aws-vault reads AWS's files and its own variables, where that differs from AWS's SDKs: every profile inherits
// from [default], variables of the environment come before the profile's keys, durations carry a unit.
#pragma once

#include "aws/profile.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"
#include "cli/session_options.h"
#include "names/aws_vault.h"

namespace names {

/// AWS's files under these rules for `vault.target`. Errors: as aws::Profiles::load.
base::Result<aws::Profiles> load_by_vault_rules(const AwsVault& vault, const base::Environment& environment);

/// 90m, 1h30m. nullopt for what is no duration, and for a number alone, which Go takes for none.
std::optional<base::Duration> duration_with_unit(std::string_view text);
bool lacks_unit(std::string_view text);

/// The lengths of sessions: AWS_SESSION_TOKEN_TTL, else aws-vault's hour; AWS_CHAINED_SESSION_TOKEN_TTL, else ours.
void set_session_lengths(const AwsVault& vault, const base::Environment& environment, cli::SessionOptions& session);

/// A variable that stands for a flag: what Go takes for true.
bool is_on(const base::Environment& environment, std::string_view variable);

/// AWS_FEDERATION_TOKEN_TTL; nullopt where it is unset or no duration.
std::optional<base::Duration> federation_length(const base::Environment& environment);

/// AWS_MIN_TTL; nullopt where it is unset or no duration.
std::optional<base::Duration> least_time_left(const base::Environment& environment);

}  // namespace names
