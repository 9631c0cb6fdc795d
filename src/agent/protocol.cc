#include "agent/protocol.h"

#include "secret/packed.h"

namespace agent {
namespace {

struct Shape {
  std::size_t asked, answered;  // parts of a request, and of the reply where all went well
};

std::optional<Shape> shape_of(Op op) {
  switch (op) {
    case Op::hello:
      return Shape{2, 4};
    case Op::stop:
    case Op::lock:
    case Op::hold:
      return Shape{0, 0};
    case Op::status:
    case Op::session_key:
      return Shape{0, 1};
    case Op::unlock:
      return Shape{2, 0};
    case Op::sign:
      return Shape{2, 1};
    case Op::open_sign_in:
      return Shape{1, 1};
    case Op::seal_sign_in:
      return Shape{3, 0};
    case Op::watch:
      return Shape{1, 0};
  }
  return std::nullopt;
}

std::string text_of(const secret::Bytes& bytes) {
  return bytes.reveal_text([](std::string_view text) { return std::string(text); });
}

secret::Bytes behind(std::uint8_t first, std::span<const secret::Bytes* const> parts) {
  return secret::Bytes::concatenated(secret::Bytes::copy_of(std::as_bytes(std::span(&first, 1))), secret::pack(parts));
}

/// The first byte, and a copy of the rest.
std::optional<std::pair<std::uint8_t, secret::Bytes>> split(const secret::Bytes& body) {
  return body.reveal([](std::span<const std::byte> bytes) -> std::optional<std::pair<std::uint8_t, secret::Bytes>> {
    if (bytes.empty()) return std::nullopt;
    return std::pair(std::to_integer<std::uint8_t>(bytes[0]), secret::Bytes::copy_of(bytes.subspan(1)));
  });
}

}  // namespace

std::string Request::text(std::size_t part) const { return text_of(parts.at(part)); }
std::string Reply::text(std::size_t part) const { return text_of(parts.at(part)); }

Reply Reply::of(std::initializer_list<std::string_view> texts) {
  Reply reply;
  for (const auto text : texts) reply.parts.push_back(secret::Bytes::copy_of(text));
  return reply;
}

Reply Reply::no(Outcome outcome, std::string_view why) {
  Reply reply = of({why});
  reply.outcome = outcome;
  return reply;
}

std::array<std::byte, kHeaderBytes> frame_header(std::size_t body) {
  std::array<std::byte, kHeaderBytes> header{};
  for (std::size_t i = kHeaderBytes; i > 0; --i, body >>= 8U) header[i - 1] = static_cast<std::byte>(body & 0xffU);
  return header;
}

std::optional<std::size_t> body_length(std::span<const std::byte, kHeaderBytes> header) {
  std::size_t length = 0;
  for (const auto byte : header) length = (length << 8U) | std::to_integer<std::size_t>(byte);
  if (length == 0 || length > kLargestBody) return std::nullopt;
  return length;
}

secret::Bytes encode(Op op, std::span<const secret::Bytes* const> parts) {
  return behind(static_cast<std::uint8_t>(op), parts);
}

secret::Bytes encode(const Reply& reply) {
  std::vector<const secret::Bytes*> parts;
  parts.reserve(reply.parts.size());
  for (const auto& part : reply.parts) parts.push_back(&part);
  return behind(static_cast<std::uint8_t>(reply.outcome), parts);
}

std::optional<Request> decode_request(const secret::Bytes& body) {
  const auto taken = split(body);
  if (!taken) return std::nullopt;
  const Op op{taken->first};
  const auto shape = shape_of(op);
  if (!shape) return std::nullopt;
  auto parts = secret::unpack(taken->second, shape->asked);
  if (!parts) return std::nullopt;
  return Request{{}, op, std::move(*parts)};
}

std::optional<Reply> decode_reply(const secret::Bytes& body, Op asked) {
  const auto taken = split(body);
  if (!taken || taken->first > static_cast<std::uint8_t>(Outcome::failed)) return std::nullopt;
  const Outcome outcome{taken->first};
  auto parts = secret::unpack(taken->second, outcome == Outcome::done ? shape_of(asked)->answered : 1);
  if (!parts) return std::nullopt;
  return Reply{outcome, std::move(*parts)};
}

}  // namespace agent
