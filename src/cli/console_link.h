// The link that opens the console for a profile, and what is known of the session behind it. It opens nothing.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "credentials/source.h"
#include "secret/bytes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cli {

class Context;

struct ConsoleWish {
  std::string service;
  std::string path;
  std::optional<base::Duration> duration;
  std::optional<base::Duration> federated_duration = {};  // of a user's own key, where `duration` does not say
  std::string issuer = "kabuto";                          // where AWS sends a person whose session has ended
  bool signs_out_first = false;                           // other console sessions of the browser end
  std::vector<std::string> policy_arns;
  enum class Way : std::uint8_t { best, federate, shortcut } way = Way::best;
  bool own_window = false;  // a container: its window is not signed in to the portal
};

struct ConsoleLink {
  secret::Bytes url;
  bool signs_in = false;  // it holds a sign-in token: whoever has it is signed in
  std::vector<std::string> hosts;
  std::string account_id;  // empty where AWS did not say
  std::string who;         // "role admin", for people
  std::string session_id;  // of Identity Center; empty
  std::optional<base::Instant> ends;
};

/// Errors: usage and refused (the wish), those of the broker and of AWS.
base::Result<ConsoleLink> console_link(Context& context, credentials::Request request, const ConsoleWish& wish);

}  // namespace cli
