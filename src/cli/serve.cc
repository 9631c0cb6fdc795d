// kabuto serve: a local endpoint in the foreground, for open shells, compose files and Terraform's provider aliases. It
// fetches once, which may ask a person, then becomes the endpoint (serve_endpoint.cc), which asks nobody.
#include "aws/profile.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/served_profile.h"
#include "deliver/endpoint.h"
#include "deliver/endpoint_files.h"
#include "deliver/write_out.h"

#include <limits.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

namespace cli {
namespace {

constexpr int kStandardOutput = 1;
constexpr int kMostHops = 255;

struct Options {
  std::vector<std::string> profiles;       // positional
  std::vector<std::string> more_profiles;  // --profile
  std::optional<std::string> duration, region, env, env_dir, config, hop_limit;
  bool imds = false;

  bool has_files() const { return env || env_dir || config; }
};

std::unexpected<base::Error> usage(const std::string& what) {
  return base::fail(base::ErrorKind::usage, what, "run kabuto help serve");
}

base::Result<std::vector<std::string>> names_of(const Options& options) {
  std::vector<std::string> names = options.profiles;
  names.insert(names.end(), options.more_profiles.begin(), options.more_profiles.end());
  if (names.empty()) return usage("PROFILE is missing");
  auto sorted = names;
  std::ranges::sort(sorted);
  if (const auto twice = std::ranges::adjacent_find(sorted); twice != sorted.end())
    return usage(base::printable(*twice, 100) + " is named twice");
  if (names.size() > 1 && options.imds) return usage("--imds serves one profile");
  if (names.size() > 1 && options.env) return usage("--env is for one profile; use --env-dir or --config");
  if (options.imds && options.config) return usage("--config goes without --imds: tools find that by its variable");
  if (options.hop_limit && !options.imds) return usage("--hop-limit goes with --imds");
  return names;
}

base::Result<int> hops_of(const Options& options) {
  if (!options.hop_limit) return 0;
  const auto hops = base::parse_integer(*options.hop_limit);
  if (!hops || *hops < 1 || *hops > kMostHops) return usage("--hop-limit wants a number from 1 to 255");
  return static_cast<int>(*hops);
}

/// As typed, made absolute: a configuration is read from elsewhere, and the file is removed at the end.
base::Result<std::string> absolute(const std::string& path, const char* option) {
  if (path.empty()) return usage(std::string(option) + " is empty");
  if (path.starts_with('/')) return path;
  char here[PATH_MAX];
  if (getcwd(here, sizeof here) == nullptr)
    return base::fail(base::ErrorKind::failure, std::string(option) + ": there is no current directory");
  return std::string(here) + "/" + path;
}

/// Where they go.
struct Paths {
  std::optional<std::string> env;
  std::vector<std::string> in_directory;  // one for each profile
  std::optional<std::string> config;
};

base::Result<Paths> checked_paths(const Options& options, const std::vector<std::string>& names) {
  Paths paths;
  if (options.env) paths.env = TRY(absolute(*options.env, "--env"));
  if (options.env_dir) {
    const auto directory = TRY(absolute(*options.env_dir, "--env-dir"));
    for (const auto& name : names) paths.in_directory.push_back(directory + "/" + deliver::file_name_of(name) + ".env");
  }
  if (options.config) paths.config = TRY(absolute(*options.config, "--config"));
  if (paths.env) TRY(deliver::check_endpoint_file(*paths.env));
  for (const auto& path : paths.in_directory) TRY(deliver::check_endpoint_file(path));
  if (paths.config) TRY(deliver::check_endpoint_file(*paths.config));
  return paths;
}

base::Result<std::vector<deliver::EndpointFile>> files_of(const Paths& paths, const deliver::EndpointSetup& setup,
                                                          std::uint16_t port) {
  std::vector<deliver::EndpointFile> files;
  const auto add = [&](const std::string& path, const deliver::ServedProfile& profile) -> base::Result<void> {
    auto text = TRY(deliver::endpoint_variables(setup.kind, profile, port, deliver::VariableForm::file));
    files.push_back({path, std::move(text), deliver::endpoint_lock(path)});
    return {};
  };
  if (paths.env) TRY(add(*paths.env, setup.profiles.front()));
  for (std::size_t i = 0; i < paths.in_directory.size(); ++i) TRY(add(paths.in_directory[i], setup.profiles[i]));
  if (paths.config)
    for (auto& file : TRY(deliver::endpoint_config(setup.profiles, port, *paths.config)))
      files.push_back(std::move(file));
  return files;
}

/// What a person, or a shell, needs to know.
base::Result<void> say_where(const Options& options, const deliver::EndpointSetup& setup, std::uint16_t port,
                             const std::vector<deliver::EndpointFile>& files, Output& output) {
  if (!options.has_files())
    for (const auto& profile : setup.profiles) {
      if (setup.profiles.size() > 1) TRY(output.answer("# " + base::printable(profile.name, 100) + "\n"));
      const auto lines = TRY(deliver::endpoint_variables(setup.kind, profile, port, deliver::VariableForm::shell));
      TRY(deliver::write_out(kStandardOutput, lines));
    }
  for (const auto& file : files) output.note("wrote " + base::printable(file.path));
  if (options.config) output.note("use it with AWS_CONFIG_FILE=" + base::printable(files.back().path));
  if (options.imds) warn_of_metadata_service(output);
  output.note("serving on 127.0.0.1:" + std::to_string(port) + "; Ctrl-C ends it");
  return {};
}

/// From here on they end the endpoint, which removes its files.
void hold_ending_signals() {
  sigset_t ending;
  sigemptyset(&ending);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&ending, number);
  sigprocmask(SIG_BLOCK, &ending, nullptr);
}

base::Result<int> perform(const Options& options, Context& context) {
  const auto names = TRY(names_of(options));
  deliver::EndpointSetup setup;
  setup.kind = options.imds ? deliver::EndpointKind::metadata : deliver::EndpointKind::container;
  setup.hop_limit = TRY(hops_of(options));
  const auto paths = TRY(checked_paths(options, names));
  for (const auto& name : names) {
    SessionOptions session;
    session.profile = name;
    session.duration = options.duration;
    session.region = options.region;
    setup.profiles.push_back(TRY(fetch_served(context, session)));
    remember_use(context, session);
  }
  const auto sockets = TRY(http::listen_on_loopback());
  const auto files = TRY(files_of(paths, setup, sockets.port));
  for (const auto& file : files) setup.files.push_back(file.path);
  // The locks go last: whoever gets one then finds nothing of ours.
  for (const auto& file : files)
    if (std::ranges::find(setup.files, file.lock) == setup.files.end()) setup.files.push_back(file.lock);
  hold_ending_signals();
  const auto locks = TRY(deliver::write_endpoint_files(files));
  auto error = [&]() -> base::Error {
    if (auto said = say_where(options, setup, sockets.port, files, context.output()); !said) return said.error();
    return deliver::become_endpoint(setup, sockets, locks, context.environment());
  }();
  for (const auto& file : setup.files) (void)unlink(file.c_str());
  return std::unexpected(std::move(error));
}

}  // namespace

Action declare_serve(Arguments& arguments) {
  const auto options = std::make_shared<Options>();  // shared: the action outlives this call
  arguments.positionals("PROFILE…", options->profiles, Presence::optional, "whose credentials");
  arguments.option("--profile", "PROFILE", options->more_profiles, "one more; may be given several times");
  arguments.option("-d,--duration", "DURATION", options->duration, "how long each session shall last: 1h, 90m, 12h");
  arguments.option("--region", "REGION", options->region, "the region, over all settings");
  arguments.option("--env", "FILE", options->env, "write the variables of one profile to FILE, not to standard output");
  arguments.option("--env-dir", "DIR", options->env_dir, "write each profile's variables to DIR/PROFILE.env");
  arguments.option("--config", "FILE", options->config, "write an AWS config file with a section for each profile");
  arguments.flag("--imds", options->imds, "serve as EC2's instance metadata service (IMDSv2) instead");
  arguments.option("--hop-limit", "N", options->hop_limit, "with --imds: how far replies travel; else the system's");
  return [options](Context& context) { return perform(*options, context); };
}

}  // namespace cli
