#include "http/message.h"

#include "base/text.h"

namespace http {

std::optional<std::string_view> Response::header(std::string_view name) const {
  for (const auto& header : headers)
    if (base::equals_ignoring_case(header.name, name)) return header.value;
  return std::nullopt;
}

}  // namespace http
