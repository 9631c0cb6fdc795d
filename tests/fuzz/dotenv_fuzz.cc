// Any .env file: setting our keys is refused, or all but our lines is what it was byte by byte, both readers find the
// new values, a second time changes nothing, and taking them out leaves what taking out the old ones would have left.
#include "deliver/dotenv_edit.h"
#include "deliver/dotenv_lexer.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

bool is_line_end(char c) { return c == '\n' || c == '\r'; }

/// The text without the lines that python-dotenv takes for ours.
std::string without_ours(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  for (const auto& binding : deliver::read_as_python(text, "AWS_").bindings) {
    if (!deliver::is_dotenv_key_of_ours(binding.key.in(text))) continue;
    std::size_t begin = binding.key.begin;
    while (begin > at && !is_line_end(text[begin - 1]) && text.substr(0, begin) != "\xEF\xBB\xBF") --begin;
    std::size_t end = binding.value.end;
    while (end < text.size() && !is_line_end(text[end])) ++end;
    if (end < text.size()) end += text.substr(end).starts_with("\r\n") ? 2 : 1;
    out += text.substr(at, begin - at);
    at = end;
  }
  out += text.substr(at);
  return out;
}

/// Reading both at once finds what each finds alone.
void check_readings(std::string_view text) {
  const auto same = [](const deliver::DotenvReading& a, const deliver::DotenvReading& b) {
    return a.bindings == b.bindings && a.is_last_exported == b.is_last_exported && a.refused == b.refused;
  };
  const auto both = deliver::read_dotenv(text, "AWS_");
  check(same(both.python, deliver::read_as_python(text, "AWS_")));
  const auto compose = deliver::read_as_compose(text, "AWS_");
  check(both.compose.refused == compose.refused && (compose.refused || same(both.compose, compose)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_readings(text);
  const aws::Credentials credentials{"ASIANEW", secret::Bytes::copy_of("s/e+c="), secret::Bytes::copy_of("tok"),
                                     base::Instant{std::chrono::seconds{1'893'553'445}}, ""};
  const auto set = deliver::dotenv_with(text, credentials, {"dev", "eu-west-1"});
  if (!set) {
    check(set.error().what.find('\n') == std::string::npos);
    return 0;
  }
  const std::string before = without_ours(text);
  const auto text_set = set->whole();
  std::string after = without_ours(text_set.view());
  // A last line without an end gets one where something follows it.
  if (after.size() > before.size()) {
    const std::string_view more = std::string_view(after).substr(before.size());
    check(more == "\n" || more == "\r\n");
    after.resize(before.size());
  }
  check(before == after);
  const auto again = deliver::dotenv_with(text_set.view(), credentials, {"dev", "eu-west-1"});
  check(again && again->whole().view() == text_set.view());
  const auto gone = deliver::dotenv_without(text_set.view());
  check(gone.has_value());
  check(without_ours(gone->whole().view()).starts_with(before));
  return 0;
}
