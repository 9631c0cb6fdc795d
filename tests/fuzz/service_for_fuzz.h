// A service that gives one reply, and what must hold of everything that is read from it. Only fuzz targets include it.
#pragma once

#include "aws/client.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

inline constexpr std::string_view kCanary = "CANARY-CANARY-CANARY-CANARY";

struct Wire final : http::Client, base::Clock, aws::Jitter {
  static constexpr base::Instant kNow{std::chrono::sys_days{std::chrono::year{2030} / 1 / 1}};

  Wire(int reply_status, std::string_view reply_body) : status(reply_status), body(reply_body) {}
  base::Result<http::Response> send(const http::Request& /*request*/, const http::Limits& /*limits*/) override {
    return http::Response{status, {}, secret::Bytes::copy_of(body)};
  }
  base::Instant now() const override { return kNow; }
  base::Duration monotonic() const override { return {}; }
  void sleep(base::Duration /*how_long*/) override {}
  base::Duration up_to(base::Duration most) override { return most; }

  int status;
  std::string_view body;
  aws::Client client{*this, *this, *this};
};

inline void check_word(std::string_view text) {
  if (text.empty()) std::abort();
  for (const char c : text)
    if (c <= ' ' || c >= 0x7f) std::abort();
}

inline void check_secret(const secret::Bytes& secret) { secret.reveal_text(check_word); }

/// An error is one line that shows no control character.
inline void check_error(const base::Error& error) {
  if (error.what.empty() || error.what.size() > 3000) std::abort();
  for (const char c : error.what)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) std::abort();
}

/// Nor does an error show anything that was sent.
template <class Value, class Check>
void check_reply(const base::Result<Value>& reply, Check&& check) {
  if (reply) {
    check(*reply);
    return;
  }
  check_error(reply.error());
  if (reply.error().what.find(kCanary) != std::string_view::npos) std::abort();
}
