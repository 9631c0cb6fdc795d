#include "cli/sso_names.h"

#include "aws/profile.h"
#include "base/text.h"
#include "cli/close_name.h"
#include "cli/context.h"
#include "secret/prompt.h"

#include <algorithm>

namespace cli {
namespace {

using base::ErrorKind;
using base::fail;

// As long as the chain allows.
constexpr int kMostLinks = 100;
constexpr std::size_t kShown = 100;

/// Along source_profile to the profile that names a session; nullopt where none does.
base::Result<std::optional<credentials::SsoSession>> session_of_profile(const aws::Profiles& profiles,
                                                                        std::string name) {
  for (int links = 0; links < kMostLinks; ++links) {
    const auto profile = TRY(profiles.find(name));
    if (!profile) return std::nullopt;
    if (auto session = TRY(credentials::sso_session_of(profiles, *profile))) return session;
    const std::string next(profile->value("source_profile"));
    if (next.empty() || next == name) return std::nullopt;
    name = next;
  }
  return std::nullopt;
}

}  // namespace

base::Result<credentials::SsoSession> session_meant(Context& context, const std::string& word) {
  const aws::Profiles* const profiles = TRY(context.profiles());
  if (profiles->sso_session(word)) return credentials::sso_session_named(*profiles, word);
  if (auto session = TRY(session_of_profile(*profiles, word))) return std::move(*session);
  if (profiles->contains(word))
    return fail(ErrorKind::not_found,
                "the profile \"" + base::printable(word, kShown) + "\" gets its credentials from no sign-in",
                "run kabuto explain " + base::printable(word, kShown));
  std::vector<std::string> names;
  for (auto& session : credentials::all_sso_sessions(*profiles)) {
    if (session.id() == word) return std::move(session);
    names.push_back(session.id());
  }
  for (const auto name : profiles->names()) names.emplace_back(name);
  base::Error error{ErrorKind::not_found,
                    "no sso-session or profile named \"" + base::printable(word, kShown) + "\" in the files",
                    "run kabuto list"};
  if (const auto close = close_name(word, names))
    error.what += "; did you mean " + base::printable(*close, kShown) + "?";
  return std::unexpected(std::move(error));
}

base::Result<credentials::SsoSession> choose_session(Context& context,
                                                     const std::vector<credentials::SsoSession>& sessions,
                                                     const std::string& command) {
  if (sessions.size() == 1) return sessions.front();
  std::vector<std::string> ids, names;
  for (const auto& session : sessions) {
    ids.push_back(base::printable(session.id(), kShown));
    names.push_back(ids.back() + (session.name.empty() ? "" : "  " + base::printable(session.start_url, kShown)));
  }
  if (!context.prompt().ready())
    return fail(ErrorKind::usage, "which sign-in? There are " + base::join(ids, ", "),
                "run kabuto " + command + " SESSION");
  const std::size_t chosen = TRY(context.prompt().choose("Which sign-in", names, 0));
  return sessions[chosen];
}

}  // namespace cli
