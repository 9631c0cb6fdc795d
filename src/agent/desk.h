// What the agent does for those who ask: each request is answered from the data key and the store, and nothing else. No
// request starts a program, loads a library or opens a connection; the only file it writes is the store.
#pragma once

#include "agent/keeper.h"
#include "agent/protocol.h"
#include "agent/watch_list.h"
#include "secret/places.h"

#include <string>

namespace agent {

class Desk {
 public:
  /// The two must outlive it.
  Desk(secret::Places places, Keeper& keeper, WatchList& watches)
      : places_(std::move(places)), keeper_(keeper), watches_(watches) {}

  /// A request about keys, sign-ins and watches; hello, stop, status and hold are the server's. `by` is a renewal where
  /// the agent's own child asks: it does not keep the agent unlocked.
  Reply answer(const Request& request, WatchList::By by, Times now);

 private:
  Reply unlock(const Request& request, Times now);
  Reply sign(const Request& request, const secret::DataKey& key, Times now);
  Reply open_sign_in(const Request& request, const secret::DataKey& key);
  Reply seal_sign_in(const Request& request, const secret::DataKey& key);
  Reply session_key(const secret::DataKey& key);
  Reply watch(const Request& request, WatchList::By by, Times now);
  Reply with_key(const Request& request, Times now);
  /// The store that the data key is of; locks where another stands in its place.
  base::Result<secret::Store> store();

  secret::Places places_;
  Keeper& keeper_;
  WatchList& watches_;
};

/// How another program's copy of the key is refused where it is none: the key must open what the store holds.
base::Result<void> check_key(const secret::Store& store, const secret::DataKey& key);

}  // namespace agent
