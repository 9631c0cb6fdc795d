// The private HOME of `kabuto-sim run`: a directory of its own with the seed's files, removed at the end, and the
// environment that leads programs into it and to the simulator.
#pragma once

#include "base/environment.h"
#include "base/result.h"
#include "state.h"

#include <string>
#include <vector>

namespace sim {

class PrivateHome {
 public:
  /// Under TMPDIR or /tmp, mode 0700.
  static base::Result<PrivateHome> create(const base::Environment& environment);
  PrivateHome(PrivateHome&& other) noexcept : root_(std::move(other.root_)) { other.root_.clear(); }
  PrivateHome& operator=(PrivateHome&&) = delete;
  ~PrivateHome();

  base::Result<void> write_files(const std::vector<File>& files) const;
  /// `name` under the root, beside the home.
  std::string path(const std::string& name) const { return root_ + "/" + name; }
  std::string home() const { return path("home"); }

 private:
  explicit PrivateHome(std::string root) : root_(std::move(root)) {}
  std::string root_;
};

struct Addresses {
  std::string url;           // http://127.0.0.1:PORT
  std::string proxy_url;     // empty: endpoint variables
  std::string metadata_url;  // empty: no instance
  std::string ca_path;
  std::string region;
};

/// "NAME=value" entries: the inherited ones without AWS's and without those that lead to the real home, then ours.
std::vector<std::string> private_environment(const base::Environment& inherited, const PrivateHome& home,
                                             const Addresses& addresses);

}  // namespace sim
