// What one process of ours hands to another of the same program through a pipe: fields one after the other, each with
// its length before it. Both ends run the same executable, so no version stands in it; it is never written to a file.
#pragma once

#include "base/file.h"
#include "base/result.h"
#include "deliver/environment.h"
#include "deliver/lease.h"
#include "secret/bytes.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace deliver {

/// One profile that an endpoint serves.
struct ServedProfile {
  std::string name;                  // for people
  std::string path;                  // "/dev"
  std::string region;                // empty where none is known
  secret::Bytes token;               // what a request must bring
  std::vector<std::string> renewal;  // the name and the words that fetch it anew
  Lease lease;
};

/// All that an endpoint's process is told.
struct EndpointSetup {
  EndpointKind kind = EndpointKind::container;
  int hop_limit = 0;  // of replies; 0: the system's
  std::vector<ServedProfile> profiles;
  std::vector<std::string> files;  // removed at the end
};

secret::Bytes packed(const EndpointSetup& setup);
/// Error: failure, for anything that packed() has not made.
base::Result<EndpointSetup> unpacked_setup(const secret::Bytes& bytes);

/// What a renewal leads to: a lease, or why there is none.
secret::Bytes packed(const base::Result<Lease>& outcome);
base::Result<Lease> unpacked_lease(const secret::Bytes& bytes);

/// The read end of a pipe that holds all of `bytes` already. Error: failure (more than a pipe takes).
base::Result<base::Descriptor> pipe_with(const secret::Bytes& bytes);
/// Everything up to the end of the pipe. Error: failure (more than an endpoint is ever told).
base::Result<secret::Bytes> read_pipe(int fd);

}  // namespace deliver
