// kabuto logout: ends one sign-in, at AWS and here, and forgets what was got with it.
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/sso_names.h"
#include "credentials/assignments.h"
#include "credentials/cache.h"
#include "credentials/sign_in.h"
#include "secret/places.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace cli {
namespace {

using base::ErrorKind;

constexpr std::size_t kShown = 100;

/// What is signed in may be named no more by any file.
credentials::SsoSession session_of(const credentials::SignInStatus& status) {
  credentials::SsoSession session;
  session.name = status.name;
  session.start_url = status.start_url;
  session.region = status.region;
  return session;
}

base::Result<credentials::SsoSession> session_to_end(Context& context, credentials::SignIns& sign_ins,
                                                     const std::string& word) {
  const auto held = TRY(sign_ins.list());
  std::vector<credentials::SsoSession> sessions;
  for (const auto& status : held) {
    if (status.id == word) return session_of(status);
    sessions.push_back(session_of(status));
  }
  if (!word.empty()) {
    const auto meant = TRY(session_meant(context, word));
    const auto known = std::ranges::find(held, meant.id(), &credentials::SignInStatus::id);
    return known == held.end() ? meant : session_of(*known);
  }
  if (sessions.empty()) return base::fail(ErrorKind::not_found, "nobody is signed in", "run kabuto login");
  return choose_session(context, sessions, "logout");
}

base::Result<int> logout(Context& context, const std::string& word) {
  credentials::SignIns* const sign_ins = TRY(context.sign_ins());
  const auto session = TRY(session_to_end(context, *sign_ins, word));
  const auto revoked = sign_ins->sign_out(session);
  // An unreachable AWS has not stopped the forgetting of the tokens; all else has.
  if (!revoked && revoked.error().kind != ErrorKind::unreachable) return std::unexpected(revoked.error());
  const secret::Places* const places = TRY(context.places());
  const std::size_t count = TRY(credentials::forget_sessions_of_sign_in(*places, session.id()));
  TRY(credentials::forget_assignments(*places, session.id()));
  if (!revoked) return std::unexpected(revoked.error());
  context.output().note(fmt::format("signed out of {}; {} cached session{} forgotten",
                                    base::printable(session.id(), kShown), count, count == 1 ? "" : "s"));
  return 0;
}

}  // namespace

Action declare_logout(Arguments& arguments) {
  const auto word = std::make_shared<std::string>();  // shared: the action outlives this call
  arguments.positional("SESSION", *word, Presence::optional, "an sso-session, or a profile that uses it");
  return [word](Context& context) { return logout(context, *word); };
}

}  // namespace cli
