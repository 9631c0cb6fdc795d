#include "credentials/listing.h"

#include "base/text.h"
#include "credentials/pacer.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <tuple>
#include <utility>

namespace credentials {
namespace {

using base::Duration;
using base::ErrorKind;
using base::fail;

constexpr Duration kKeepEvery{1'000};
constexpr Duration kLongestStandstill{60'000};
constexpr unsigned kMostRenewals = 3;
// After a call that found nobody, so long for all; and so often in a row.
constexpr Duration kUnreachablePause{1'000};
constexpr unsigned kMostUnreachable = 5;
// Pages of one list; a server that never comes to an end is not AWS.
constexpr std::size_t kMostPages = 2'000;

class ListingFetch {
 public:
  ListingFetch(Assignments& listing, const ListingTask& task) : listing_(listing), task_(task) {
    for (auto& account : listing.accounts)
      if (account.complete) known_.emplace(account.id, std::move(account));
    listing.accounts.clear();
    listing.complete = false;
  }

  base::Result<FetchProgress> run();

 private:
  struct Waiting {
    PortalCall call;
    std::size_t page = 0;
  };
  struct Flying {
    Waiting what;
    Duration started{0};
    unsigned token = 0;  // which one it was made with
  };

  Duration now() const { return task_.clock.monotonic(); }
  void start_what_may();
  Duration until_something_is_due() const;
  base::Result<void> take(PortalDone done);
  base::Result<void> take_failure(Flying flying, base::Error error);
  base::Result<void> take_accounts(const Flying& flying, aws::SsoPage<aws::SsoAccount> page);
  base::Result<void> take_roles(const Flying& flying, aws::SsoPage<std::string> page);
  base::Result<void> ask_next_page(const Flying& flying, std::string next_token);
  void finish_account(const std::string& id);
  void sort();
  void keep_now();

  Assignments& listing_;
  const ListingTask& task_;
  std::map<std::string, AssignedAccount, std::less<>> known_;  // of an interrupted fetch
  std::map<std::string, std::size_t, std::less<>> places_;     // id -> index into the listing
  std::deque<Waiting> waiting_;
  std::map<std::uint64_t, Flying> flying_;
  std::uint64_t numbers_ = 0;
  Pacer pacer_;
  secret::Bytes token_;
  unsigned tokens_ = 0;
  unsigned unreachable_ = 0;
  Duration last_success_{0};
  Duration kept_{0};
  FetchProgress progress_;
};

void ListingFetch::start_what_may() {
  while (!waiting_.empty() && flying_.size() < task_.calls.most() && pacer_.wait(now()) == Duration::zero()) {
    Flying flying{std::move(waiting_.front()), now(), tokens_};
    waiting_.pop_front();
    pacer_.started(flying.started);
    ++progress_.calls;
    task_.calls.start(++numbers_, flying.what.call, token_);
    flying_.emplace(numbers_, std::move(flying));
  }
}

Duration ListingFetch::until_something_is_due() const {
  Duration due = std::max(Duration(1), kept_ + kKeepEvery - now());
  if (!waiting_.empty() && flying_.size() < task_.calls.most()) due = std::clamp(pacer_.wait(now()), Duration(1), due);
  return due;
}

base::Result<FetchProgress> ListingFetch::run() {
  token_ = TRY(task_.token(nullptr));
  waiting_.push_back({});
  kept_ = last_success_ = now();
  while (!waiting_.empty() || !flying_.empty()) {
    start_what_may();
    if (auto done = task_.calls.next(until_something_is_due())) {
      const auto taken = take(std::move(*done));
      if (!taken) {
        keep_now();
        return std::unexpected(taken.error());
      }
    }
    if (now() - kept_ >= kKeepEvery) keep_now();
    if (now() - last_success_ > kLongestStandstill)
      return fail(ErrorKind::unreachable,
                  fmt::format("Identity Center has answered no call for {} ({} of {} accounts are listed)",
                              base::human_duration(kLongestStandstill), progress_.accounts_done, progress_.accounts),
                  "run the same command later: it goes on from there");
  }
  sort();
  listing_.complete = true;
  return progress_;
}

base::Result<void> ListingFetch::take(PortalDone done) {
  const auto found = flying_.find(done.number);
  if (found == flying_.end()) return {};
  Flying flying = std::move(found->second);
  flying_.erase(found);
  if (!done.reply) return take_failure(std::move(flying), std::move(done.reply).error());
  if (const auto* throttled = std::get_if<aws::Throttled>(&*done.reply)) {
    ++progress_.throttled;
    pacer_.refused(now(), flying.started, throttled->wish);
    waiting_.push_front(std::move(flying.what));
    return {};
  }
  pacer_.succeeded(now());
  last_success_ = now();
  unreachable_ = 0;
  const bool of_accounts = flying.what.call.account_id.empty();
  if (auto* accounts = std::get_if<aws::SsoPage<aws::SsoAccount>>(&*done.reply); accounts != nullptr && of_accounts)
    return take_accounts(flying, std::move(*accounts));
  if (auto* roles = std::get_if<aws::SsoPage<std::string>>(&*done.reply); roles != nullptr && !of_accounts)
    return take_roles(flying, std::move(*roles));
  return fail(ErrorKind::failure, "a page of another list came back");
}

base::Result<void> ListingFetch::take_failure(Flying flying, base::Error error) {
  if (error.kind == ErrorKind::expired) {
    if (flying.token == tokens_) {
      if (tokens_ == kMostRenewals) return std::unexpected(std::move(error));
      token_ = TRY(task_.token(&token_));
      ++tokens_;
      last_success_ = now();  // a person may have taken their time
    }
    waiting_.push_front(std::move(flying.what));
    return {};
  }
  if (error.kind == ErrorKind::unreachable && ++unreachable_ <= kMostUnreachable) {
    pacer_.refused(now(), flying.started, kUnreachablePause);
    waiting_.push_front(std::move(flying.what));
    return {};
  }
  const std::string& id = flying.what.call.account_id;
  const bool is_gone = error.kind == ErrorKind::not_found || error.kind == ErrorKind::denied;
  if (id.empty() || !is_gone) return std::unexpected(std::move(error));
  // It was listed a moment ago and has been taken away since: an account without roles, which is left out at the end.
  last_success_ = now();
  finish_account(id);
  return {};
}

base::Result<void> ListingFetch::ask_next_page(const Flying& flying, std::string next_token) {
  if (next_token.empty()) return {};
  if (flying.what.page + 1 >= kMostPages || next_token == flying.what.call.next_token)
    return fail(ErrorKind::failure, "Identity Center's list comes to no end");
  waiting_.push_front({{flying.what.call.account_id, std::move(next_token)}, flying.what.page + 1});
  return {};
}

base::Result<void> ListingFetch::take_accounts(const Flying& flying, aws::SsoPage<aws::SsoAccount> page) {
  for (auto& item : page.items) {
    if (places_.contains(item.id)) continue;
    if (listing_.accounts.size() >= kMostAccounts)
      return fail(ErrorKind::failure, fmt::format("Identity Center lists more than {} accounts", kMostAccounts));
    AssignedAccount account{std::move(item.id), std::move(item.name), std::move(item.email), {}, false};
    TRY(check_account(account));
    if (const auto known = known_.find(account.id); known != known_.end()) {
      account.roles = std::move(known->second.roles);
      account.complete = true;
      ++progress_.accounts_done;
    } else {
      waiting_.push_back({{account.id, {}}, 0});
    }
    places_.emplace(account.id, listing_.accounts.size());
    listing_.accounts.push_back(std::move(account));
  }
  progress_.accounts = listing_.accounts.size();
  return ask_next_page(flying, std::move(page.next_token));
}

base::Result<void> ListingFetch::take_roles(const Flying& flying, aws::SsoPage<std::string> page) {
  AssignedAccount& account = listing_.accounts[places_.find(flying.what.call.account_id)->second];
  std::ranges::move(page.items, std::back_inserter(account.roles));
  TRY(check_account(account));
  if (page.next_token.empty()) finish_account(account.id);
  return ask_next_page(flying, std::move(page.next_token));
}

void ListingFetch::finish_account(const std::string& id) {
  AssignedAccount& account = listing_.accounts[places_.find(id)->second];
  std::ranges::sort(account.roles);
  const auto doubled = std::ranges::unique(account.roles);
  account.roles.erase(doubled.begin(), doubled.end());
  account.complete = true;
  ++progress_.accounts_done;
}

void ListingFetch::sort() {
  std::erase_if(listing_.accounts, [](const auto& account) { return account.complete && account.roles.empty(); });
  std::ranges::sort(listing_.accounts, {}, [](const auto& account) { return std::tie(account.name, account.id); });
}

void ListingFetch::keep_now() {
  kept_ = now();
  task_.keep(listing_, progress_);
}

}  // namespace

base::Result<FetchProgress> complete_listing(Assignments& listing, const ListingTask& task) {
  return ListingFetch(listing, task).run();
}

}  // namespace credentials
