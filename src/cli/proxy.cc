// kabuto proxy: the two-key door for tools that know only an access key and a secret key, for as long as one command or
// until it is stopped.
#include "aws/endpoint.h"
#include "aws/profile.h"
#include "aws/settings.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/session_options.h"
#include "credentials/broker.h"
#include "credentials/live_session.h"
#include "credentials/sdk_ttl.h"
#include "deliver/door_settings.h"
#include "deliver/environment.h"
#include "deliver/supervisor.h"
#include "deliver/two_key_door.h"
#include "deliver/write_out.h"
#include "http/loopback_sockets.h"
#include "http/stream_server.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cli {
namespace {

constexpr int kStandardOutput = 1;
constexpr std::size_t kLongestService = 40;

struct Options {
  SessionOptions session;
  std::string service;
  std::string endpoint_url;
  std::string format = "env";
  std::string output;
  std::vector<std::string> command;
};

base::Result<void> check_service(const std::string& service) {
  if (service.empty())
    return base::fail(base::ErrorKind::usage, "--service is missing", "add --service s3, or another service's name");
  const bool good = service.size() <= kLongestService && std::ranges::all_of(service, [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                    });
  if (good) return {};
  return base::fail(base::ErrorKind::usage, "no service is called " + base::printable(service, 60),
                    "give the name that signatures have: s3, dynamodb, sqs, es, execute-api");
}

base::Result<deliver::DoorFormat> format_of(const std::string& name) {
  if (const auto format = deliver::door_format_named(name)) return *format;
  return base::fail(base::ErrorKind::usage, "no format named " + base::printable(name, 40),
                    "use --format env, json, s3cmd or rclone");
}

/// As the first request, for a thread that may ask nobody. A code is used once.
credentials::Request renewal_of(const credentials::Request& first) {
  credentials::Request request;
  request.profile = first.profile;
  request.region = first.region;
  request.duration = first.duration;
  request.session = first.session;
  request.made = first.made;
  return request;
}

struct Destination {
  aws::Endpoint endpoint;
  std::string ca_bundle;
};

base::Result<Destination> destination_of(Context& context, const Options& options, const credentials::Answer& answer) {
  if (answer.region.empty())
    return base::fail(base::ErrorKind::usage, "no region is known for the calls", "add --region REGION");
  const aws::Profiles* const profiles = TRY(context.profiles());
  const auto profile = TRY(profiles->find(answer.profile));
  const aws::SettingSources from{context.environment_for(options.session.profile), profiles,
                                 profile ? &*profile : nullptr, answer.region, options.endpoint_url};
  const auto bundle = aws::ca_bundle(from);
  return Destination{TRY(aws::resolve_named_endpoint(options.service, from, answer.region)),
                     bundle ? bundle->value : ""};
}

/// It will be taken away at the end, so it must not be somebody's.
base::Result<void> check_is_new(const std::string& path) {
  if (path.empty() || (access(path.c_str(), F_OK) != 0 && errno == ENOENT)) return {};
  return base::fail(base::ErrorKind::refused,
                    base::printable(path) + " is there already, and would be removed at the end",
                    "name another file for --output, or remove it");
}

/// A file that goes with the proxy.
class WrittenFile {
 public:
  explicit WrittenFile(std::string path) : path_(std::move(path)) {}
  WrittenFile(const WrittenFile&) = delete;
  WrittenFile& operator=(const WrittenFile&) = delete;
  ~WrittenFile() { unlink(path_.c_str()); }

 private:
  std::string path_;
};

base::Result<int> perform(Options& options, Context& context) {
  TRY(check_service(options.service));
  const auto format = TRY(format_of(options.format));
  TRY(check_is_new(options.output));
  TRY(choose_missing_profile(context, options.session, "proxy"));
  auto request = TRY(request_of(context, options.session, credentials::kSdkMinTtl, sign_in_use(context)));
  const auto renewal = renewal_of(request);
  auto answer = TRY(fetch(context, std::move(request)));
  auto destination = TRY(destination_of(context, options, answer));
  const auto pair = deliver::make_local_pair();
  auto sockets = TRY(http::listen_on_loopback());
  const deliver::DoorAddress address{sockets.port, options.service, answer.region};
  const auto text = TRY(deliver::door_text(format, pair, address));
  remember_use(context, options.session);
  if (destination.endpoint.needs_notice)
    context.output().note("requests go to " + base::printable(destination.endpoint.url) + " (" +
                          base::printable(destination.endpoint.origin) + ")");

  std::optional<WrittenFile> file;
  if (!options.output.empty()) {
    TRY(deliver::write_door_file(options.output, text));
    file.emplace(options.output);
  }
  auto supervisor = TRY(deliver::Supervisor::open());
  if (!options.command.empty()) {
    const auto environment = TRY(deliver::child_environment(
        context.environment(), pair,
        {answer.profile, answer.region, deliver::door_variables(address, context.environment())}));
    if (const auto started = supervisor.start(options.command, environment); !started) {
      context.output().error(started.error().error);
      return started.error().exit_code;
    }
  } else {
    if (options.output.empty()) TRY(deliver::write_out(kStandardOutput, text));
    context.output().note("serving " + options.service + " as " + base::printable(answer.profile, 100) + " at " +
                          address.url() + " until it is stopped");
  }

  auto server = TRY(http::StreamServer::open(std::move(sockets)));
  context.ask_nobody();
  credentials::Broker* const broker = TRY(context.broker(options.session.profile));
  credentials::LiveSession session({*broker, [&] { return renewal_of(renewal); }, context.clock(),
                                    [&](std::string_view line) { context.output().note(line); }},
                                   std::move(answer));
  deliver::TwoKeyDoor door({std::move(destination.endpoint), std::move(destination.ca_bundle), address.port}, pair,
                           session, context.clock(), context.environment(),
                           [&](std::string_view line) { context.debug(line); });
  door.stop_with(server.stopping());
  supervisor.watch();
  session.start();
  server.run(door, supervisor.stop_fd());
  return supervisor.exit_code();
}

}  // namespace

Action declare_proxy(Arguments& arguments) {
  const auto options = std::make_shared<Options>();  // shared: the action outlives this call
  declare_session(arguments, options->session, Presence::asked);
  arguments.option("--service", "SERVICE", options->service, "whose requests come: s3, dynamodb, sqs, es, …");
  arguments.option("--endpoint-url", "URL", options->endpoint_url, "where they go, in place of AWS's own endpoint");
  arguments.option("-f,--format", "FORMAT", options->format, "what to print: env (default), json, s3cmd, rclone");
  arguments.option("-o,--output", "FILE", options->output, "write that to a file, which is removed at the end");
  arguments.command_after_dashes("CMD…", options->command,
                                 "what to run; without it the proxy runs until it is stopped");
  return [options](Context& context) { return perform(*options, context); };
}

}  // namespace cli
