// The process of a local endpoint: serves, renews by itself, and ends with the command it was started for or when it is
// told to. It never asks anybody anything.
#pragma once

#include "base/clock.h"
#include "base/environment.h"
#include "base/file.h"
#include "base/result.h"
#include "deliver/handover.h"
#include "http/loopback_sockets.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace deliver {

/// The hidden command that becomes an endpoint: kEndpointWord beside | foreground.
constexpr std::string_view kEndpointWord = "serve-endpoint";
constexpr std::string_view kBesideCommand = "beside";
constexpr std::string_view kInForeground = "foreground";
// Its descriptors, besides standard error.
constexpr int kEndpointSetup = 3;
constexpr int kEndpointV4 = 4;
constexpr int kEndpointV6 = 5;       // closed where there is no IPv6
constexpr int kEndpointCommand = 6;  // a pidfd of the command, with kBesideCommand

/// Starts the endpoint of this process, which is about to become the command; it ends within a second of the command.
/// Error: failure.
base::Result<void> start_endpoint_beside(const EndpointSetup& setup, const http::LoopbackSockets& sockets,
                                         const base::Environment& environment);
/// Becomes the endpoint, which holds the locks until it ends. SIGINT, SIGTERM, SIGHUP and SIGQUIT, which end it, must
/// be blocked by now. Returns only where that fails.
base::Error become_endpoint(const EndpointSetup& setup, const http::LoopbackSockets& sockets,
                            const std::vector<base::FileLock>& locks, const base::Environment& environment);

/// What the endpoint has to say to people, each once.
struct EndpointNotes {
  std::function<void(const base::Error&)> error;
  std::function<void(std::string_view)> warning;
};

/// Serves until `ends` (a pidfd or a signalfd) is readable, then removes the setup's files. Error: failure.
base::Result<void> run_endpoint(EndpointSetup setup, http::LoopbackSockets sockets, int ends, base::Clock& clock,
                                const base::Environment& environment, const EndpointNotes& notes);

}  // namespace deliver
