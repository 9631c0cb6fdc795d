#include "agent/desk.h"

#include "aws/sigv4.h"
#include "secret/cipher.h"
#include "secret/session_key.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace agent {
namespace {

using base::ErrorKind;

// A long-lived key asks these two for sessions, and for nothing else on the way to a profile's credentials.
constexpr std::array<std::string_view, 2> kServices{"sts", "iam"};
// A signature for another time is one that outlives its asker; clocks that are wrong are wrong by less.
constexpr base::Duration kLargestSkew = std::chrono::hours{25};

Reply locked(const Keeper& keeper) { return Reply::no(Outcome::locked, keeper.why_locked()); }
Reply refused(std::string_view why) { return Reply::no(Outcome::refused, why); }

Reply failed(const base::Error& error) { return Reply::no(Outcome::failed, error.what); }

Reply secret_reply(secret::Bytes bytes) {
  Reply reply;
  reply.parts.push_back(std::move(bytes));
  return reply;
}

}  // namespace

base::Result<void> check_key(const secret::Store& store, const secret::DataKey& key) {
  for (const auto kind : {secret::kind::kKey, secret::kind::kSignIn, secret::kind::kSessionKey})
    for (const auto& record : store.records(kind)) {
      if (!record.has_secret) continue;
      TRY(store.secret_of(key, kind, record.name));
      return {};
    }
  return {};  // nothing is sealed yet: whatever the key is, it opens nothing
}

base::Result<secret::Store> Desk::store() {
  auto store = secret::Store::open(places_);
  if (store && store->id() == keeper_.store_id()) return store;
  keeper_.lock("the store that it was unlocked for is gone");
  if (!store) return store;
  return base::fail(ErrorKind::store_locked, keeper_.why_locked());
}

Reply Desk::answer(const Request& request, WatchList::By by, Times now) {
  switch (request.op) {
    case Op::unlock:
      return unlock(request, now);
    case Op::lock:
      keeper_.lock("it was asked to lock");
      watches_.clear();
      return {};
    case Op::watch:
      return watch(request, by, now);
    case Op::sign:
    case Op::open_sign_in:
    case Op::seal_sign_in:
    case Op::session_key: {
      Reply reply = with_key(request, now);
      if (reply.outcome == Outcome::done && by == WatchList::By::person) keeper_.used(now);
      return reply;
    }
    default:
      return refused("no such request here");
  }
}

Reply Desk::with_key(const Request& request, Times now) {
  const secret::DataKey* const key = keeper_.key();
  if (key == nullptr) return locked(keeper_);
  switch (request.op) {
    case Op::sign:
      return sign(request, *key, now);
    case Op::open_sign_in:
      return open_sign_in(request, *key);
    case Op::seal_sign_in:
      return seal_sign_in(request, *key);
    default:
      return session_key(*key);
  }
}

Reply Desk::unlock(const Request& request, Times now) {
  const auto store = secret::Store::open(places_);
  if (!store) return failed(store.error());
  if (store->id() != request.text(0)) return refused("the store has another id");
  secret::DataKey key(request.parts[1].clone());
  if (request.parts[1].size() != secret::kKeySize || !check_key(*store, key))
    return refused("this is not the store's key");
  keeper_.unlock(store->id(), std::move(key), now);
  return {};
}

Reply Desk::sign(const Request& request, const secret::DataKey& key, Times now) {
  const std::string key_id = request.text(0);
  const std::string text = request.text(1);
  const auto scope = aws::scope_of_string_to_sign(text);
  if (!scope) return refused("this is no string to sign");
  if (std::ranges::find(kServices, scope->service) == kServices.end())
    return refused("the agent signs for sts and iam alone");
  if (std::chrono::abs(scope->when - now.wall) > kLargestSkew) return refused("the time to sign for is not now");
  const auto store = this->store();
  if (!store) return failed(store.error());
  const auto keys = store->keys();
  const auto found = std::ranges::find(keys, key_id, &secret::KeyRecord::access_key_id);
  if (found == keys.end()) return refused("the store holds no such key");
  const auto secret_key = store->secret_access_key(key, found->profile);
  if (!secret_key) return failed(secret_key.error());
  return Reply::of({aws::signature_of(*secret_key, *scope, text)});
}

Reply Desk::open_sign_in(const Request& request, const secret::DataKey& key) {
  const auto store = this->store();
  if (!store) return failed(store.error());
  auto body = store->secret_of(key, secret::kind::kSignIn, request.text(0));
  return body ? secret_reply(std::move(*body)) : failed(body.error());
}

Reply Desk::seal_sign_in(const Request& request, const secret::DataKey& key) {
  auto fields = secret::decode_fields(request.text(1));
  if (!fields) return refused("these are no fields");
  auto store = this->store();
  if (!store) return failed(store.error());
  secret::Changes changes;
  changes.put({.kind = std::string(secret::kind::kSignIn), .name = request.text(0), .fields = std::move(*fields)},
              request.parts[2]);
  const auto written = store->apply(changes, &key);
  return written ? Reply{} : failed(written.error());
}

Reply Desk::session_key(const secret::DataKey& key) {
  auto store = this->store();
  if (!store) return failed(store.error());
  auto session_key = secret::session_key_in_store(*store, key);
  return session_key ? secret_reply(std::move(*session_key)) : failed(session_key.error());
}

Reply Desk::watch(const Request& request, WatchList::By by, Times now) {
  const auto fields = secret::decode_fields(request.text(0));
  auto watch = fields ? decode_watch(*fields) : std::nullopt;
  if (!watch) return refused("this cannot be watched");
  watches_.add(std::move(*watch), by, now.wall);
  return {};
}

}  // namespace agent
