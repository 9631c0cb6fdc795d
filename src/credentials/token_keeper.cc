#include "credentials/token_keeper.h"

#include "aws/sso_cache.h"
#include "aws/sso_start_url.h"
#include "base/file.h"
#include "base/held_signals.h"
#include "base/text.h"
#include "credentials/clock_offset.h"
#include "http/url.h"
#include "secret/digest.h"
#include "secret/fields.h"

#include <unistd.h>

#include <algorithm>

namespace credentials {
namespace {

using base::Duration;
using base::ErrorKind;

// A token with less left is renewed.
constexpr Duration kLeastLeft = std::chrono::minutes{5};
// While the old token is good, renewing is tried this often and no more.
constexpr Duration kBetweenTries{60'000};
// What has less left ends before it can be used.
constexpr Duration kLeastUseful{5'000};
// After the owner has gone with nothing left behind, its waiters try in a loose order.
constexpr Duration kScatter{5};
constexpr std::size_t kShown = 100;
constexpr std::size_t kMostFailures = 4096;  // bytes

std::string shown(const SsoSession& session) { return base::printable(session.id(), kShown); }

std::string key_of(std::string_view what, const std::string& id) {
  secret::Digest digest;
  digest.add("kabuto sign-in 1").add(what).add(id);
  return digest.hex();
}

bool is_it(const secret::Bytes& token, const secret::Bytes* refused) {
  return refused != nullptr && token.equals(*refused);
}

/// Whether those who waited for the owner would fail just the same.
bool is_everybodys(const base::Error& error) {
  return error.kind != ErrorKind::sign_in_needed && error.kind != ErrorKind::store_locked;
}

std::string name_of(TokenKeeper::Attempt what) { return what == TokenKeeper::Attempt::renewal ? "renewal" : "window"; }

std::string failures_path(const secret::Places& places, const SsoSession& session) {
  return places.directory + "/flights/" + key_of("failures", session.id());
}

secret::Fields failures_of(const secret::Places& places, const SsoSession& session) {
  const auto text = base::read_file(failures_path(places, session), kMostFailures);
  if (!text || !*text) return {};
  return secret::decode_fields(**text).value_or(secret::Fields{});
}

}  // namespace

std::string login_command(const SsoSession& session) {
  const std::string name = shown(session);
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./:@+=,").find(c) != std::string_view::npos;
  };
  return "kabuto login " + (std::ranges::all_of(name, plain) ? name : "'" + name + "'");
}

Duration time_left(const SignInStatus& status, const base::Clock& clock) {
  return time_until(status.expires, {status.boot, status.clock_offset}, clock);
}

base::Instant TokenKeeper::aws_now(const SignInStatus& status) const {
  return around_.clock.now() + status.clock_offset;
}

bool TokenKeeper::can_renew(const SignInStatus& status) const {
  return status.renewable && !status.ended && status.registration_expires > aws_now(status);
}

base::Result<std::optional<SignInStatus>> TokenKeeper::status(const SsoSession& session) {
  const auto unwritten = unwritten_.find(session.id());
  if (unwritten != unwritten_.end()) return unwritten->second.status;
  for (auto& status : TRY(around_.store.list()))
    // A token of another portal must not be sent to the one that the files name now.
    if (status.id == session.id() && status.start_url == session.start_url) return std::move(status);
  return std::nullopt;
}

base::Result<std::optional<HeldSignIn>> TokenKeeper::open(const SsoSession& session) {
  const auto unwritten = unwritten_.find(session.id());
  if (unwritten != unwritten_.end()) return HeldSignIn{unwritten->second.status, unwritten->second.secrets.clone()};
  auto status = TRY(this->status(session));
  if (!status) return std::nullopt;
  auto secrets = TRY(around_.store.open(session.id()));
  if (!secrets) return std::nullopt;
  return HeldSignIn{std::move(*status), std::move(*secrets)};
}

std::string TokenKeeper::region(const SsoSession& session, const std::optional<SignInStatus>& status) const {
  if (status && !status->region.empty()) return status->region;
  if (const auto found = region_of_aws_cli_.find(session.id()); found != region_of_aws_cli_.end()) return found->second;
  const auto url = http::parse_url(std::string_view(session.start_url).substr(0, session.start_url.find('#')));
  if (url && aws::is_aws_sso_host(url->host))
    if (auto region = aws::region_of_sso_host(url->host)) return *region;
  return session.region;
}

/// A token that fulfils the wish. One that could never last as long is measured by the five minutes alone.
std::optional<secret::Bytes> TokenKeeper::good_token(const HeldSignIn& held, const TokenWish& wish) const {
  const auto& status = held.status;
  if (status.ended || is_it(held.secrets.access_token, wish.refused)) return std::nullopt;
  const Duration whole = status.expires - status.renewed;
  const Duration needed = wish.min_ttl < whole ? std::max(kLeastLeft, wish.min_ttl) : kLeastLeft;
  if (time_left(status, around_.clock) < needed) return std::nullopt;
  return held.secrets.access_token.clone();
}

/// One that AWS still takes, however short.
std::optional<secret::Bytes> TokenKeeper::old_token(const HeldSignIn& held, const TokenWish& wish) const {
  if (held.status.ended || is_it(held.secrets.access_token, wish.refused)) return std::nullopt;
  if (time_left(held.status, around_.clock) < kLeastUseful) return std::nullopt;
  return held.secrets.access_token.clone();
}

base::Result<TokenState> TokenKeeper::token(const SsoSession& session, const TokenWish& wish) {
  const auto held = TRY(open(session));
  if (!held) return of_aws_cli(session, wish, "nobody is signed in to " + shown(session));
  if (auto good = good_token(*held, wish)) return TokenState{std::move(good), {}};
  if (!can_renew(held->status)) return without_renewal(session, *held, wish);
  if (auto old = old_token(*held, wish); old && failed_lately(session, Attempt::renewal, kBetweenTries))
    return keep_using(session, *held, std::move(*old));
  return renew(session, wish);
}

base::Result<TokenState> TokenKeeper::keep_using(const SsoSession& session, const HeldSignIn& held, secret::Bytes old) {
  around_.note("the sign-in of " + shown(session) + " could not be renewed a moment ago; it ends in " +
               base::human_duration(time_left(held.status, around_.clock)));
  return TokenState{std::move(old), {}};
}

base::Result<TokenState> TokenKeeper::without_renewal(const SsoSession& session, const HeldSignIn& held,
                                                      const TokenWish& wish) {
  if (auto old = old_token(held, wish)) {
    say_if_short(session, held, wish);
    return TokenState{std::move(old), {}};
  }
  const std::string why = "the sign-in of " + shown(session) + " has ended";
  if (held.status.shared) return TokenState{std::nullopt, why};
  return of_aws_cli(session, wish, why);
}

/// Where no token can last as long as is wished for, a person hears until when this one does.
void TokenKeeper::say_if_short(const SsoSession& session, const HeldSignIn& held, const TokenWish& wish) const {
  const Duration left = time_left(held.status, around_.clock);
  if (left >= wish.min_ttl) return;
  around_.note("the sign-in of " + shown(session) + " lasts until " + base::iso8601(held.status.expires) + ", " +
               base::human_duration(left) + ", and no longer is to be had now" +
               (can_renew(held.status) ? "; AWS decides how often it is renewed"
                                       : "; for a longer one run " + login_command(session)));
}

/// What the AWS CLI has left is used as it is. Renewing it would take the CLI's own refresh token away from it.
base::Result<TokenState> TokenKeeper::of_aws_cli(const SsoSession& session, const TokenWish& wish, std::string why) {
  const auto path = aws::sso_cache_path(around_.environment, session.id());
  if (!path) return TokenState{std::nullopt, std::move(why)};
  auto token = TRY(aws::read_sso_cache(*path));
  if (!token || (!token->start_url.empty() && token->start_url != session.start_url))
    return TokenState{std::nullopt, std::move(why)};
  const Duration left = token->expires - around_.clock.now();
  if (left < kLeastUseful || is_it(token->access_token, wish.refused))
    return TokenState{std::nullopt,
                      "the AWS CLI's sign-in of " + shown(session) + " has ended, and kabuto does not renew it"};
  if (!token->region.empty()) region_of_aws_cli_[session.id()] = token->region;
  around_.note("using the AWS CLI's sign-in of " + shown(session) + ", which ends in " + base::human_duration(left));
  return TokenState{std::move(token->access_token), {}};
}

std::unique_ptr<Flight> TokenKeeper::record_turn(const SsoSession& session) {
  auto flight = std::make_unique<Flight>(around_.places.directory + "/flights", key_of("record", session.id()));
  for (;;) {
    const auto turn = flight->try_take();
    if (!turn || *turn == Flight::Turn::mine || !flight->wait()) return flight;
    around_.clock.sleep(around_.jitter.up_to(kScatter));
  }
}

base::Result<TokenState> TokenKeeper::renew(const SsoSession& session, const TokenWish& wish) {
  Flight flight(around_.places.directory + "/flights", key_of("record", session.id()));
  for (;;) {
    const auto turn = flight.try_take();
    // Where no lock can be made (a full disk) a second renewal is better than none.
    if (!turn || *turn == Flight::Turn::mine) break;
    const std::optional<base::Error> left_behind = TRY(flight.wait());
    const auto held = TRY(open(session));
    if (!held) break;
    if (auto good = good_token(*held, wish)) return TokenState{std::move(good), {}};
    if (auto old = old_token(*held, wish); old && failed_lately(session, Attempt::renewal, kBetweenTries))
      return keep_using(session, *held, std::move(*old));
    if (left_behind && is_everybodys(*left_behind)) return std::unexpected(*left_behind);
    around_.clock.sleep(around_.jitter.up_to(kScatter));
  }
  // Who had the turn before may have renewed it, or found its end.
  auto held = TRY(open(session));
  if (!held) return of_aws_cli(session, wish, "nobody is signed in to " + shown(session));
  if (auto good = good_token(*held, wish)) return TokenState{std::move(good), {}};
  if (!can_renew(held->status)) return without_renewal(session, *held, wish);
  auto state = renew_alone(session, std::move(*held), wish);
  if (!state) flight.leave_failure(state.error());
  return state;
}

void TokenKeeper::renewed(HeldSignIn& held, aws::SsoTokens tokens) {
  const aws::Client& client = client_();
  held.secrets.access_token = std::move(tokens.access_token);
  if (!tokens.refresh_token.empty()) held.secrets.refresh_token = std::move(tokens.refresh_token);
  held.status.renewable = !held.secrets.refresh_token.empty();
  held.status.expires = tokens.expires;
  held.status.renewed = client.server_now();
  held.status.ended.reset();
  const ClockThen then = clock_then(around_.clock, client.clock_offset());
  held.status.clock_offset = then.offset;
  held.status.boot = then.boot;
}

base::Result<TokenState> TokenKeeper::renew_alone(const SsoSession& session, HeldSignIn held, const TokenWish& wish) {
  const aws::Endpoint endpoint = TRY(oidc_(session));
  aws::SsoOidc oidc(client_(), endpoint);
  const aws::ClientRegistration registration{held.secrets.client_id, held.secrets.client_secret.clone(),
                                             held.secrets.registration_expires};
  // From here to the end of the write the new refresh token exists in this process alone.
  const base::HeldSignals signals;
  auto reply = oidc.refresh(registration, held.secrets.refresh_token);
  if (reply && std::holds_alternative<aws::SsoTokens>(*reply)) {
    renewed(held, std::move(std::get<aws::SsoTokens>(*reply)));
    (void)write(held);
    say_if_short(session, held, wish);
    return TokenState{held.secrets.access_token.clone(), {}};
  }
  if (reply) {
    const auto refusal = std::get<aws::TokenRefusal>(*reply);
    if (refusal != aws::TokenRefusal::pending && refusal != aws::TokenRefusal::slow_down)
      return refused(session, std::move(held), wish);
  }
  base::Error error =
      reply ? base::Error{ErrorKind::failure, "AWS asks to wait with the renewal", {}} : std::move(reply).error();
  remember_failure(session, Attempt::renewal);
  auto old = old_token(held, wish);
  if (!old) return std::unexpected(base::with_context(std::move(error), "renew the sign-in of " + shown(session)));
  around_.note("the sign-in of " + shown(session) + " could not be renewed, it ends in " +
               base::human_duration(time_left(held.status, around_.clock)) + ": " + error.what);
  return TokenState{std::move(old), {}};
}

/// AWS does not take the refresh token. Perhaps somebody else has written a newer one, under no lock of ours.
base::Result<TokenState> TokenKeeper::refused(const SsoSession& session, HeldSignIn held, const TokenWish& wish) {
  auto now = TRY(open(session));
  if (now && !now->secrets.refresh_token.equals(held.secrets.refresh_token))
    if (auto good = good_token(*now, wish)) return TokenState{std::move(good), {}};
  auto old = old_token(held, wish);
  held.secrets.refresh_token = {};
  held.status.renewable = false;
  if (!old) held.status.ended = client_().server_now();
  // Where it cannot be written the next one asks AWS again, and hears the same.
  (void)around_.store.put(held.status, held.secrets);
  if (!old) return TokenState{std::nullopt, "the sign-in of " + shown(session) + " has ended"};
  around_.note("AWS does not renew the sign-in of " + shown(session) + " any more, it ends in " +
               base::human_duration(time_left(held.status, around_.clock)));
  return TokenState{std::move(old), {}};
}

base::Result<void> TokenKeeper::write(const HeldSignIn& held) {
  auto written = around_.store.put(held.status, held.secrets);
  if (!written) {
    unwritten_[held.status.id] = {held.status, held.secrets.clone()};
    around_.note("the sign-in of " + base::printable(held.status.id, kShown) +
                 " could not be stored, it serves this run: " + written.error().what);
  } else {
    unwritten_.erase(held.status.id);
  }
  if (held.status.shared) share(held);
  return written;
}

/// The access token alone: a refresh token in clear would outlast the day, and whoever used it would take it from us.
void TokenKeeper::share(const HeldSignIn& held) {
  const auto path = aws::sso_cache_path(around_.environment, held.status.id);
  aws::SsoCacheToken token;
  token.start_url = held.status.start_url;
  token.region = held.status.region;
  token.access_token = held.secrets.access_token.clone();
  token.expires = held.status.expires;
  const auto written = path ? aws::write_sso_cache(*path, token) : std::unexpected(path.error());
  if (!written) around_.note("the AWS CLI's sign-in could not be written: " + written.error().what);
}

base::Result<void> TokenKeeper::keep(const SsoSession& session, HeldSignIn held) {
  const auto turn = record_turn(session);
  return write(held);
}

base::Result<std::optional<secret::Bytes>> TokenKeeper::token_to_revoke(const SsoSession& session, HeldSignIn& held) {
  if (held.status.ended) return std::nullopt;
  if (time_left(held.status, around_.clock) > kLeastUseful) return held.secrets.access_token.clone();
  if (!can_renew(held.status)) return std::nullopt;
  const aws::Endpoint endpoint = TRY(oidc_(session));
  const aws::ClientRegistration registration{held.secrets.client_id, held.secrets.client_secret.clone(),
                                             held.secrets.registration_expires};
  auto reply = TRY(aws::SsoOidc(client_(), endpoint).refresh(registration, held.secrets.refresh_token));
  if (auto* tokens = std::get_if<aws::SsoTokens>(&reply)) return std::move(tokens->access_token);
  return std::nullopt;
}

base::Result<void> TokenKeeper::forget(const SsoSession& session) {
  const auto turn = record_turn(session);
  const auto status = TRY(this->status(session));
  TRY(around_.store.remove(session.id()));
  unwritten_.erase(session.id());
  if (status && status->shared) {
    const std::string path = TRY(aws::sso_cache_path(around_.environment, session.id()));
    TRY(aws::remove_sso_cache(path));
  }
  return {};
}

bool TokenKeeper::failed_lately(const SsoSession& session, Attempt what, Duration pause) const {
  const auto last = base::parse_integer(secret::field(failures_of(around_.places, session), name_of(what)));
  if (!last) return false;
  const Duration since = around_.clock.now() - base::Instant(Duration(*last));
  return since >= Duration::zero() && since < pause;
}

void TokenKeeper::remember_failure(const SsoSession& session, Attempt what) {
  secret::Fields failures = failures_of(around_.places, session);
  failures[name_of(what)] = std::to_string(around_.clock.now().time_since_epoch().count());
  const std::string path = failures_path(around_.places, session);
  // What cannot be remembered is tried once more than it need be.
  if (base::ensure_private_directory(around_.places.directory + "/flights"))
    (void)base::write_file_atomically(path, secret::encode_fields(failures));
}

}  // namespace credentials
