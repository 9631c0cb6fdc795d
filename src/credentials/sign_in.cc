#include "credentials/sign_in.h"

#include "aws/settings.h"
#include "aws/sso.h"
#include "aws/sso_start_url.h"
#include "base/held_signals.h"
#include "base/text.h"
#include "credentials/cache.h"
#include "credentials/clock_offset.h"
#include "credentials/flight.h"
#include "credentials/sign_in_flow.h"
#include "credentials/token_keeper.h"
#include "secret/digest.h"

#include <algorithm>

namespace credentials {
namespace {

using base::Duration;
using base::ErrorKind;
using base::fail;

constexpr std::size_t kShown = 100;
// After a window that nobody used, a background caller opens none for so long.
constexpr Duration kBetweenWindows = std::chrono::minutes{10};
// After the owner has gone with nothing left behind, its waiters try in a loose order.
constexpr Duration kScatter{5};

std::string shown(const SsoSession& session) { return base::printable(session.id(), kShown); }

std::string window_key(const SsoSession& session) {
  secret::Digest digest;
  digest.add("kabuto sign-in window 1").add(session.id());
  return digest.hex();
}

/// The time in which a person signs in, whatever way it ends.
class Waiting {
 public:
  explicit Waiting(SignInGuide& guide) : guide_(guide) { guide_.waiting_begins(); }
  ~Waiting() { guide_.waiting_ends(); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  SignInGuide& guide_;
};

enum class IfUnwritten { fail, serve };

}  // namespace

struct SignIns::State {
  State(SignInSurroundings surroundings, const aws::Profiles& files)
      : around(std::move(surroundings)),
        profiles(files),
        keeper(
            around, [this]() -> aws::Client& { return client_made(); },
            [this](const SsoSession& session) { return endpoint(aws::Service::sso_oidc, session); }) {}

  aws::Client& client_made() {
    if (!client) client.emplace(around.http(), around.clock, around.jitter, around.environment);
    return *client;
  }

  base::Result<aws::Endpoint> endpoint_in(aws::Service service, const std::string& region) const;
  base::Result<aws::Endpoint> endpoint(aws::Service service, const SsoSession& session);
  base::Result<SignInStatus> sign_in(const SsoSession& session, const SignInOptions& options, IfUnwritten if_unwritten);
  base::Result<SignInStatus> sign_in_alone(const SsoSession& session, const SignInOptions& options,
                                           IfUnwritten if_unwritten);
  base::Result<SignedIn> by_a_person(SignInWork& work, SignInOptions::Way way, std::optional<base::HeldSignals>& held);
  base::Result<secret::Bytes> token(const SsoSession& session, const TokenWish& wish, SignInUse use);

