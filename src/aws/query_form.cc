#include "aws/query_form.h"

#include "aws/percent_encoding.h"

#include <cassert>
#include <span>
#include <string>

namespace aws {
namespace {

// Longer than any call that passes the checks of sts.cc: 50 tags of 384 characters in four bytes of three signs each.
constexpr std::size_t kBodyLimit = std::size_t{1} << 20;

}  // namespace

QueryForm::QueryForm(std::string_view action, std::string_view version) : body_(kBodyLimit) {
  append("Action=");
  append_encoded(action);
  add("Version", version);
}

void QueryForm::append(std::string_view text) {
  const bool fits = body_.append(std::as_bytes(std::span(text)));
  assert(fits);
  (void)fits;
}

void QueryForm::append_encoded(std::string_view text) {
  const bool fits = append_percent_encoded(body_, text);
  assert(fits);
  (void)fits;
}

QueryForm& QueryForm::add(std::string_view name, std::string_view value) {
  append("&");
  append_encoded(name);
  append("=");
  append_encoded(value);
  return *this;
}

QueryForm& QueryForm::add(std::string_view name, std::int64_t value) { return add(name, std::to_string(value)); }

QueryForm& QueryForm::add_secret(std::string_view name, const secret::Bytes& value) {
  value.reveal_text([&](std::string_view text) { add(name, text); });
  return *this;
}

secret::Bytes QueryForm::take() && { return std::move(body_).take(); }

}  // namespace aws
