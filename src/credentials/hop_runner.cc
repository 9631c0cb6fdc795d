#include "credentials/hop_runner.h"

#include "aws/service_error.h"
#include "base/text.h"
#include "credentials/call_check.h"
#include "credentials/flight.h"
#include "credentials/mfa_code.h"
#include "credentials/program.h"
#include "credentials/providers.h"

#include <algorithm>

namespace credentials {
namespace {

using base::Duration;
using base::ErrorKind;
using base::fail;

// A session that only signs the next call needs no more than this.
constexpr Duration kSigningTtl{5 * 60'000};
// Where renewing is not possible now, a session with this much left is still worth having.
constexpr Duration kLeastUseful{60'000};
// Between AWS's stamp and our look at it.
constexpr Duration kOnTheWay{10'000};
// After the owner has gone with nothing left behind, its waiters try in a loose order.
constexpr Duration kScatter{5};

/// Whether those who waited for the owner would fail just the same.
bool is_everybodys(const base::Error& error) {
  return error.kind != ErrorKind::sign_in_needed && error.kind != ErrorKind::store_locked &&
         error.kind != ErrorKind::usage;
}

}  // namespace

HopRunner::HopRunner(const Surroundings& around, const aws::Profiles& profiles, SessionCache& cache,
                     std::function<aws::Client&()> client, const Chain& chain, Request& request,
                     std::vector<std::string>& warnings)
    : around_(around),
      profiles_(profiles),
      cache_(cache),
      client_(std::move(client)),
      chain_(chain),
      request_(request),
      warnings_(warnings),
      started_(around.clock.now()) {}

void HopRunner::warn_once(std::string text) {
  if (std::find(warnings_.begin(), warnings_.end(), text) == warnings_.end()) warnings_.push_back(std::move(text));
}

std::string HopRunner::command_to_run() const {
  if (chain_.profile.empty()) return "run kabuto whoami";
  std::string command = "run kabuto exec";
  if (request_.duration)
    command += " --duration " + std::to_string(std::chrono::ceil<std::chrono::seconds>(*request_.duration).count());
  if (!request_.region.empty()) command += " --region " + base::printable(request_.region, 64);
  if (request_.min_ttl_is_demand)
    command += " --min-ttl " + std::to_string(std::chrono::ceil<std::chrono::seconds>(request_.min_ttl).count());
  return command + " " + base::printable(request_.made ? request_.made->origin : chain_.profile, 300) + " -- true";
}

Kept HopRunner::kept_now(aws::Credentials credentials, Duration clock_offset) const {
  const base::Instant now = around_.clock.now();
  return {std::move(credentials), now, now - around_.clock.monotonic(), clock_offset};
}

Duration HopRunner::needed_ttl(std::size_t step) const {
  return step + 1 == chain_.hops.size() ? chain_.min_ttl : std::min(chain_.min_ttl, kSigningTtl);
}

std::optional<Kept> HopRunner::look(std::size_t step, std::optional<Kept>& old) {
  auto read = cache_.read(chain_.hops[step].cache_key);
  if (!read) {
    warn_once(read.error().what + "; it is fetched anew");
    return std::nullopt;
  }
  if (!*read) return std::nullopt;
  Kept& kept = **read;
  const Duration left = time_left(kept, around_.clock);
  if (left <= Duration::zero()) return std::nullopt;
  // What another process has fetched while this one waited is as new as it gets.
  const bool just_fetched = kept.obtained > started_;
  if (just_fetched || (request_.cache == Cache::use && left >= needed_ttl(step))) return std::move(kept);
  old = std::move(kept);
  return std::nullopt;
}

void HopRunner::keep(const Hop& hop, const Kept& kept) {
  if (!kept.credentials.expiration) return;
  const auto& first = chain_.hops.front();
  const auto written =
      cache_.write(hop.cache_key, hop.profile, hop.cached_as, first.sso ? first.sso->session.id() : "", kept);
  if (!written) warn_once("the session could not be cached: " + written.error().what);
}

base::Result<void> HopRunner::somebody_can_give_a_code(const Hop& hop) {
  if (hop.mfa_serial.value.empty() || request_.mfa_code || !hop.mfa_process.value.empty()) return {};
  auto ready = around_.prompt.ready();
  if (ready || ready.error().kind != ErrorKind::sign_in_needed) return ready;
  return fail(ErrorKind::sign_in_needed,
              "an MFA code of " + base::printable(hop.mfa_serial.value) + " is needed, and nobody can be asked here",
              command_to_run());
}

base::Result<aws::Session> HopRunner::call_once(const Hop& hop, const aws::Credentials& signer,
                                                std::optional<aws::Mfa> mfa) {
  aws::Client& client = client_();
  return hop.kind == HopKind::session_token ? get_session_token(client, signer, hop, std::move(mfa))
                                            : assume_role(client, signer, hop, std::move(mfa));
}

base::Result<aws::Session> HopRunner::call_signed(const Hop& hop, const aws::Credentials& signer) {
  if (hop.mfa_serial.value.empty()) return call_once(hop, signer, std::nullopt);
  const secret::Bytes no_key;
  const auto session_key = cache_.ensure_key();
  MfaCodes codes(around_, hop, session_key ? **session_key : no_key, std::exchange(request_.mfa_code, std::nullopt),
                 command_to_run());
  for (;;) {
    secret::Bytes code = TRY(codes.next());
    auto session = call_once(hop, signer, aws::Mfa{hop.mfa_serial.value, std::move(code)});
    if (session || session.error().kind != ErrorKind::mfa_rejected) return session;
    codes.refused(std::move(session).error());
  }
}

/// What AWS said, for this hop: which role, and hints that name the profiles and the options that were given.
base::Error HopRunner::told_of(const Hop& hop, base::Error error) const {
  error = aws::naming(std::move(error), {chain_.profile, hop.profile, chain_.hops.front().profile});
  const bool no_code = std::ranges::all_of(chain_.hops, [](const Hop& each) { return each.mfa_serial.value.empty(); });
  if (hop.kind == HopKind::assume_role && error.kind == ErrorKind::denied && no_code && !around_.prompt.ready())
    error.hint += "; where the role wants an MFA code, run kabuto profile set " + base::printable(hop.profile, 100) +
                  " mfa_serial=ARN-OF-THE-DEVICE";
  if (hop.kind != HopKind::assume_role || error.kind != ErrorKind::failure) return error;
  const bool is_too_long = error.what.find("DurationSeconds exceeds") != std::string::npos;
  if (is_too_long && (request_.duration || request_.min_ttl_is_demand))
    error.hint = std::string("ask for a shorter ") + (request_.duration ? "--duration" : "--min-ttl") +
                 ", or have the role's MaxSessionDuration raised";
  return base::with_context(std::move(error), "assume " + base::printable(hop.role_arn, 300));
}

base::Result<Kept> HopRunner::call(std::size_t step) {
  const Hop& hop = chain_.hops[step];
  // From the last hop back to the first: all are checked before one is performed.
  if (auto fits = check_call(hop); !fits) return std::unexpected(told_of(hop, std::move(fits).error()));
  TRY(somebody_can_give_a_code(hop));
  auto made = [&](aws::Session session) { return kept_now(std::move(session.credentials), session.clock_offset); };
  std::optional<Kept> signer = TRY(obtain(step - 1));
  auto session = call_signed(hop, signer->credentials);
  if (session) return made(std::move(*session));
  base::Error error = told_of(hop, std::move(session).error());
  const bool signer_is_gone = error.kind == ErrorKind::expired || error.kind == ErrorKind::unknown_key;
  const bool from_cache = chain_.hops[step - 1].cached && signer->obtained < started_;
  if (!signer_is_gone || !from_cache) return std::unexpected(std::move(error));
  // A cached session may end before its time: its key was deleted, or its role's sessions were revoked.
  cache_.remove(chain_.hops[step - 1].cache_key);
  signer = TRY(obtain(step - 1));
  return made(TRY(call_signed(hop, signer->credentials)));
}

base::Result<Kept> HopRunner::fetch(std::size_t step) {
  const Hop& hop = chain_.hops[step];
  if (is_call(hop.kind)) return call(step);
  const auto use = step + 1 < chain_.hops.size() ? KeyUse::to_sign : KeyUse::to_deliver;
  auto given = TRY(first_credentials({around_, profiles_, client_, request_, use}, hop));
  return kept_now(std::move(given.credentials), given.clock_offset);
}

base::Result<Kept> HopRunner::obtain_alone(std::size_t step, const std::optional<Kept>& old) {
  auto fetched = fetch(step);
  if (fetched) {
    keep(chain_.hops[step], *fetched);
    return fetched;
  }
  const base::Error& error = fetched.error();
  const bool may_pass = error.kind == ErrorKind::sign_in_needed || error.kind == ErrorKind::unreachable;
  if (!may_pass || !old || request_.min_ttl_is_demand || request_.cache == Cache::renew) return fetched;
  const Duration left = time_left(*old, around_.clock);
  if (left < kLeastUseful) return fetched;
  warn_once("the session could not be renewed, it ends in " + base::human_duration(left) + ": " + error.what);
  return Kept{old->credentials.clone(), old->obtained, old->boot, old->clock_offset};
}

base::Result<Kept> HopRunner::obtain(std::size_t step) {
  const Hop& hop = chain_.hops[step];
  if (!hop.cached) return fetch(step);
  std::optional<Kept> old;
  if (auto good = look(step, old)) return std::move(*good);
  if (!hop.command.empty()) TRY(check_no_circle(hop.profile, around_.environment));
  Flight flight(around_.places.directory + "/flights", hop.cache_key);
  bool told = false;
  for (;;) {
    const auto turn = flight.try_take();
    // Where no lock can be made (a full disk) a second call is better than none.
    if (!turn || *turn == Flight::Turn::mine) break;
    if (!std::exchange(told, true)) {
      const int owner = flight.owner();
      around_.note("waiting for " + (owner > 0 ? "pid " + std::to_string(owner) : "another process") +
                   ", which is fetching the same session");
    }
    const std::optional<base::Error> left_behind = TRY(flight.wait());
    if (auto good = look(step, old)) return std::move(*good);
    if (left_behind && is_everybodys(*left_behind)) return std::unexpected(*left_behind);
    around_.clock.sleep(around_.jitter.up_to(kScatter));
  }
  if (auto good = look(step, old)) return std::move(*good);
  auto obtained = obtain_alone(step, old);
  if (!obtained) flight.leave_failure(obtained.error());
  return obtained;
}

base::Result<Kept> HopRunner::run() {
  Kept kept = TRY(obtain(chain_.hops.size() - 1));
  const Duration left = time_left(kept, around_.clock);
  if (left <= Duration::zero())
    return fail(ErrorKind::expired, "the credentials of " + chain_.hops.back().where + " have expired");
  if (request_.min_ttl_is_demand && left + kOnTheWay < request_.min_ttl)
    return fail(ErrorKind::failure, "the credentials end in " + base::human_duration(left) +
                                        ", and --min-ttl asks for " + base::human_duration(request_.min_ttl));
  return kept;
}

}  // namespace credentials
