// Performs one planned chain: from the last step back to the first whose result is cached, and forward again by calls.
// It performs the hops as planned and no other; planning is chain.h's.
#pragma once

#include "aws/client.h"
#include "aws/profile.h"
#include "base/result.h"
#include "credentials/broker.h"
#include "credentials/cache.h"
#include "credentials/chain.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace credentials {

class HopRunner {
 public:
  /// `client` is called at the first call of AWS. Warnings are added to `warnings`.
  HopRunner(const Surroundings& around, const aws::Profiles& profiles, SessionCache& cache,
            std::function<aws::Client&()> client, const Chain& chain, Request& request,
            std::vector<std::string>& warnings);

  /// What the last step gives, never expired.
  base::Result<Kept> run();

 private:
  base::Result<Kept> obtain(std::size_t step);
  base::Result<Kept> obtain_alone(std::size_t step, const std::optional<Kept>& old);
  base::Result<Kept> fetch(std::size_t step);
  base::Result<Kept> call(std::size_t step);
  base::Result<aws::Session> call_signed(const Hop& hop, const aws::Credentials& signer);
  base::Result<aws::Session> call_once(const Hop& hop, const aws::Credentials& signer, std::optional<aws::Mfa> mfa);
  base::Result<void> somebody_can_give_a_code(const Hop& hop);
  /// A cached result that may be used; `old` is set to one that is good but not for long.
  std::optional<Kept> look(std::size_t step, std::optional<Kept>& old);
  void keep(const Hop& hop, const Kept& kept);
  Kept kept_now(aws::Credentials credentials, base::Duration clock_offset) const;
  base::Duration needed_ttl(std::size_t step) const;
  std::string command_to_run() const;
  base::Error told_of(const Hop& hop, base::Error error) const;
  void warn_once(std::string text);

  const Surroundings& around_;
  const aws::Profiles& profiles_;
  SessionCache& cache_;
  std::function<aws::Client&()> client_;
  const Chain& chain_;
  Request& request_;
  std::vector<std::string>& warnings_;
  base::Instant started_;
};

}  // namespace credentials
