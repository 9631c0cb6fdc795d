// A service that answers as a test scripts it, a clock that stands still, and waiting times without chance. Only tests
// include it.
#pragma once

#include "aws/client.h"
#include "base/fake_clock_for_test.h"
#include "base/text.h"
#include "secret/text_for_test.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aws {

using base::FakeClock;
using secret::text_of;

class FullJitter final : public Jitter {
 public:
  base::Duration up_to(base::Duration most) override { return most; }
};

inline http::Response reply(int status, std::string_view body, std::vector<http::Header> headers = {}) {
  return {status, std::move(headers), secret::Bytes::copy_of(body)};
}

inline std::string error_body(std::string_view code, std::string_view message) {
  return "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>" +
         std::string(code) + "</Code><Message>" + std::string(message) +
         "</Message></Error><RequestId>req-1</RequestId></ErrorResponse>";
}

/// Answers each request with the next entry of its script; the last one for ever.
class ScriptedHttp final : public http::Client {
 public:
  using Answer = std::function<base::Result<http::Response>()>;
  struct Sent {
    std::string method, url, body, date, authorization, content_type, trace, ttl;
    http::PlainHttp plain = http::PlainHttp::loopback;
    base::Duration total;
    std::map<std::string, std::string> secret_headers;
  };

  explicit ScriptedHttp(base::Clock& clock) : clock_(clock) {}
  void then(int status, std::string body, std::vector<http::Header> headers = {}) {
    script_.push_back([=]() -> base::Result<http::Response> { return reply(status, body, headers); });
  }
  void then(base::ErrorKind kind, std::string what) {
    script_.push_back([=]() -> base::Result<http::Response> { return base::fail(kind, what); });
  }
  void then_do(Answer answer) { script_.push_back(std::move(answer)); }
  /// As long as this takes, in the clock's time.
  void takes(base::Duration time) { takes_ = time; }

  base::Result<http::Response> send(const http::Request& request, const http::Limits& limits) override {
    Sent one;
    one.method = request.method;
    one.url = request.url;
    one.body = text_of(request.body);
    one.total = limits.total;
    one.plain = request.plain;
    for (const auto& header : request.secret_headers) one.secret_headers[header.name] = text_of(header.value);
    for (const auto& header : request.headers) {
      if (header.name == "X-Amz-Date") one.date = header.value;
      if (header.name == "Authorization") one.authorization = header.value;
      if (header.name == "Content-Type") one.content_type = header.value;
      if (header.name == "X-Amzn-Trace-Id") one.trace = header.value;
      if (header.name == "x-aws-ec2-metadata-token-ttl-seconds") one.ttl = header.value;
    }
    sent.push_back(std::move(one));
    if (takes_.count() > 0) clock_.sleep(takes_);
    if (script_.empty()) return base::fail(base::ErrorKind::unreachable, "the script is empty");
    return script_[std::min(sent.size(), script_.size()) - 1]();
  }

  std::vector<Sent> sent;

 private:
  base::Clock& clock_;
  std::vector<Answer> script_;
  base::Duration takes_{0};
};

/// Everything a call needs, wired up.
struct Bench {
  FakeClock clock;
  FullJitter jitter;
  ScriptedHttp http{clock};
  Client client{http, clock, jitter};
  Endpoint endpoint = [] {
    Endpoint out;
    out.url = "https://sts.eu-west-1.amazonaws.com";
    out.signing_region = "eu-west-1";
    out.signing_name = "sts";
    return out;
  }();
  Credentials credentials{
      "AKIDEXAMPLE", secret::Bytes::copy_of("secret"), secret::Bytes::copy_of("TOKEN-CANARY"), {}, {}};
};

}  // namespace aws
