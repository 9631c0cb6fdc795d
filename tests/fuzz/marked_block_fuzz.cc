// A config file of any bytes with a block put in: the bytes outside of the block are what they were, the block reads
// back, taking it away again leaves the rest, and errors are of one line.
#include "aws/marked_block.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

constexpr std::string_view kBody = "[profile made]\nregion = x\n";

void check(bool holds) {
  if (!holds) std::abort();
}

aws::ConfigFile parsed(std::string_view text) {
  auto file = aws::ConfigFile::parse(aws::FileText::copy_of(text), "config", aws::FileKind::config);
  check(file.has_value());
  return std::move(*file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto file = aws::ConfigFile::parse(aws::FileText::copy_of(text), "config", aws::FileKind::config);
  if (!file) return 0;
  const auto before = aws::find_block(*file, "corp");
  const auto with = aws::with_block(*file, "corp", kBody);
  check(before.has_value() || !with.has_value());
  if (!with) {
    check(with.error().what.find('\n') == std::string::npos);
    return 0;
  }
  const std::size_t begin = *before ? (*before)->begin : text.size();
  const std::size_t end = *before ? (*before)->end : text.size();
  check(with->view().starts_with(text.substr(0, begin)));
  check(with->view().ends_with(text.substr(end)));
  const auto file_with = parsed(with->view());
  const auto block = aws::find_block(file_with, "corp");
  check(block && *block && !(*block)->body.empty());
  const auto again = aws::with_block(file_with, "corp", kBody);
  check(again && again->view() == with->view());
  const auto without = aws::with_block(file_with, "corp", "");
  check(without && without->view().size() + kBody.size() < with->view().size());
  return 0;
}
