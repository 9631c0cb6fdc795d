#include "credentials/duration.h"

#include "base/text.h"

#include <algorithm>

namespace credentials {
namespace {

using base::ErrorKind;
using base::fail;
using std::chrono::seconds;

// The limits of the STS API reference.
constexpr seconds kShortest{900};
constexpr seconds kRoleDefault{3600};
constexpr seconds kRoleLongest{43200};
constexpr seconds kChainedLongest{3600};
constexpr seconds kTokenDefault{43200};
constexpr seconds kTokenLongest{129600};
// Below this a session is renewed where nothing else is asked for, and where the session is too short for more.
constexpr seconds kUsualTtl{300};

std::string human(seconds value) { return base::human_duration(value); }

/// Rounded up: a session must not end before what was asked for.
seconds whole_seconds(base::Duration value) { return std::chrono::ceil<seconds>(value); }

std::optional<seconds> demanded(const Request& request) {
  if (!request.min_ttl_is_demand) return std::nullopt;
  return whole_seconds(request.min_ttl);
}

struct Caps {
  seconds longest;
  std::string name;  // "AWS caps a role assumed with temporary credentials at 1h"
};

/// What the command line asks for, within the caps; nullopt where it asks for nothing more than `usual`.
base::Result<std::optional<AskedDuration>> by_command_line(const Request& request, seconds usual, const Caps& caps) {
  const auto ttl = demanded(request);
  if (request.duration) {
    const seconds asked = whole_seconds(*request.duration);
    if (asked < kShortest)
      return fail(ErrorKind::usage, "--duration " + human(asked) + " is below AWS's least, " + human(kShortest),
                  "ask for --duration " + human(kShortest) + " or more");
    if (asked > caps.longest)
      return fail(ErrorKind::failure, "--duration " + human(asked) + " is more than is possible: " + caps.name,
                  "ask for --duration " + human(caps.longest) + " or less");
    if (ttl && *ttl > asked)
      return fail(ErrorKind::usage, "--min-ttl " + human(*ttl) + " is more than --duration " + human(asked),
                  "leave out --duration: --min-ttl raises it");
    return AskedDuration{asked, "--duration"};
  }
  if (!ttl) return std::nullopt;
  if (*ttl > caps.longest)
    return fail(ErrorKind::failure, "--min-ttl " + human(*ttl) + " is more than is possible: " + caps.name,
                "ask for --min-ttl " + human(caps.longest) + " or less");
  if (*ttl <= usual) return std::nullopt;
  return AskedDuration{*ttl, "raised from " + human(usual) + " by --min-ttl " + human(*ttl)};
}

std::optional<seconds> configured_seconds(const ConfiguredDuration& configured) {
  const auto number = base::parse_integer(base::trim(configured.text));
  if (!number || *number <= 0 || *number > 1'000'000'000) return std::nullopt;
  return seconds(*number);
}

}  // namespace

base::Result<AskedDuration> role_duration(const Request& request, const ConfiguredDuration& configured, SignedBy signer,
                                          Place place, std::optional<std::string>& warning) {
  const bool chained = signer == SignedBy::temporary;
  const Caps caps =
      chained ? Caps{kChainedLongest, "AWS caps a role assumed with temporary credentials at " + human(kChainedLongest)}
              : Caps{kRoleLongest, "AWS caps a role session at " + human(kRoleLongest)};
  AskedDuration usual{kRoleDefault, "AWS's default"};
  if (!configured.text.empty()) {
    const auto wanted = configured_seconds(configured);
    if (!wanted) {
      warning = "duration_seconds is not a number of seconds (" + configured.where + "): not used";
    } else if (*wanted < kShortest) {
      usual = {kShortest, "raised to AWS's least from " + human(*wanted) + ", duration_seconds of " + configured.where};
    } else if (*wanted > caps.longest) {
      usual = {caps.longest,
               "cut from " + human(*wanted) + ", duration_seconds of " + configured.where + ": " + caps.name};
    } else {
      usual = {*wanted, "duration_seconds of " + configured.where};
    }
  }
  if (place == Place::last) {
    auto asked = TRY(by_command_line(request, usual.seconds, caps));
    if (asked) usual = std::move(*asked);
  }
  if (usual.seconds > kRoleDefault) usual.why += "; the role's MaxSessionDuration must allow it, which only AWS knows";
  return usual;
}

base::Result<AskedDuration> session_token_duration(const Request& request, Place place) {
  AskedDuration usual{kTokenDefault, "AWS's default"};
  if (const auto& ours = place == Place::last ? request.session_length : request.session_on_the_way)
    usual = {std::clamp(whole_seconds(ours->length), kShortest, kTokenLongest), ours->why};
  if (place == Place::on_the_way) return usual;
  auto asked = TRY(
      by_command_line(request, usual.seconds, {kTokenLongest, "AWS caps GetSessionToken at " + human(kTokenLongest)}));
  if (asked) usual = std::move(*asked);
  return usual;
}

bool wants_more_than_chaining_gives(const Request& request, const ConfiguredDuration& configured) {
  if (request.duration) return whole_seconds(*request.duration) > kChainedLongest;
  if (const auto ttl = demanded(request); ttl && *ttl > kChainedLongest) return true;
  const auto wanted = configured_seconds(configured);
  return wanted && *wanted > kChainedLongest;
}

AskedDuration needed_ttl(const Request& request, seconds planned) {
  const seconds wanted = whole_seconds(request.min_ttl);
  if (request.min_ttl_is_demand) return {wanted, "--min-ttl"};
  // A session of a quarter of an hour can never have 16 minutes left: renewing at each use would help nobody.
  if (planned.count() > 0 && wanted * 2 > planned) {
    const seconds least = std::min(wanted, kUsualTtl);
    if (least < wanted) return {least, "a session of " + human(planned) + " is too short for " + human(wanted)};
  }
  return {wanted, "the default of this command"};
}

}  // namespace credentials
