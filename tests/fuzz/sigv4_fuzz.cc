// The signer: whatever the URL and the headers hold, it signs or refuses; the same request gives the same signature,
// and the session token stands in no plain header.
#include "aws/sigv4.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

http::Request request_from(std::string_view text) {
  http::Request request;
  const auto line_end = text.find('\n');
  request.url = "https://sts.amazonaws.com" + std::string(text.substr(0, line_end));
  if (line_end == text.npos) return request;
  text.remove_prefix(line_end + 1);
  const auto colon = text.find(':'), end = text.find('\n');
  if (colon < end)
    request.headers.push_back(
        {std::string(text.substr(0, colon)), std::string(text.substr(colon + 1, end - colon - 1))});
  request.body = secret::Bytes::copy_of(text);
  return request;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const aws::Credentials credentials{
      "AKIDEXAMPLE", secret::Bytes::copy_of("secret"), secret::Bytes::copy_of("CANARY-CANARY"), {}, {}};
  const aws::Signing signing{.region = "us-east-1",
                             .service = "sts",
                             .when = base::Instant(base::Duration(1'440'938'160'000)),
                             .path = size % 2 == 0 ? aws::UriPath::normalized : aws::UriPath::as_given};
  auto first = request_from(text), second = request_from(text);
  const auto given = first.headers.size();
  const auto one = aws::sign(first, credentials, signing);
  const auto two = aws::sign(second, credentials, signing);
  if (one.has_value() != two.has_value()) std::abort();
  if (one) {
    if (one->hex != two->hex || one->hex.size() != 64) std::abort();
    for (auto i = given; i < first.headers.size(); ++i)
      if (first.headers[i].value.find("CANARY") != std::string::npos) std::abort();
    if (aws::sign(first, credentials, signing)) std::abort();
  }
  const auto presigned = aws::presign(request_from(text), credentials, signing, std::chrono::seconds(60));
  if (presigned && presigned->signature.hex.size() != 64) std::abort();
  return 0;
}
