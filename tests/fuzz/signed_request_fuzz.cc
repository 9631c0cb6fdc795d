// A request to the two-key door: its head, and what it says of its signature. What is accepted is what it seems.
#include "aws/signature_claim.h"
#include "http/stream_request.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto head = http::head_size(text);
  if (head == 0) return 0;
  const auto request = http::parse_stream_request(text.substr(0, head));
  if (!request) return 0;
  // None of it may part a line of the request that is sent on.
  for (const auto& header : request->headers)
    if ((header.name + header.value).find_first_of("\r\n") != std::string::npos) std::abort();
  if (!request->target.starts_with('/') || request->target.find_first_of(" \r\n\t#") != std::string::npos) std::abort();
  const auto mark = request->target.find('?');
  if (mark != std::string::npos) {
    const auto rest = aws::without_signature(std::string_view(request->target).substr(mark + 1));
    if (aws::without_signature(rest) != rest || rest.find("X-Amz-Signature=") == 0) std::abort();
  }
  const auto claim = aws::read_claim(request->target, request->headers);
  if (!claim) return 0;
  if (claim->signature.size() != 64 || !claim->signs("host") || claim->stamp.size() != 16) std::abort();
  if (claim->stamp.substr(0, 8) != claim->date) std::abort();
  return 0;
}
