// The way back from the browser: a listener on this machine's loopback addresses that waits for the one request of a
// sign-in, gives it a page, and is gone. Nothing else it is sent ends the wait. It knows OAuth's parameters, not AWS.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "http/peer.h"
#include "secret/bytes.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace http {

struct ExpectedCallback {
  std::string path;   // "/oauth/callback"
  std::string state;  // at least 128 bits; a request without exactly it is answered 4xx and forgotten
};

class CallbackListener {
 public:
  /// Listens on 127.0.0.1 and, with the same port, on [::1] where there is one. Errors: failure (no loopback, no
  /// descriptor). `tables`: where the kernel says whose connections there are.
  static base::Result<CallbackListener> open(std::string tables = kSocketTables);
  CallbackListener(CallbackListener&&) noexcept;
  CallbackListener& operator=(CallbackListener&&) noexcept;
  /// The port is closed.
  ~CallbackListener();

  std::uint16_t port() const;

  /// The authorization code, from a program of our own user only. Answers once and closes. Errors: sign_in_needed
  /// (nobody came within `patience`), denied (the sign-in page said so, with the right state; the text is made
  /// printable).
  base::Result<secret::Bytes> wait(const ExpectedCallback& expected, base::Clock& clock, base::Duration patience);

 private:
  struct State;
  explicit CallbackListener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace http
