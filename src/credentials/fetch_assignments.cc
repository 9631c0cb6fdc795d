#include "credentials/fetch_assignments.h"

#include "credentials/flight.h"
#include "secret/digest.h"

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace credentials {
namespace {

using base::Duration;

// An unfinished listing older than this is begun anew.
constexpr Duration kResumable{60 * 60'000};
// The token should last for the fetch; a refused one is renewed on the way.
constexpr Duration kTokenTtl{5 * 60'000};

bool is_fresh(const Assignments& listing, base::Clock& clock, Duration max_age) {
  const auto age = clock.now() - listing.fetched;
  return age >= Duration::zero() && age < max_age;
}

/// What is on its way to be whole: sorted, and only what is known of half an account left out.
Assignments unfinished_copy(const Assignments& listing) {
  Assignments copy = listing;
  for (auto& account : copy.accounts)
    if (!account.complete) account.roles.clear();
  std::ranges::sort(copy.accounts, {}, [](const auto& account) { return std::tie(account.name, account.id); });
  return copy;
}

base::Result<Assignments> fetch_alone(SignIns& sign_ins, const SsoSession& session, const secret::Places& places,
                                      base::Clock& clock, SignInUse use, const FetchTools& tools) {
  Assignments listing;
  if (auto unfinished = TRY(read_unfinished(places, session.id()));
      unfinished && is_fresh(*unfinished, clock, kResumable))
    listing = std::move(*unfinished);
  else
    listing.fetched = clock.now();
  listing.session = session.id();
  const auto calls = threaded_portal_calls(tools.make_http, clock, TRY(sign_ins.portal(session)));
  std::string not_kept;
  const auto keep = [&](const Assignments& so_far) {
    if (const auto kept = write_assignments(places, so_far); !kept) not_kept = kept.error().what;
  };
  const ListingTask task{*calls, clock,
                         [&](const secret::Bytes* refused) {
                           return refused == nullptr ? sign_ins.access_token(session, kTokenTtl, use)
                                                     : sign_ins.another_token(session, *refused, use);
                         },
                         [&](const Assignments& so_far, const FetchProgress& progress) {
                           keep(unfinished_copy(so_far));
                           tools.progress(progress);
                         }};
  const FetchProgress progress = TRY(complete_listing(listing, task));
  tools.progress(progress);
  not_kept.clear();
  keep(listing);
  if (!not_kept.empty()) tools.note("the list of accounts could not be kept: " + not_kept);
  return listing;
}

}  // namespace

base::Result<Assignments> fetch_assignments(SignIns& sign_ins, const SsoSession& session, const secret::Places& places,
                                            base::Clock& clock, Duration max_age, SignInUse use,
                                            const FetchTools& tools) {
  const base::Instant asked = clock.now();
  const auto look = [&]() -> base::Result<std::optional<Assignments>> {
    auto kept = TRY(read_assignments(places, session.id()));
    if (!kept || !kept->complete) return std::nullopt;
    // What another process has fetched while this one waited is as new as it gets.
    if (is_fresh(*kept, clock, max_age) || kept->fetched >= asked) return kept;
    return std::nullopt;
  };
  if (auto kept = TRY(look())) return std::move(*kept);
  Flight flight(places.directory + "/flights", "accounts-" + secret::Digest().add(session.id()).hex().substr(0, 32));
  for (;;) {
    const auto turn = flight.try_take();
    // Where no lock can be made (a full disk) a second fetch is better than none.
    if (!turn || *turn == Flight::Turn::mine) break;
    const int owner = flight.owner();
    tools.note("waiting for " + (owner > 0 ? "pid " + std::to_string(owner) : "another process") +
               ", which is fetching the same accounts");
    TRY(flight.wait());
    auto kept = TRY(read_assignments(places, session.id()));
    if (kept && kept->complete && (is_fresh(*kept, clock, std::max(max_age, kResumable)))) return std::move(*kept);
  }
  if (auto kept = TRY(look())) return std::move(*kept);
  return fetch_alone(sign_ins, session, places, clock, use, tools);
}

}  // namespace credentials
