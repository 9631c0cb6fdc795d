#include "credentials/portal_calls.h"

#include "aws/client.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace credentials {
namespace {

// A server far away answers after 100 ms: enough for 160 calls a second.
constexpr std::size_t kMostThreads = 16;

struct Job {
  std::uint64_t number = 0;
  PortalCall call;
  secret::Bytes access_token;
};

/// What the threads share.
struct Shared {
  std::mutex mutex;
  std::condition_variable work;
  std::condition_variable done;
  std::deque<Job> jobs;
  std::deque<PortalDone> ended;
  std::size_t idle = 0;
  bool closing = false;
};

template <class Item>
base::Result<PortalReply> reply_of(base::Result<aws::SsoListing<Item>> listing) {
  if (!listing) return std::unexpected(std::move(listing).error());
  if (!*listing) return PortalReply(listing->error());
  return PortalReply(std::move(**listing));
}

/// One thread's own client and connection.
class Lane {
 public:
  Lane(std::unique_ptr<http::Client> http, base::Clock& clock, aws::Endpoint endpoint)
      : http_(std::move(http)), client_(*http_, clock, jitter_), portal_(client_, std::move(endpoint)) {}

  void work(Shared& shared) {
    std::unique_lock lock(shared.mutex);
    for (;;) {
      ++shared.idle;
      shared.work.wait(lock, [&] { return shared.closing || !shared.jobs.empty(); });
      --shared.idle;
      if (shared.closing) return;
      const Job job = std::move(shared.jobs.front());
      shared.jobs.pop_front();
      lock.unlock();
      PortalDone done{job.number, perform(job)};
      lock.lock();
      shared.ended.push_back(std::move(done));
      shared.done.notify_one();
    }
  }

 private:
  base::Result<PortalReply> perform(const Job& job) {
    const auto& [account, next] = job.call;
    if (account.empty()) return reply_of(portal_.list_accounts(job.access_token, next));
    return reply_of(portal_.list_account_roles(job.access_token, account, next));
  }

  std::unique_ptr<http::Client> http_;
  aws::RandomJitter jitter_;
  aws::Client client_;
  aws::Sso portal_;
};

class ThreadedPortalCalls final : public PortalCalls {
 public:
  ThreadedPortalCalls(std::function<std::unique_ptr<http::Client>()> make_http, base::Clock& clock,
                      aws::Endpoint endpoint)
      : make_http_(std::move(make_http)), clock_(clock), endpoint_(std::move(endpoint)) {}
  ThreadedPortalCalls(const ThreadedPortalCalls&) = delete;
  ThreadedPortalCalls& operator=(const ThreadedPortalCalls&) = delete;
  ~ThreadedPortalCalls() override {
    {
      const std::lock_guard lock(shared_.mutex);
      shared_.closing = true;
    }
    shared_.work.notify_all();
    for (auto& thread : threads_) thread.join();
  }

  std::size_t most() const override { return kMostThreads; }

  void start(std::uint64_t number, const PortalCall& call, const secret::Bytes& access_token) override {
    bool alone = false;
    {
      const std::lock_guard lock(shared_.mutex);
      shared_.jobs.push_back({number, call, access_token.clone()});
      alone = shared_.jobs.size() > shared_.idle;
    }
    if (alone && lanes_.size() < kMostThreads) {
      Lane& lane = *lanes_.emplace_back(std::make_unique<Lane>(make_http_(), clock_, endpoint_));
      threads_.emplace_back([&lane, this] { lane.work(shared_); });
    }
    shared_.work.notify_one();
  }

  std::optional<PortalDone> next(base::Duration at_most) override {
    std::unique_lock lock(shared_.mutex);
    if (!shared_.done.wait_for(lock, at_most, [&] { return !shared_.ended.empty(); })) return std::nullopt;
    PortalDone done = std::move(shared_.ended.front());
    shared_.ended.pop_front();
    return done;
  }

 private:
  std::function<std::unique_ptr<http::Client>()> make_http_;
  base::Clock& clock_;
  aws::Endpoint endpoint_;
  Shared shared_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<std::thread> threads_;
};

}  // namespace

std::unique_ptr<PortalCalls> threaded_portal_calls(std::function<std::unique_ptr<http::Client>()> make_http,
                                                   base::Clock& clock, aws::Endpoint endpoint) {
  return std::make_unique<ThreadedPortalCalls>(std::move(make_http), clock, std::move(endpoint));
}

}  // namespace credentials
