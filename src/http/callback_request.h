// One request to the callback listener, judged: is it the answer of the sign-in page that we wait for? The text stays
// in locked memory, because the right one holds the authorization code. It opens nothing.
#pragma once

#include "base/result.h"
#include "http/callback_listener.h"
#include "secret/bytes.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace http {

struct CallbackVerdict {
  int status = 0;       // of the reply; 0: the head has not ended yet
  secret::Bytes code;   // with 200
  std::string refusal;  // with 200 and no code: what the sign-in page said, safe to show
};

/// `head`: what has come so far. `port` is the listener's, which Host must name.
CallbackVerdict judge_callback(std::span<const std::byte> head, const ExpectedCallback& expected, std::uint16_t port);

/// The whole reply, with headers that let the page do and load nothing.
std::string callback_reply(const CallbackVerdict& verdict);

}  // namespace http
