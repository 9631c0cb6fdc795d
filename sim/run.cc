// Seed, world, server and command, put together.
#include "run.h"

#include "base/file.h"
#include "child.h"
#include "container_endpoint.h"
#include "example_seed.h"
#include "instance_metadata.h"
#include "private_home.h"
#include "seed.h"
#include "server.h"

#include <fmt/format.h>
#include <unistd.h>

#include <span>

namespace sim {
namespace {

using base::ErrorKind;

constexpr std::size_t kLargestSeed = 16U << 20U;

base::Result<State> read_state(const RunOptions& options, const base::Clock& clock) {
  if (options.seed_path.empty()) return parse_seed(example_seed(), clock.now());
  const std::optional<std::string> text = TRY(base::read_file(options.seed_path, kLargestSeed));
  if (!text) return base::fail(ErrorKind::not_found, "no seed file " + options.seed_path);
  base::Result<State> state = parse_seed(*text, clock.now());
  if (!state) return std::unexpected(base::with_context(state.error(), options.seed_path));
  return state;
}

base::Result<void> apply(const RunOptions& options, Service& service) {
  for (const std::string& name : options.without) {
    if (!is_check(name)) return base::fail(ErrorKind::usage, "unknown check " + name, "kabuto-sim help");
    service.world().checks.switch_off(name);
  }
  for (const std::string& line : options.faults) TRY(service.faults().add(line, service.world()));
  if (!options.log_path.empty()) TRY(service.log().open_file(options.log_path));
  return {};
}

std::string url_of(std::uint16_t port) { return fmt::format("http://127.0.0.1:{}", port); }

/// With a slash at its end: AWS CLI 2.9 appends its paths to it as they are.
std::string metadata_url(const Instance& instance) { return url_of(instance.port) + "/"; }

base::Result<void> print_line(const std::string& line) {
  const std::string text = line + "\n";
  return base::write_all(STDOUT_FILENO, std::as_bytes(std::span(text)));
}

/// The proxy's authority, where a proxy is wanted; its certificate goes to `ca_path`.
base::Result<std::unique_ptr<CertificateAuthority>> open_proxy(Server& server, const std::string& ca_path) {
  auto authority = TRY(CertificateAuthority::create());
  TRY(server.listen_proxy(*authority));
  TRY(base::write_file_atomically(ca_path, authority->certificate_pem()));
  return authority;
}

/// The ports of what the seed's instance and container find inside AWS.
base::Result<void> open_machines(Server& server, State& state) {
  if (state.instance) state.instance->port = TRY(server.listen_as(std::string(kInstanceMetadataHost)));
  if (state.container) state.container->port = TRY(server.listen_as(std::string(kContainerHost)));
  return {};
}

}  // namespace

base::Result<int> run_command(const RunOptions& options, const base::Environment& environment) {
  const base::SystemClock clock;
  World world{.state = TRY(read_state(options, clock)), .checks = {}, .clock = clock};
  Service service(world);
  TRY(apply(options, service));
  const PrivateHome home = TRY(PrivateHome::create(environment));
  TRY(home.write_files(world.state.files));

  std::unique_ptr<CertificateAuthority> authority;
  const std::unique_ptr<Server> server = TRY(Server::listen(service, options.port));
  TRY(open_machines(*server, world.state));
  Addresses addresses{
      .url = url_of(server->port()), .proxy_url = {}, .metadata_url = {}, .ca_path = {}, .region = world.state.region};
  if (world.state.instance) addresses.metadata_url = metadata_url(*world.state.instance);
  if (options.reach == RunOptions::Reach::proxy) {
    addresses.ca_path = home.path("authority.pem");
    authority = TRY(open_proxy(*server, addresses.ca_path));
    addresses.proxy_url = url_of(server->proxy_port());
  }

  const sigset_t signals = block_signals();
  const Child child = TRY(Child::start(options.command, private_environment(environment, home, addresses), signals));
  int code = 0;
  server->on_signals(signals, [&](int number, Server::Origin origin) {
    if (const std::optional<int> ended = child.ended()) {
      code = *ended;
      server->stop();
    } else if (number != SIGCHLD && origin == Server::Origin::process) {
      child.pass_on(number);  // what the terminal sends, the command gets by itself
    }
  });
  server->run();
  return code;
}

base::Result<int> serve(const RunOptions& options) {
  const base::SystemClock clock;
  World world{.state = TRY(read_state(options, clock)), .checks = {}, .clock = clock};
  Service service(world);
  TRY(apply(options, service));
  std::unique_ptr<CertificateAuthority> authority;
  const std::unique_ptr<Server> server = TRY(Server::listen(service, options.port));
  TRY(open_machines(*server, world.state));
  TRY(print_line(url_of(server->port())));
  if (world.state.instance) TRY(print_line("AWS_EC2_METADATA_SERVICE_ENDPOINT=" + metadata_url(*world.state.instance)));
  if (options.reach == RunOptions::Reach::proxy) {
    const std::string ca_path = fmt::format("/tmp/kabuto-sim-{}.pem", server->port());
    authority = TRY(open_proxy(*server, ca_path));
    TRY(print_line("HTTPS_PROXY=" + url_of(server->proxy_port()) + " AWS_CA_BUNDLE=" + ca_path));
  }
  server->on_signals(block_signals(), [&](int number, Server::Origin) {
    if (number != SIGCHLD) server->stop();
  });
  server->run();
  return 0;
}

}  // namespace sim
