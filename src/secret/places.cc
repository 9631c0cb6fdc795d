#include "secret/places.h"

namespace secret {

base::Result<Places> find_places(const base::Environment& environment) {
  for (const auto& [variable, below] : {std::pair{"KABUTO_HOME", ""}, std::pair{"XDG_DATA_HOME", "/kabuto"}}) {
    const auto value = environment.get_nonempty(variable);
    if (!value) continue;
    if (!value->starts_with('/'))
      return base::fail(base::ErrorKind::usage, std::string(variable) + " is not an absolute path");
    return Places{std::string(*value) + below};
  }
  const auto home = base::home_directory(environment);
  if (!home)
    return base::fail(base::ErrorKind::usage, "HOME is not set to an absolute path", "set HOME or KABUTO_HOME");
  return Places{*home + "/.local/share/kabuto"};
}

}  // namespace secret
