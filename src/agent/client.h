// A command's view of the agent: connects when something is first asked, starts an agent where a person has just
// unlocked the store, replaces one of another version once. Everything here may fail; who asks then does without the
// agent.
#pragma once

#include "agent/channel.h"
#include "agent/place.h"
#include "agent/watch_list.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"
#include "secret/fields.h"
#include "secret/places.h"
#include "secret/store.h"

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace agent {

enum class Use { yes, no };                 // no: --no-agent, KABUTO_AGENT=off
enum class Start { where_missing, never };  // whether an agent may be started to take the key

/// KABUTO_AGENT. usage for another value than on and off.
base::Result<Use> use_of(const base::Environment& environment);

class Client {
 public:
  struct Outside {
    const base::Environment& environment;
    base::Clock& clock;
    secret::Places places;
    std::string version;
    Use use = Use::yes;
    std::function<void(std::string_view)> note;  // one line for people
  };
  explicit Client(Outside outside) : outside_(std::move(outside)) {}

  /// An agent runs and holds the data key. Looks again where it did not: one may have been started or unlocked since.
  bool is_unlocked();
  base::Result<std::string> sign(std::string_view access_key_id, std::string_view string_to_sign);
  base::Result<secret::Bytes> open_sign_in(std::string_view id);
  base::Result<void> seal_sign_in(const secret::Record& record, const secret::Bytes& body);
  base::Result<secret::Bytes> session_key();
  /// From now until this object dies the agent's idle limit does not count. store_locked where it is locked.
  base::Result<void> hold();
  /// Tells which session was used. What cannot be told is not renewed.
  void watch(const Watch& watch);

  /// Gives the data key that was just unwrapped; says why where that fails and an agent was wished for.
  void hand_over(const secret::Store& store, const secret::DataKey& key, Start start);

  // For `kabuto agent` and `kabuto lock`; whether an agent is used by others does not matter to them.
  /// nullopt: none runs.
  base::Result<std::optional<secret::Fields>> status();
  /// False where none runs.
  base::Result<bool> lock();
  base::Result<bool> stop();
  /// Starts one in the background and waits until it answers; false where one runs already.
  base::Result<bool> start();

 private:
  /// Null: none runs, or none that we can talk to.
  Channel* channel();
  /// A new connection, which holds where the old one did. Null as above.
  Channel* new_channel();
  /// nullopt: none runs. Ends an agent of another version or of a replaced program.
  base::Result<std::optional<Channel>> connect();
  base::Result<Reply> ask(Op op, std::initializer_list<const secret::Bytes*> parts);
  Place place() const { return find_place(outside_.environment, outside_.places); }

  Outside outside_;
  std::optional<Channel> channel_;
  bool is_useless_ = false;  // it was met, and does not answer
  bool holds_ = false;
};

}  // namespace agent
