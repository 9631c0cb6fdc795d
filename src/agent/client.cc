#include "agent/client.h"

#include "agent/start.h"
#include "base/text.h"

#include <utility>
#include <vector>

namespace agent {
namespace {

using base::Duration;
using base::ErrorKind;

// From the start of the program until it listens: a few milliseconds, on a loaded machine more.
constexpr Duration kStartTime{5'000};
constexpr Duration kStartPause{5};

base::Error error_of(const Reply& reply) {
  const std::string why = base::printable(reply.text(0), 300);
  switch (reply.outcome) {
    case Outcome::locked:
      return {ErrorKind::store_locked, "the agent is locked: " + why, {}};
    case Outcome::refused:
      return {ErrorKind::refused, "the agent refuses: " + why, {}};
    default:
      return {ErrorKind::failure, "the agent: " + why, {}};
  }
}

secret::Bytes part(std::string_view text) { return secret::Bytes::copy_of(text); }

}  // namespace

base::Result<Use> use_of(const base::Environment& environment) {
  const auto value = environment.get_nonempty("KABUTO_AGENT");
  if (!value || *value == "on") return Use::yes;
  if (*value == "off") return Use::no;
  return base::fail(ErrorKind::usage, "KABUTO_AGENT is neither on nor off: " + base::printable(*value, 40),
                    "set KABUTO_AGENT=off to do without the agent");
}

base::Result<std::optional<Channel>> Client::connect() {
  auto channel = TRY(Channel::open(place(), outside_.version, outside_.clock));
  if (!channel) return std::nullopt;
  const Greeting& greeting = channel->greeting();
  if (greeting.protocol == kProtocol && !greeting.is_replaced) return channel;
  outside_.note("the agent " +
                (greeting.protocol == kProtocol
                     ? std::string("runs a program that was replaced")
                     : "is of another version (" + base::printable(greeting.version, 40) + ")") +
                ": it is ended, and the next unlock starts a new one");
  TRY(channel->ask(Op::stop, {}));
  channel->is_over();
  return std::nullopt;
}

Channel* Client::channel() {
  if (channel_) return &*channel_;
  return is_useless_ || outside_.use == Use::no ? nullptr : new_channel();
}

Channel* Client::new_channel() {
  channel_.reset();
  auto connected = connect();
  if (!connected) {
    outside_.note(connected.error().what + "; going on without it");
    is_useless_ = true;
    return nullptr;
  }
  channel_ = std::move(*connected);
  // Where it has been locked meanwhile there is nothing to hold.
  if (channel_ && holds_) [[maybe_unused]]
    const auto held = channel_->ask(Op::hold, {});
  return channel_ ? &*channel_ : nullptr;
}

base::Result<Reply> Client::ask(Op op, std::initializer_list<const secret::Bytes*> parts) {
  Channel* channel = this->channel();
  if (channel == nullptr) return base::fail(ErrorKind::not_found, "no agent runs");
  auto reply = channel->ask(op, parts);
  // It lets go of who is silent for long: once more, on a new connection.
  if (!reply && (channel = new_channel()) != nullptr) reply = channel->ask(op, parts);
  if (!reply) {
    channel_.reset();
    return reply;
  }
  if (reply->outcome != Outcome::done) return std::unexpected(error_of(*reply));
  return reply;
}

bool Client::is_unlocked() {
  const bool had_one = channel_.has_value();
  Channel* channel = this->channel();
  if (channel == nullptr) return false;
  // What was heard when the connection was made may be long ago.
  if (had_one && !channel->greet(outside_.version)) channel = new_channel();
  return channel != nullptr && channel->greeting().is_unlocked;
}

base::Result<std::string> Client::sign(std::string_view access_key_id, std::string_view string_to_sign) {
  const auto id = part(access_key_id);
  const auto text = part(string_to_sign);
  return TRY(ask(Op::sign, {&id, &text})).text(0);
}

base::Result<secret::Bytes> Client::open_sign_in(std::string_view id) {
  const auto name = part(id);
  Reply reply = TRY(ask(Op::open_sign_in, {&name}));
  return std::move(reply.parts[0]);
}

base::Result<void> Client::seal_sign_in(const secret::Record& record, const secret::Bytes& body) {
  const auto name = part(record.name);
  const auto fields = part(secret::encode_fields(record.fields));
  TRY(ask(Op::seal_sign_in, {&name, &fields, &body}));
  return {};
}

base::Result<secret::Bytes> Client::session_key() {
  Reply reply = TRY(ask(Op::session_key, {}));
  return std::move(reply.parts[0]);
}

base::Result<void> Client::hold() {
  TRY(ask(Op::hold, {}));
  holds_ = true;
  return {};
}

void Client::watch(const Watch& watch) {
  const auto fields = part(secret::encode_fields(encode_watch(watch)));
  [[maybe_unused]] const auto told = ask(Op::watch, {&fields});
}

void Client::hand_over(const secret::Store& store, const secret::DataKey& key, Start start) {
  if (outside_.use == Use::no) return;
  if (channel() == nullptr) {
    if (start == Start::never) return;
    if (const auto started = this->start(); !started) {
      outside_.note("the agent cannot be started: " + started.error().what + "; KABUTO_AGENT=off does without it");
      return;
    }
    if (channel() == nullptr) return;
  }
  const auto id = part(store.id());
  const auto given = ask(Op::unlock, {&id, &key.bytes()});
  if (!given) outside_.note("the agent does not take the key: " + given.error().what);
}

base::Result<std::optional<secret::Fields>> Client::status() {
  auto channel = TRY(connect());
  if (!channel) return std::nullopt;
  const Reply reply = TRY(channel->ask(Op::status, {}));
  if (reply.outcome != Outcome::done) return std::unexpected(error_of(reply));
  auto fields = secret::decode_fields(reply.text(0));
  if (!fields) return base::fail(ErrorKind::failure, "the agent's answer is none", "run kabuto agent stop");
  return fields;
}

base::Result<bool> Client::lock() {
  auto channel = TRY(connect());
  if (!channel) return false;
  const Reply reply = TRY(channel->ask(Op::lock, {}));
  if (reply.outcome != Outcome::done) return std::unexpected(error_of(reply));
  return true;
}

base::Result<bool> Client::stop() {
  auto channel = TRY(Channel::open(place(), outside_.version, outside_.clock));
  if (!channel) return false;
  TRY(channel->ask(Op::stop, {}));
  channel->is_over();
  return true;
}

base::Result<bool> Client::start() {
  if (TRY(connect())) return false;
  TRY(start_in_background(outside_.environment));
  const Duration deadline = outside_.clock.monotonic() + kStartTime;
  while (!TRY(Channel::open(place(), outside_.version, outside_.clock))) {
    if (outside_.clock.monotonic() >= deadline)
      return base::fail(ErrorKind::failure, "it does not listen after " + base::human_duration(kStartTime),
                        "run kabuto agent start --foreground to see why");
    outside_.clock.sleep(kStartPause);
  }
  return true;
}

}  // namespace agent
