// An ARN that is taken apart can be put together again, and no part of it drives a terminal or a header.
#include "aws/arn.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto arn = aws::parse_arn(text);
  if (!arn) return 0;
  const std::string again =
      "arn:" + arn->partition + ":" + arn->service + ":" + arn->region + ":" + arn->account + ":" + arn->resource;
  if (again != text || !arn->resource.ends_with(arn->name())) std::abort();
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })) std::abort();
  return 0;
}
