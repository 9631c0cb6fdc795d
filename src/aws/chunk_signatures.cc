#include "aws/chunk_signatures.h"

#include "base/text.h"

#include <algorithm>
#include <utility>

namespace aws {

std::string ChunkSignatures::chunk_text(std::string_view hash) const {
  return "AWS4-HMAC-SHA256-PAYLOAD\n" + key_.stamp() + "\n" + key_.scope() + "\n" + previous_ + "\n" + kEmptyBodyHash +
         "\n" + std::string(hash);
}

std::string ChunkSignatures::trailer_text(std::string_view hash) const {
  return "AWS4-HMAC-SHA256-TRAILER\n" + key_.stamp() + "\n" + key_.scope() + "\n" + previous_ + "\n" +
         std::string(hash);
}

std::string ChunkSignatures::sign_chunk(std::string_view hash) { return previous_ = key_.sign(chunk_text(hash)); }

std::string ChunkSignatures::sign_trailer(std::string_view hash) { return previous_ = key_.sign(trailer_text(hash)); }

bool ChunkSignatures::is_chunk(std::string_view hash, std::string_view signature) {
  if (!key_.has_signed(chunk_text(hash), signature)) return false;
  previous_ = signature;
  return true;
}

bool ChunkSignatures::is_trailer(std::string_view hash, std::string_view signature) {
  return key_.has_signed(trailer_text(hash), signature);
}

std::string canonical_trailer(const std::vector<std::string>& lines) {
  std::vector<std::string> rows;
  for (const auto& line : lines) {
    const auto colon = std::min(line.find(':'), line.size());
    const auto value = colon == line.size() ? std::string_view() : std::string_view(line).substr(colon + 1);
    rows.push_back(base::lower_ascii(base::trim(std::string_view(line).substr(0, colon))) + ":" +
                   std::string(base::trim(value)) + "\n");
  }
  std::ranges::sort(rows);
  return base::join(rows, "");
}

}  // namespace aws
