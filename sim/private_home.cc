// Makes and removes the private HOME.
#include "private_home.h"

#include "base/file.h"

#include <stdlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

namespace sim {
namespace {

constexpr std::string_view kLoopback = "127.0.0.1,localhost";

/// What must not leak in from the caller's own session: credentials, the real home, the real keyring's bus.
bool is_dropped(std::string_view name) {
  constexpr std::array<std::string_view, 15> dropped{
      "HOME",           "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME",
      "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "KABUTO_HOME",   "DBUS_SESSION_BUS_ADDRESS",
      "HTTP_PROXY",     "http_proxy",      "HTTPS_PROXY",   "https_proxy",
      "ALL_PROXY",      "NO_PROXY",        "no_proxy"};
  return name.starts_with("AWS_") || name.starts_with("KABUTO_SIM") || name == "all_proxy" ||
         std::ranges::find(dropped, name) != dropped.end();
}

}  // namespace

base::Result<PrivateHome> PrivateHome::create(const base::Environment& environment) {
  std::string name = std::string(environment.get_nonempty("TMPDIR").value_or("/tmp")) + "/kabuto-sim.XXXXXX";
  if (::mkdtemp(name.data()) == nullptr)
    return base::fail(base::ErrorKind::failure, "make " + name + ": " + base::errno_text(errno));
  PrivateHome home(std::move(name));
  for (const std::string& directory : {home.home(), home.path("run")}) TRY(base::ensure_private_directory(directory));
  return home;
}

PrivateHome::~PrivateHome() {
  if (root_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

base::Result<void> PrivateHome::write_files(const std::vector<File>& files) const {
  for (const File& file : files) {
    const std::string target = home() + "/" + file.path;
    TRY(base::ensure_private_directory(target.substr(0, target.rfind('/'))));
    TRY(base::write_file_atomically(target, file.text));
  }
  return {};
}

std::vector<std::string> private_environment(const base::Environment& inherited, const PrivateHome& home,
                                             const Addresses& addresses) {
  std::vector<std::string> out;
  for (const std::string_view entry : inherited.entries())
    if (!is_dropped(entry.substr(0, entry.find('=')))) out.emplace_back(entry);
  const auto set = [&](std::string_view name, std::string_view value) {
    out.push_back(std::string(name) + "=" + std::string(value));
  };
  set("HOME", home.home());
  set("XDG_CONFIG_HOME", home.home() + "/.config");
  set("XDG_DATA_HOME", home.home() + "/.local/share");
  set("XDG_STATE_HOME", home.home() + "/.local/state");
  set("XDG_CACHE_HOME", home.home() + "/.cache");
  set("XDG_RUNTIME_DIR", home.path("run"));
  set("KABUTO_HOME", home.home() + "/.kabuto");
  set("KABUTO_SIM_URL", addresses.url);
  set("AWS_REGION", addresses.region);
  set("AWS_DEFAULT_REGION", addresses.region);
  if (addresses.metadata_url.empty())
    set("AWS_EC2_METADATA_DISABLED", "true");
  else
    set("AWS_EC2_METADATA_SERVICE_ENDPOINT", addresses.metadata_url);
  for (const std::string_view name : {"NO_PROXY", "no_proxy"}) set(name, kLoopback);
  if (addresses.proxy_url.empty()) {
    for (const std::string_view name :
         {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_IAM", "AWS_ENDPOINT_URL_SSO",
          "AWS_ENDPOINT_URL_SSO_OIDC", "AWS_ENDPOINT_URL_SIGNIN", "AWS_ENDPOINT_URL_ROLESANYWHERE"})
      set(name, addresses.url);
  } else {
    for (const std::string_view name : {"HTTPS_PROXY", "https_proxy"}) set(name, addresses.proxy_url);
    set("AWS_CA_BUNDLE", addresses.ca_path);
  }
  return out;
}

}  // namespace sim
