#include "cli/output.h"

#include "base/file.h"

#include <string>

namespace cli {
namespace {

constexpr int kStandardOutput = 1;
constexpr int kStandardError = 2;

void line_to_standard_error(std::string text) {
  text += '\n';
  // Nobody is left to tell when standard error itself fails.
  (void)base::write_all(kStandardError, std::as_bytes(std::span(text)));
}

}  // namespace

base::Result<void> StandardOutput::answer(std::string_view text) {
  if (auto written = base::write_all(kStandardOutput, std::as_bytes(std::span(text))); !written)
    return std::unexpected(base::with_context(std::move(written).error(), "print the answer"));
  return {};
}

void StandardOutput::note(std::string_view text) { line_to_standard_error(voice_.note + std::string(text)); }

void StandardOutput::warn(std::string_view text) { line_to_standard_error(voice_.warning + std::string(text)); }

void StandardOutput::error(const base::Error& error) {
  std::string text = voice_.error + error.what;
  if (!error.hint.empty()) text += "\n" + voice_.hint + error.hint;
  line_to_standard_error(std::move(text));
}

}  // namespace cli
