// Two commands for our own processes: the endpoint of exec --server and serve (deliver/endpoint.h), and one fetching
// for it. Neither asks anybody; both are told what to do through descriptors.
#include "agent/client.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/served_profile.h"
#include "credentials/broker.h"
#include "deliver/endpoint.h"
#include "deliver/renewal.h"
#include "deliver/write_out.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <memory>

namespace cli {
namespace {

constexpr int kStandardOutput = 1;
constexpr int kStandardError = 2;

std::unexpected<base::Error> not_for_people() {
  return base::fail(base::ErrorKind::usage, "this command is not for people", "run kabuto serve");
}

/// Output that drops a line rather than wait: a stopped terminal or a full pipe must not hold the endpoint up.
class PatientlessOutput final : public Output {
 public:
  explicit PatientlessOutput(Output& through) : through_(through) {}
  base::Result<void> answer(std::string_view text) override { return through_.answer(text); }
  void note(std::string_view text) override {
    if (has_room()) through_.note(text);
  }
  void warn(std::string_view text) override {
    if (has_room()) through_.warn(text);
  }
  void error(const base::Error& error) override {
    if (has_room()) through_.error(error);
  }

 private:
  static bool has_room() {
    pollfd one{kStandardError, POLLOUT, 0};
    return poll(&one, 1, 0) == 1 && (one.revents & POLLOUT) != 0;
  }
  Output& through_;
};

/// What ends an endpoint in the foreground, as something to read.
base::Descriptor ending_signals() {
  sigset_t ending;
  sigemptyset(&ending);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&ending, number);
  return base::Descriptor(signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK));
}

base::Result<int> serve(const std::string& where, Context& context) {
  const bool is_beside = where == deliver::kBesideCommand;
  if (!is_beside && where != deliver::kInForeground) return not_for_people();
  const bool has_v6 = fcntl(deliver::kEndpointV6, F_GETFD) >= 0;
  auto sockets = http::adopt_loopback_sockets(deliver::kEndpointV4, has_v6 ? deliver::kEndpointV6 : -1);
  if (!sockets) return not_for_people();
  // The locks of the files that go at the end are among them; what fetches for us shall not hold one.
  close_range(deliver::kEndpointSetup, ~0U, CLOSE_RANGE_CLOEXEC);
  const auto told = TRY(deliver::read_pipe(deliver::kEndpointSetup));
  auto setup = TRY(deliver::unpacked_setup(told));
  close(deliver::kEndpointSetup);
  const base::Descriptor ends = is_beside ? base::Descriptor(deliver::kEndpointCommand) : ending_signals();
  // An agent signs for the renewals: it shall not lock itself for idleness while somebody relies on it.
  if (const auto keeper = context.agent()) (void)(*keeper)->hold();
  PatientlessOutput output(context.output());
  const deliver::EndpointNotes notes{[&](const base::Error& error) { output.error(error); },
                                     [&](std::string_view text) { output.warn(text); }};
  TRY(deliver::run_endpoint(std::move(setup), std::move(*sockets), ends.get(), context.clock(), context.environment(),
                            notes));
  return 0;
}

base::Result<deliver::Lease> lease_of(Context& context, SessionOptions& options) {
  auto request = TRY(renewed_request_of(context, options, credentials::SignInUse::never));
  credentials::Broker* const broker = TRY(context.broker(request.profile));
  const std::string profile = request.profile;
  auto answer = broker->get(std::move(request));
  if (!answer) return std::unexpected(with_closest_name(std::move(answer).error(), profile, context));
  return deliver::Lease{std::move(answer->credentials), answer->left, std::move(answer->warnings)};
}

}  // namespace

base::Result<int> renew_for_endpoint(Context& context, SessionOptions& options) {
  if (isatty(kStandardOutput) != 0) return not_for_people();
  TRY(deliver::write_out(kStandardOutput, deliver::packed(lease_of(context, options))));
  return 0;
}

Action declare_serve_endpoint(Arguments& arguments) {
  const auto where = std::make_shared<std::string>();  // shared: the action outlives this call
  arguments.positional("WHERE", *where, Presence::required, "beside a command, or in the foreground");
  return [where](Context& context) { return serve(*where, context); };
}

Action declare_renew_for_endpoint(Arguments& arguments) {
  const auto options = std::make_shared<SessionOptions>();
  declare_session(arguments, *options, Presence::optional);
  return [options](Context& context) { return renew_for_endpoint(context, *options); };
}

}  // namespace cli
