// What reaches the agent's socket: a frame's body as a request, and all that may be read from its parts. What decodes
// is exactly what is encoded.
#include "agent/protocol.h"
#include "agent/watch_list.h"
#include "aws/sigv4.h"
#include "secret/fields.h"

#include <cstdint>
#include <cstdlib>
#include <vector>

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agent;
  const auto bytes = std::as_bytes(std::span(data, size));
  if (size >= kHeaderBytes)
    if (const auto length = body_length(bytes.first<kHeaderBytes>()))
      must(*length <= kLargestBody && body_length(frame_header(*length)) == length);
  const auto body = secret::Bytes::copy_of(bytes);
  if (const auto request = decode_request(body)) {
    std::vector<const secret::Bytes*> parts;
    for (const auto& part : request->parts) parts.push_back(&part);
    must(encode(request->op, parts).equals(body));
    for (std::size_t i = 0; i < request->parts.size(); ++i) {
      const std::string text = request->text(i);
      (void)aws::scope_of_string_to_sign(text);
      const auto fields = secret::decode_fields(text);
      if (!fields) continue;
      must(secret::encode_fields(*fields) == text);
      if (const auto watch = decode_watch(*fields)) must(encode_watch(*watch) == *fields && !watch->words().empty());
    }
  }
  for (int op = 1; op <= static_cast<int>(Op::watch); ++op)
    if (const auto reply = decode_reply(body, Op(op))) must(encode(*reply).equals(body));
  return 0;
}
