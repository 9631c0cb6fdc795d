// The options of every command that asks for credentials (exec, export, process, whoami), and the asking itself with
// its warnings and its help for a mistyped profile. What a session is, the chain decides.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "cli/arguments.h"
#include "credentials/source.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

class Context;

/// What a person is handed has at least this left, where the session is long enough; SDKs are given more.
constexpr base::Duration kMinTtl = std::chrono::minutes{5};

struct SessionOptions {
  std::string profile;  // empty: what an SDK's default chain would take
  std::optional<std::string> duration;
  std::optional<std::string> min_ttl;
  std::optional<std::string> region;
  std::optional<std::string> mfa_token;
  std::optional<std::string> picker;
  std::optional<std::string> account;      // an account of Identity Center: its id or name
  std::optional<std::string> role;         // of that account
  std::optional<std::string> sso_session;  // whose account it is
  std::optional<std::string> via;          // who assumes the role whose ARN `profile` is
  bool no_session = false;
  std::optional<credentials::UsualLength> session_length;  // as in Request; no options of ours
  std::optional<credentials::UsualLength> session_on_the_way;
};

/// `profile` is `asked` where a person may choose from the list: that brings --picker too.
void declare_session(Arguments& arguments, SessionOptions& options, Presence profile);
/// The same, with --duration kept apart from what is asked for.
void declare_session(Arguments& arguments, SessionOptions& options, Presence profile,
                     std::optional<std::string>& duration);

/// Where no profile is given: lets a person at a terminal choose one. Errors: usage, as for any missing word, where
/// nobody can be asked.
base::Result<void> choose_missing_profile(Context& context, SessionOptions& options, std::string_view command);

/// An error of kind not_found, with the known profile that `profile` was perhaps meant to be.
base::Error with_closest_name(base::Error error, const std::string& profile, Context& context);
/// Errors: usage, for a duration or code that is none; of looking up --account, whose finding `options` then holds.
/// `min_ttl` counts where --min-ttl is not given.
base::Result<credentials::Request> request_of(Context& context, SessionOptions& options, base::Duration min_ttl,
                                              credentials::SignInUse sign_in);

/// The words of a command line that ask for the same, after request_of has looked up the account; without the code,
/// which counts once.
std::vector<std::string> words_of(const SessionOptions& options);

/// A person's use of what was asked for, for `list --recent` and the list to choose from.
void remember_use(Context& context, const SessionOptions& options);

/// Tells the agent, where one runs, which session is in use, so that it is renewed before it ends. Costs nothing where
/// the session is neither new nor near its end.
void tell_agent(Context& context, const SessionOptions& options, const credentials::Answer& answer);

/// may_ask where a person sits at the terminal.
credentials::SignInUse sign_in_use(Context& context);

/// Asks the broker and prints its warnings. An unknown profile's error names the closest one there is.
base::Result<credentials::Answer> fetch(Context& context, credentials::Request request);

}  // namespace cli
