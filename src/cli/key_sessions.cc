#include "cli/key_sessions.h"

#include "aws/profile.h"
#include "cli/context.h"
#include "secret/places.h"
#include "secret/session_file.h"

#include <string>

namespace cli {
namespace {

// As long as the chain allows.
constexpr int kMostLinks = 100;

bool leads_to(const aws::Profiles* profiles, std::string name, std::string_view target) {
  for (int links = 0; links < kMostLinks; ++links) {
    if (name == target) return true;
    const auto profile = profiles == nullptr ? std::nullopt : profiles->find(name).value_or(std::nullopt);
    if (!profile || profile->value("source_profile").empty()) return false;
    name = profile->value("source_profile");
  }
  return false;
}

}  // namespace

base::Result<std::size_t> forget_sessions_of_key(Context& context, std::string_view profile) {
  const secret::Places* const places = TRY(context.places());
  const auto list = TRY(secret::list_sessions(*places));
  // Files that cannot be read must not keep a key's own sessions alive.
  const auto profiles = context.profiles();
  std::size_t count = 0;
  for (const auto& session : list.sessions) {
    if (!leads_to(profiles ? *profiles : nullptr, session.header.profile, profile)) continue;
    TRY(secret::remove_session(*places, session.key_hash));
    ++count;
  }
  return count;
}

}  // namespace cli
