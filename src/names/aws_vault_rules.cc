#include "names/aws_vault_rules.h"

#include "base/text.h"
#include "secret/names_index.h"
#include "secret/places.h"

#include <array>
#include <chrono>
#include <string_view>
#include <utility>

namespace names {
namespace {

constexpr base::Duration kUsualSession = std::chrono::hours{1};
constexpr std::string_view kEveryProfile;

using Pair = std::pair<std::string_view, std::string_view>;
// What the environment says for the profile asked for alone; a role on the way has its own.
constexpr std::array<Pair, 5> kForTheTarget = {{{"AWS_ROLE_ARN", "role_arn"},
                                                {"AWS_ROLE_SESSION_NAME", "role_session_name"},
                                                {"AWS_SESSION_TAGS", "session_tags"},
                                                {"AWS_TRANSITIVE_TAGS", "transitive_session_tags"},
                                                {"AWS_SOURCE_IDENTITY", "source_identity"}}};

std::optional<base::Duration> duration_in(const base::Environment& environment, std::string_view variable) {
  const auto text = environment.get_nonempty(variable);
  return text ? duration_with_unit(*text) : std::nullopt;
}

std::string seconds_of(base::Duration duration) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(duration).count());
}

/// A key may be sealed for a profile that no file names: it still inherits, and the environment speaks for it.
base::Result<bool> is_sealed(const base::Environment& environment, const std::string& profile) {
  const auto places = TRY(secret::find_places(environment));
  const auto index = TRY(secret::read_names(places));
  return index && index->find(profile) != nullptr;
}

}  // namespace

std::optional<base::Duration> duration_with_unit(std::string_view text) {
  return lacks_unit(text) ? std::nullopt : base::parse_duration(text);
}

bool lacks_unit(std::string_view text) { return base::parse_integer(text).has_value(); }

base::Result<aws::Profiles> load_by_vault_rules(const AwsVault& vault, const base::Environment& environment) {
  auto profiles = TRY(aws::Profiles::load(environment, aws::Inherit::included_and_default));
  const std::string& target = vault.target;
  if (!target.empty() && !profiles.contains(target) && TRY(is_sealed(environment, target)))
    profiles.add_made(target, {}, "the store");
  if (const auto serial = environment.get_nonempty("AWS_MFA_SERIAL"))
    profiles.put_over(kEveryProfile, "mfa_serial", *serial, "AWS_MFA_SERIAL");
  if (vault.duration)
    profiles.put_over(kEveryProfile, "duration_seconds", seconds_of(*vault.duration), "--duration");
  else if (const auto ttl = duration_in(environment, "AWS_ASSUME_ROLE_TTL"))
    profiles.put_over(kEveryProfile, "duration_seconds", seconds_of(*ttl), "AWS_ASSUME_ROLE_TTL");
  if (target.empty()) return profiles;
  for (const auto& [variable, key] : kForTheTarget)
    if (const auto value = environment.get_nonempty(variable))
      profiles.put_over(target, key, *value, std::string(variable));
  return profiles;
}

void set_session_lengths(const AwsVault& vault, const base::Environment& environment, cli::SessionOptions& session) {
  const auto length = [&](const char* variable) -> std::optional<credentials::UsualLength> {
    const auto said = duration_in(environment, variable);
    return said ? std::optional(credentials::UsualLength{*said, variable}) : std::nullopt;
  };
  session.session_length =
      length("AWS_SESSION_TOKEN_TTL").value_or(credentials::UsualLength{kUsualSession, "aws-vault's default"});
  if (vault.duration) session.session_length = {*vault.duration, "--duration"};
  // Neither --duration nor another default shortens what one MFA code gives for many roles: so it is the same session
  // that kabuto has under its own name, and the code is asked for once.
  session.session_on_the_way = length("AWS_CHAINED_SESSION_TOKEN_TTL");
}

bool is_on(const base::Environment& environment, std::string_view variable) {
  const auto value = base::lower_ascii(environment.get(variable).value_or(""));
  return value == "1" || value == "t" || value == "true";
}

std::optional<base::Duration> federation_length(const base::Environment& environment) {
  return duration_in(environment, "AWS_FEDERATION_TOKEN_TTL");
}

std::optional<base::Duration> least_time_left(const base::Environment& environment) {
  return duration_in(environment, "AWS_MIN_TTL");
}

}  // namespace names
