#include "http/deadline_client.h"

#include <algorithm>
#include <utility>

namespace http {
namespace {

class DeadlineClient final : public Client {
 public:
  DeadlineClient(std::unique_ptr<Client> through, base::Clock& clock, base::Duration deadline)
      : through_(std::move(through)), clock_(clock), deadline_(deadline) {}

  base::Result<Response> send(const Request& request, const Limits& limits) override {
    const base::Duration left = deadline_ - clock_.monotonic();
    if (left <= base::Duration::zero())
      return base::fail(base::ErrorKind::unreachable, "no answer within the time that there was");
    Limits own = limits;
    own.total = std::min(limits.total, left);
    own.connect = std::min(limits.connect, left);
    return through_->send(request, own);
  }

 private:
  std::unique_ptr<Client> through_;
  base::Clock& clock_;
  base::Duration deadline_;
};

}  // namespace

std::unique_ptr<Client> make_deadline_client(std::unique_ptr<Client> through, base::Clock& clock,
                                             base::Duration deadline) {
  return std::make_unique<DeadlineClient>(std::move(through), clock, deadline);
}

}  // namespace http
