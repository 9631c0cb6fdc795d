// What is said over the agent's socket (doc/protocol.md): frames of a length and a body, requests and replies as
// values. Decoding is strict: every body that decodes is exactly what encoding writes. It does no input or output.
#pragma once

#include "secret/bytes.h"

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace agent {

inline constexpr std::size_t kHeaderBytes = 4;
inline constexpr std::size_t kLargestBody = std::size_t{64} * 1024;
/// Changes with every change of what is below, but never how `hello` and `stop` are written: so an agent and a client
/// of two versions understand that they do not understand each other.
inline constexpr std::string_view kProtocol = "1";

enum class Op : std::uint8_t {
  hello = 1,   // protocol, version            -> protocol, version, whether its program was replaced, whether unlocked
  stop = 2,    //                              -> nothing; it wipes its memory and ends
  status = 3,  //                              -> fields
  unlock = 4,  // the store's id, the data key -> nothing
  lock = 5,    //                              -> nothing
  sign = 6,    // access key id, string to sign -> the signature, hex
  open_sign_in = 7,  // the sign-in's id             -> the record's body
  seal_sign_in = 8,  // the sign-in's id, the record's clear fields, its body -> nothing
  session_key = 9,   //                              -> the key, for a kernel that refuses keyrings
  hold = 10,         //                              -> nothing; while this connection lives, no idle limit
  watch = 11,        // fields                       -> nothing; renew this session before it ends
};

/// Who asks, as the kernel says.
struct Peer {
  pid_t pid = 0;
  uid_t uid = 0;
};

struct Request {
  Peer from;
  Op op = Op::hello;
  std::vector<secret::Bytes> parts;

  std::string text(std::size_t part) const;
};

enum class Outcome : std::uint8_t {
  done = 0,
  locked = 1,   // the store must be unlocked first; the one part says why the agent is locked
  refused = 2,  // the agent does not do this; the one part says why
  failed = 3,   // it tried; the one part says what went wrong
};

struct Reply {
  Outcome outcome = Outcome::done;
  std::vector<secret::Bytes> parts;

  std::string text(std::size_t part) const;
  static Reply of(std::initializer_list<std::string_view> texts);
  static Reply no(Outcome outcome, std::string_view why);
};

/// The body's length as a frame's first bytes, highest byte first.
std::array<std::byte, kHeaderBytes> frame_header(std::size_t body);
/// nullopt for an empty body and for one that is larger than the limit.
std::optional<std::size_t> body_length(std::span<const std::byte, kHeaderBytes> header);

secret::Bytes encode(Op op, std::span<const secret::Bytes* const> parts);
secret::Bytes encode(const Reply& reply);
/// nullopt for an unknown operation, and for another number of parts than it has. `from` is left to the caller.
std::optional<Request> decode_request(const secret::Bytes& body);
std::optional<Reply> decode_reply(const secret::Bytes& body, Op asked);

}  // namespace agent
