#include "agent/start.h"

#include "base/launch.h"
#include "base/process.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace agent {
namespace {

constexpr char kOurselves[] = "/proc/self/exe";
// Where things lie and how the network is reached. AWS's own variables come with each session that is watched.
constexpr std::array<std::string_view, 23> kKept{"HOME",
                                                 "PATH",
                                                 "USER",
                                                 "LOGNAME",
                                                 "LANG",
                                                 "LC_ALL",
                                                 "TZ",
                                                 "TMPDIR",
                                                 "KABUTO_HOME",
                                                 "XDG_DATA_HOME",
                                                 "XDG_CONFIG_HOME",
                                                 "XDG_RUNTIME_DIR",
                                                 "DBUS_SYSTEM_BUS_ADDRESS",
                                                 "DBUS_SESSION_BUS_ADDRESS",
                                                 "SSL_CERT_FILE",
                                                 "SSL_CERT_DIR",
                                                 "http_proxy",
                                                 "https_proxy",
                                                 "HTTPS_PROXY",
                                                 "no_proxy",
                                                 "NO_PROXY",
                                                 "all_proxy",
                                                 "ALL_PROXY"};

}  // namespace

std::vector<std::string> environment_of_agent(const base::Environment& environment) {
  std::vector<std::string> kept;
  for (const auto name : kKept)
    if (const auto value = environment.get(name)) kept.push_back(std::string(name) + "=" + std::string(*value));
  return kept;
}

base::Result<void> start_in_background(const base::Environment& environment) {
  const std::vector<std::string> argv{kOurselves, "agent", "start", "--foreground"};
  const auto kept = environment_of_agent(environment);
  const auto argv_pointers = base::exec_pointers(argv);
  const auto kept_pointers = base::exec_pointers(kept);
  return base::start_detached({argv_pointers.data(), kept_pointers.data()}, base::Duration{0});
}

}  // namespace agent
