// One session kept alive for as long as a program of ours serves others with it: a thread renews it ahead of its end,
// so that whoever needs it takes what is there and never waits for AWS, or for a person.
#pragma once

#include "aws/credentials.h"
#include "base/clock.h"
#include "base/result.h"
#include "credentials/source.h"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>

namespace credentials {

class LiveSession {
 public:
  struct Parts {
    Source& source;  // used by the session's thread alone from now on
    /// What to ask for; its min_ttl is the session's to set. It must not let anybody be asked.
    std::function<Request()> request;
    base::Clock& clock;
    /// One line for people when a renewal fails, and when one works again.
    std::function<void(std::string_view)> note;
  };

  LiveSession(Parts parts, Answer first);
  ~LiveSession();
  LiveSession(const LiveSession&) = delete;
  LiveSession& operator=(const LiveSession&) = delete;

  /// Starts the thread.
  void start();
  /// What is good now. Where nothing is, a renewal is tried at once and waited for, for at most 1.5 s. Errors: those of
  /// the renewal, with what to run.
  base::Result<std::shared_ptr<const aws::Credentials>> current();
  /// AWS's clock minus ours, where a reply has told it.
  void set_clock_offset(base::Duration offset);

  /// The thread's work: renews where it is due; how long until it should be called again.
  base::Duration renew_where_due();

 private:
  void run();
  base::Duration left(const aws::Credentials& credentials) const;
  base::Duration margin() const;
  void take(Answer answer);

  Parts parts_;
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::shared_ptr<const aws::Credentials> credentials_;
  base::Duration length_{0};  // of the session, when it was new to us
  base::Duration offset_{0};
  std::optional<base::Error> problem_;
  base::Duration last_try_{0};  // monotonic
  base::Duration pause_{0};     // after it
  bool asked_ = false, stops_ = false;
  std::thread thread_;
};

}  // namespace credentials