  SignInSurroundings around;
  const aws::Profiles& profiles;
  std::optional<aws::Client> client;
  TokenKeeper keeper;
};

base::Result<aws::Endpoint> SignIns::State::endpoint_in(aws::Service service, const std::string& region) const {
  std::optional<aws::Profile> profile;
  if (!around.profile.empty()) profile = TRY(profiles.find(around.profile));
  return aws::resolve_endpoint(service, {around.environment, &profiles, profile ? &*profile : nullptr, {}, {}}, region);
}

base::Result<aws::Endpoint> SignIns::State::endpoint(aws::Service service, const SsoSession& session) {
  const auto status = TRY(keeper.status(session));
  const std::string region = keeper.region(session, status);
  if (region.empty())
    return fail(ErrorKind::sign_in_needed, "the region of " + shown(session) + " is known once somebody has signed in",
                "run " + login_command(session));
  aws::Endpoint endpoint = TRY(endpoint_in(service, region));
  if (!endpoint.needs_notice) return endpoint;
  const std::string trusted = status ? status->trusted_endpoints : "";
  for (const auto url : base::split(trusted, ' '))
    if (url == endpoint.url) return endpoint;
  return fail(ErrorKind::refused,
              "the sign-in's tokens are not sent to " + base::printable(endpoint.url, kShown) + " (" + endpoint.origin +
                  "), which is not AWS's",
              "run " + login_command(session) + " --trust-endpoint where you know that it is yours");
}

base::Result<SignedIn> SignIns::State::by_a_person(SignInWork& work, SignInOptions::Way way,
                                                   std::optional<base::HeldSignals>& held) {
  using Way = SignInOptions::Way;
  const Waiting waiting(around.guide);
  if (way == Way::device || (way == Way::best && !around.guide.has_browser())) return sign_in_by_device(work, held);
  auto signed_in = sign_in_by_browser(work, held);
  const bool no_browser = !signed_in && signed_in.error().kind == ErrorKind::not_found;
  if (!no_browser || way == Way::browser || !around.guide.has_person()) return signed_in;
  around.note("no browser could be started: " + signed_in.error().what);
  held.reset();
  return sign_in_by_device(work, held);
}

base::Result<SignInStatus> SignIns::State::sign_in_alone(const SsoSession& session, const SignInOptions& options,
                                                         IfUnwritten if_unwritten) {
  aws::StartUrl start = TRY(aws::resolve_start_url(around.http(), session.start_url, session.region));
  const aws::Endpoint endpoint = TRY(endpoint_in(aws::Service::sso_oidc, start.region));
  const aws::Endpoint portal = TRY(endpoint_in(aws::Service::sso, start.region));
  std::string trusted;
  for (const auto* configured : {&endpoint, &portal}) {
    if (!configured->needs_notice) continue;
    if (!options.trust_endpoints)
      return fail(ErrorKind::refused,
                  "the sign-in would go to " + base::printable(configured->url, kShown) + " (" + configured->origin +
                      "), which is not AWS's",
                  "run " + login_command(session) + " --trust-endpoint where you know that it is yours");
    around.note("the sign-in goes to " + base::printable(configured->url, kShown) + " (" + configured->origin + ")");
    trusted += (trusted.empty() ? "" : " ") + configured->url;
  }
  // Before a person is sent anywhere it is certain that what comes back can be kept.
  TRY(around.store.prepare());
  const auto before = TRY(keeper.open(session));
  SignInWork work{
      around.guide, around.clock, client_made(), endpoint, session, start, before ? &before->secrets : nullptr};
  std::optional<base::HeldSignals> held;
  auto signed_in = TRY(by_a_person(work, options.way, held));
  HeldSignIn made;
  made.status.id = session.id();
  made.status.name = session.name;
  made.status.start_url = session.start_url;
  made.status.region = start.region;
  made.status.obtained = client->server_now();
  made.status.renewed = made.status.obtained;
  made.status.expires = signed_in.tokens.expires;
  made.status.renewable = !signed_in.tokens.refresh_token.empty();
  made.status.registration_expires = signed_in.registration.expires;
  const ClockThen then = clock_then(around.clock, client->clock_offset());
  made.status.clock_offset = then.offset;
  made.status.boot = then.boot;
  made.status.shared = options.share || (before && before->status.shared);
  made.status.trusted_endpoints = trusted;
  made.secrets = {std::move(signed_in.tokens.access_token),
                  std::move(signed_in.tokens.refresh_token),
                  std::move(signed_in.registration.client_id),
                  std::move(signed_in.registration.client_secret),
                  signed_in.registration.expires,
                  signed_in.flow,
                  scopes_of(session)};
  SignInStatus status = made.status;
  const auto kept = keeper.keep(session, std::move(made));
  if (!kept && if_unwritten == IfUnwritten::fail) return std::unexpected(kept.error());
  return status;
}

/// One window at a time per session, whoever asks for it.
base::Result<SignInStatus> SignIns::State::sign_in(const SsoSession& session, const SignInOptions& options,
                                                   IfUnwritten if_unwritten) {
  const auto before = TRY(keeper.status(session));
  const auto newer = [&]() -> base::Result<std::optional<SignInStatus>> {
    auto now = TRY(keeper.status(session));
    if (!now || (before && now->obtained == before->obtained)) return std::nullopt;
    return now;
  };
  Flight flight(around.places.directory + "/flights", window_key(session));
  bool told = false;
  for (;;) {
    const auto turn = flight.try_take();
    if (!turn || *turn == Flight::Turn::mine) break;
    if (!std::exchange(told, true)) {
      const int owner = flight.owner();
      around.note("waiting for " + (owner > 0 ? "pid " + std::to_string(owner) : "another process") +
                  ", which is signing in to " + shown(session));
    }
    const std::optional<base::Error> left_behind = TRY(flight.wait());
    if (auto made = TRY(newer())) return std::move(*made);
    if (left_behind && left_behind->kind != ErrorKind::store_locked) return std::unexpected(*left_behind);
    around.clock.sleep(around.jitter.up_to(kScatter));
  }
  if (auto made = TRY(newer())) return std::move(*made);
  auto made = sign_in_alone(session, options, if_unwritten);
  if (made) {
    // It may be another person's: nobody goes on with the roles of the one before.
    TRY(forget_sessions_of_sign_in(around.places, session.id()));
    return made;
  }
  base::Error error = base::with_context(std::move(made).error(), "sign in to " + shown(session));
  if (error.hint.empty()) error.hint = "run " + login_command(session);
  flight.leave_failure(error);
  keeper.remember_failure(session, TokenKeeper::Attempt::window);
  return std::unexpected(std::move(error));
}

base::Result<secret::Bytes> SignIns::State::token(const SsoSession& session, const TokenWish& wish, SignInUse use) {
  auto state = TRY(keeper.token(session, wish));
  if (state.token) return std::move(*state.token);
  const bool person = use == SignInUse::may_ask && around.guide.has_person();
  const bool window = session.auto_login && around.guide.has_browser() &&
                      !keeper.failed_lately(session, TokenKeeper::Attempt::window, kBetweenWindows);
  if (!person && !window) return fail(ErrorKind::sign_in_needed, std::move(state.why), "run " + login_command(session));
  around.note(state.why);
  TRY(sign_in(session, {}, IfUnwritten::serve));
  state = TRY(keeper.token(session, {Duration::zero(), wish.refused}));
  if (state.token) return std::move(*state.token);
  return fail(ErrorKind::failure, "the new sign-in gave no token that is good", "run " + login_command(session));
}

SignIns::SignIns(SignInSurroundings around, const aws::Profiles& profiles)
    : state_(std::make_unique<State>(std::move(around), profiles)) {}
SignIns::~SignIns() = default;

base::Result<secret::Bytes> SignIns::access_token(const SsoSession& session, Duration min_ttl, SignInUse use) {
  return state_->token(session, {min_ttl, nullptr}, use);
}

base::Result<secret::Bytes> SignIns::another_token(const SsoSession& session, const secret::Bytes& refused,
                                                   SignInUse use) {
  return state_->token(session, {Duration::zero(), &refused}, use);
}

base::Result<SignInStatus> SignIns::sign_in(const SsoSession& session, const SignInOptions& options) {
  if (!state_->around.guide.has_person() && !state_->around.guide.has_browser())
    return fail(ErrorKind::sign_in_needed, "nobody can sign in to " + shown(session) + " here",
                "run " + login_command(session) + " in a terminal");
  return state_->sign_in(session, options, IfUnwritten::fail);
}

base::Result<void> SignIns::sign_out(const SsoSession& session) {
  auto held = TRY(state_->keeper.open(session));
  if (!held) return fail(ErrorKind::not_found, "nobody is signed in to " + shown(session), "run kabuto status");
  const auto revoke = [&]() -> base::Result<void> {
    const auto token = TRY(state_->keeper.token_to_revoke(session, *held));
    if (!token) return {};
    const aws::Endpoint portal = TRY(state_->endpoint(aws::Service::sso, session));
    auto revoked = aws::Sso(client(), portal).logout(*token);
    if (!revoked && revoked.error().kind == ErrorKind::expired) return {};
    return revoked;
  };
  auto revoked = revoke();
  TRY(state_->keeper.forget(session));
  if (!revoked)
    return std::unexpected(base::with_context(
        std::move(revoked).error(), "the sign-in of " + shown(session) + " is forgotten here, but not revoked at AWS"));
  return {};
}

base::Result<std::vector<SignInStatus>> SignIns::list() {
  auto all = TRY(state_->around.store.list());
  for (auto& status : all)
    status.renewable =
        status.renewable && status.registration_expires > state_->around.clock.now() + status.clock_offset;
  return all;
}

aws::Client& SignIns::client() { return state_->client_made(); }

base::Result<aws::Endpoint> SignIns::portal(const SsoSession& session) {
  return state_->endpoint(aws::Service::sso, session);
}

}  // namespace credentials
