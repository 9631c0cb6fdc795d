#include "deliver/endpoint.h"

#include "base/child.h"
#include "deliver/endpoint_service.h"
#include "deliver/metadata_service.h"
#include "deliver/own_program.h"
#include "deliver/renewal.h"
#include "http/server.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace deliver {
namespace {

using base::Duration;

// The wall clock is looked at this often: a machine that has slept says so to nobody.
constexpr Duration kLongestTurn{10'000};
// A fetching that takes longer has met somebody who never answers.
constexpr Duration kLongestRenewal = std::chrono::minutes{5};

base::Result<OwnProgram> program_of(const EndpointSetup& setup, const http::LoopbackSockets& sockets,
                                    const base::Environment& environment, base::Descriptor& pipe) {
  pipe = TRY(pipe_with(packed(setup)));
  OwnProgram out;
  out.environment = environment_pointers(environment);
  out.descriptors = {{2, 2}, {pipe.get(), kEndpointSetup}, {sockets.v4.get(), kEndpointV4}};
  if (sockets.v6.valid()) out.descriptors.push_back({sockets.v6.get(), kEndpointV6});
  return out;
}

/// A profile with the fetching that is under way for it.
struct Renewing {
  Served* served;
  std::optional<Renewal> renewal;
  Duration started{0};
};

class Endpoint {
 public:
  Endpoint(EndpointSetup setup, base::Clock& clock, const base::Environment& environment, const EndpointNotes& notes);
  base::Result<void> run(http::LoopbackSockets sockets, int ends);

 private:
  bool renew(Served& served);
  void start(Renewing& renewing);
  void finish(Renewing& renewing);
  void tell(const base::Error& error);
  void warn(const std::vector<std::string>& warnings);
  Duration renew_what_is_due();

  base::Clock& clock_;
  const base::Environment& environment_;
  const EndpointNotes& notes_;
  int hop_limit_;
  std::deque<Served> profiles_;
  std::deque<Renewing> renewals_;
  std::unique_ptr<http::Service> service_;
  std::optional<http::Server> server_;
  std::vector<std::string> told_;  // since the last success
  bool is_over_ = false;
};

Endpoint::Endpoint(EndpointSetup setup, base::Clock& clock, const base::Environment& environment,
                   const EndpointNotes& notes)
    : clock_(clock), environment_(environment), notes_(notes), hop_limit_(setup.hop_limit) {
  for (auto& profile : setup.profiles) profiles_.emplace_back(std::move(profile), clock);
  for (auto& served : profiles_) renewals_.push_back({&served, std::nullopt, {}});
  const auto renew = [this](Served& served) { return this->renew(served); };
  if (setup.kind == EndpointKind::metadata)
    service_ = std::make_unique<MetadataService>(profiles_.front(), clock, renew);
  else
    service_ = std::make_unique<EndpointService>(profiles_, renew);
}

void Endpoint::tell(const base::Error& error) {
  if (std::ranges::find(told_, error.what) != told_.end()) return;
  told_.push_back(error.what);
  notes_.error(error);
}

void Endpoint::warn(const std::vector<std::string>& warnings) {
  for (const auto& text : warnings) {
    if (std::ranges::find(told_, text) != told_.end()) continue;
    told_.push_back(text);
    notes_.warning(text);
  }
}

void Endpoint::start(Renewing& renewing) {
  auto started = Renewal::start(renewing.served->profile.renewal, environment_);
  if (started) {
    renewing.renewal.emplace(std::move(*started));
    renewing.started = clock_.monotonic();
    if (const auto watched = server_->watch(renewing.renewal->pidfd(), [this, &renewing] { finish(renewing); });
        watched)
      return;
    renewing.renewal.reset();
  }
  renewing.served->credentials.failed(
      started ? base::Error{base::ErrorKind::failure, "the fetching cannot be watched", {}} : started.error());
}

void Endpoint::finish(Renewing& renewing) {
  server_->forget(renewing.renewal->pidfd());
  auto outcome = renewing.renewal->outcome();
  renewing.renewal.reset();
  auto& credentials = renewing.served->credentials;
  if (outcome) {
    const bool is_newer = outcome->credentials.expiration != credentials.lease().credentials.expiration;
    if (is_newer && outcome->warnings.empty()) told_.clear();
    warn(outcome->warnings);
    credentials.renewed(std::move(*outcome));
  } else {
    tell(base::with_context(outcome.error(), "renew the credentials of " + renewing.served->profile.name));
    credentials.failed(std::move(outcome).error());
  }
  server_->resume(clock_);
}

/// A request has found nothing to serve. Whether a fetching is under way that may change that.
bool Endpoint::renew(Served& served) {
  served.credentials.want();
  const auto found = std::ranges::find(renewals_, &served, &Renewing::served);
  if (!found->renewal && served.credentials.until_renewal().value_or(Duration::zero()) == Duration::zero())
    start(*found);
  return found->renewal.has_value();
}

/// How long until the next one.
Duration Endpoint::renew_what_is_due() {
  Duration next = kLongestTurn;
  for (auto& each : renewals_) {
    if (each.renewal) {
      if (clock_.monotonic() - each.started >= kLongestRenewal) each.renewal->kill();
      continue;
    }
    const auto due = each.served->credentials.until_renewal();
    if (!due) continue;
    if (*due > Duration::zero())
      next = std::min(next, *due);
    else
      start(each);
  }
  return next;
}

base::Result<void> Endpoint::run(http::LoopbackSockets sockets, int ends) {
  server_.emplace(TRY(http::Server::open(std::move(sockets), *service_, {.hop_limit = hop_limit_})));
  TRY(server_->watch(ends, [this] { is_over_ = true; }));
  while (!is_over_) TRY(server_->turn(clock_, renew_what_is_due()));
  server_.reset();
  return {};
}

}  // namespace

base::Result<void> start_endpoint_beside(const EndpointSetup& setup, const http::LoopbackSockets& sockets,
                                         const base::Environment& environment) {
  const base::Descriptor command = base::open_pidfd(getpid());
  base::Descriptor pipe;
  OwnProgram program = TRY(program_of(setup, sockets, environment, pipe));
  program.argv = {"kabuto", std::string(kEndpointWord), std::string(kBesideCommand)};
  program.descriptors.push_back({command.get(), kEndpointCommand});
  program.ignored = {SIGINT, SIGQUIT, SIGHUP, SIGTSTP, SIGTTIN, SIGTTOU};
  if (auto started = start_beside(program); !started)
    return std::unexpected(base::with_context(std::move(started).error(), "start the endpoint"));
  return {};
}

base::Error become_endpoint(const EndpointSetup& setup, const http::LoopbackSockets& sockets,
                            const std::vector<base::FileLock>& locks, const base::Environment& environment) {
  base::Descriptor pipe;
  auto program = program_of(setup, sockets, environment, pipe);
  if (!program) return program.error();
  program->argv = {"kabuto", std::string(kEndpointWord), std::string(kInForeground)};
  for (const auto& lock : locks) program->locks.push_back(lock.descriptor());
  program->apart = Apart::no;
  program->held = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  return base::with_context(become_own_program(*program), "start the endpoint");
}

base::Result<void> run_endpoint(EndpointSetup setup, http::LoopbackSockets sockets, int ends, base::Clock& clock,
                                const base::Environment& environment, const EndpointNotes& notes) {
  const auto files = std::exchange(setup.files, {});
  auto done = Endpoint(std::move(setup), clock, environment, notes).run(std::move(sockets), ends);
  for (const auto& file : files) (void)unlink(file.c_str());
  return done;
}

}  // namespace deliver
