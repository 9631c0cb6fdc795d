// What the two-key door answers: refusals in the form that the service's own clients read, and the replies of AWS as
// they came.
#pragma once

#include "aws/signature_claim.h"
#include "base/clock.h"
#include "http/exchange.h"
#include "http/stream_client.h"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace deliver {

/// Sends `refusal` as `service` would: S3's XML, JSON for services that speak it, else the query protocol's XML.
void send_refusal(http::Exchange& exchange, std::string_view service, const aws::ServiceRefusal& refusal);

/// The headers that concern one connection only, and no further one; those that `Connection` names too.
bool is_hop_by_hop(std::string_view name, const std::vector<http::Header>& headers);

/// Passes a reply on in pieces.
class PassedReply final : public http::ReplySink {
 public:
  explicit PassedReply(http::Exchange& exchange) : exchange_(exchange) {}
  bool head(int status, const std::vector<http::Header>& headers) override;
  bool body(std::span<const std::byte> bytes) override { return exchange_.write_reply(bytes); }

  int status() const { return status_; }
  /// AWS's time, as its Date header says it.
  std::optional<base::Instant> date() const { return date_; }

 private:
  http::Exchange& exchange_;
  int status_ = 0;
  std::optional<base::Instant> date_;
};

}  // namespace deliver
