// kabuto clear: forgets cached sessions. The keys in the store stay, and so do sessions that programs already hold.
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "secret/session_file.h"

#include <fmt/format.h>

#include <memory>

namespace cli {

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
    if (list.damaged > 0)
      context.output().warn(fmt::format("{} damaged session files in {} stay", list.damaged, places->sessions()));
    TRY(context.output().answer(fmt::format("{} cached session{} cleared\n", count, count == 1 ? "" : "s")));
    return 0;
  };
}

}  // namespace cli
