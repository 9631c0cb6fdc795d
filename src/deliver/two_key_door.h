// The two-key door: a tool that knows only an access key and a secret key signs with a pair of ours that is good for
// nothing else; its requests go on to AWS signed with a real session. The real secret stays in this process.
#pragma once

#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "base/clock.h"
#include "base/environment.h"
#include "credentials/live_session.h"
#include "deliver/door_body.h"
#include "deliver/door_check.h"
#include "http/client.h"
#include "http/stream_client.h"
#include "http/stream_server.h"

#include <atomic>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deliver {

/// A pair for one run: an access key that says what it is, and a secret of 160 random bits.
aws::Credentials make_local_pair();

struct DoorPlan {
  aws::Endpoint endpoint;  // where the requests go, and as what they are signed
  std::string ca_bundle;   // path; empty = the system's
  std::uint16_t port = 0;  // of ours, as Host names it
};

class TwoKeyDoor final : public http::StreamHandler {
 public:
  /// All must outlive the door. `note`: a line for each request, for --verbose; called from several threads.
  TwoKeyDoor(DoorPlan plan, const aws::Credentials& pair, credentials::LiveSession& session, base::Clock& clock,
             const base::Environment& environment, std::function<void(std::string_view)> note);
  ~TwoKeyDoor() override;

  /// Whoever waits in the middle of a request gives up when it is set.
  void stop_with(const std::atomic<bool>& stopping) { stopping_ = &stopping; }

  void serve(http::Exchange& exchange) override;
  void refuse(http::Exchange& exchange, const http::StreamRefusal& refusal) override;

 private:
  using Refused = std::unexpected<aws::ServiceRefusal>;
  /// What a request that may come in brought.
  struct Visitor {
    aws::SignatureClaim claim;
    BodyClaim body;
    std::string bucket;           // of a Host BUCKET.localhost; empty: the path has it
    std::vector<std::byte> held;  // the body, where it had to be read to be hashed
    std::string hash;             // the body's or its word
  };
  std::expected<Visitor, aws::ServiceRefusal> let_in(http::Exchange& exchange);
  std::expected<void, aws::ServiceRefusal> read_host(const std::string& host, Visitor& visitor) const;
  /// The refusal, where nothing was answered.
  std::optional<aws::ServiceRefusal> forward(http::Exchange& exchange, const Visitor& visitor);
  http::Request outgoing(const http::StreamRequest& request, const Visitor& visitor,
                         std::vector<http::Header>& unsigned_headers) const;
  base::Instant aws_time() const;
  std::unique_ptr<http::StreamClient> take_client();
  void give_back(std::unique_ptr<http::StreamClient> client);

  DoorPlan plan_;
  const aws::Credentials& pair_;
  credentials::LiveSession& session_;
  base::Clock& clock_;
  const base::Environment& environment_;
  std::function<void(std::string_view)> note_;
  const std::atomic<bool>* stopping_ = nullptr;
  std::atomic<std::int64_t> offset_{0};  // ms: AWS's clock minus ours
  std::mutex clients_mutex_;
  std::vector<std::unique_ptr<http::StreamClient>> clients_;  // idle, with their connections
};

}  // namespace deliver
