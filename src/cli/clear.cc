// kabuto clear: forgets cached sessions. The keys in the store stay, and so do sessions that programs already hold.
#include "aws/profile.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/session_options.h"
#include "deliver/temporary_profile.h"
#include "secret/names_index.h"
#include "secret/session_file.h"

#include <fmt/format.h>

#include <memory>

namespace cli {
namespace {

/// A mistyped name must not look like a profile whose sessions are gone.
base::Result<void> check_known(Context& context, const secret::Places& places, const std::string& profile) {
  const aws::Profiles* const profiles = TRY(context.profiles());
  if (TRY(profiles->find(profile))) return {};
  const auto index = TRY(secret::read_names(places));
  if (index && index->find(profile) != nullptr) return {};
  return std::unexpected(with_closest_name(
      {base::ErrorKind::not_found,
       "no profile named \"" + base::printable(profile, 100) + "\", and no cached session of it", "run kabuto list"},
      profile, context));
}

}  // namespace

Action declare_clear(Arguments& arguments) {
  const auto profile = std::make_shared<std::string>();  // shared: the action outlives this call
  arguments.positional("PROFILE", *profile, Presence::optional, "only this profile's sessions; else all");
  return [profile](Context& context) -> base::Result<int> {
    const secret::Places* const places = TRY(context.places());
    const auto list = TRY(secret::list_sessions(*places));
    std::size_t count = 0;
    for (const auto& session : list.sessions) {
      if (!profile->empty() && session.header.profile != *profile) continue;
      TRY(secret::remove_session(*places, session.key_hash));
      ++count;
    }
    const std::string credentials_file = aws::locations(context.environment()).credentials;
    for (const auto& name : TRY(deliver::remove_leftover_profiles(credentials_file, context.clock())))
      context.output().note("removed [" + base::printable(name, 100) + "] from " + base::printable(credentials_file) +
                            ", which an ended kabuto write had left");
    if (count == 0 && !profile->empty()) TRY(check_known(context, *places, *profile));
    if (list.damaged > 0)
      context.output().warn(fmt::format("{} damaged session files in {} stay", list.damaged, places->sessions()));
    TRY(context.output().answer(fmt::format("{} cached session{} cleared\n", count, count == 1 ? "" : "s")));
    return 0;
  };
}

}  // namespace cli
