// For tests only: the raw requests of the SigV4 vectors, read in place, for those who sign them and those who verify
// them.
#pragma once

#include "aws/vectors_for_test.h"
#include "base/text.h"
#include "http/message.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace aws {

inline const std::filesystem::path kSigV4Vectors = std::filesystem::path(KABUTO_VECTORS_DIR) / "sigv4";
inline const std::filesystem::path kSigningSuite = kSigV4Vectors / "aws-c-auth/aws-signing-test-suite/v4";

inline std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct RawRequest {
  std::string target;
  std::string line_end;  // behind the target: " HTTP/1.1"
  http::Request request;
};

/// A raw request as the files hold it. A line that begins with a blank continues the header before it.
inline RawRequest parse_raw_request(const std::string& raw) {
  RawRequest out;
  const auto head_end = raw.find("\n\n");
  const auto head = raw.substr(0, head_end);
  if (head_end != std::string::npos) out.request.body = secret::Bytes::copy_of(raw.substr(head_end + 2));
  const auto line_end = head.find('\n');
  const auto line = head.substr(0, line_end);
  const auto first = line.find(' '), last = line.rfind(' ');
  out.request.method = line.substr(0, first);
  out.target = line.substr(first + 1, last - first - 1);
  out.line_end = line.substr(last);
  out.request.url = "https://example.amazonaws.com" + out.target;
  for (const auto header : base::split(std::string_view(head).substr(line_end + 1), '\n')) {
    if (header.empty()) continue;
    if (header.front() == ' ' || header.front() == '\t') {
      out.request.headers.back().value.append("\n").append(header);
      continue;
    }
    const auto colon = header.find(':');
    out.request.headers.push_back({std::string(header.substr(0, colon)), std::string(header.substr(colon + 1))});
  }
  return out;
}

}  // namespace aws
