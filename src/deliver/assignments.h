// Lines that set variables, for shells: pieces of text around values that are quoted for their reader. The text is
// built in locked memory; what a shell cannot carry is refused, never changed.
#pragma once

#include "base/result.h"
#include "deliver/quoting.h"
#include "secret/bytes.h"

#include <string_view>
#include <utility>
#include <vector>

namespace deliver {

/// A value to hand over: plain text, or a secret that is opened for the moment of writing.
struct Value {
  std::string_view text;
  const secret::Bytes* secret = nullptr;

  template <class Use>
  auto open(Use&& use) const {
    return secret != nullptr ? secret->reveal_text(std::forward<Use>(use)) : use(text);
  }
};

struct Field {
  std::string_view name;
  Value value;
};

/// The pieces around a value on its line.
struct Line {
  std::string_view before;
  std::string_view equals;
  Quoting quoting;
  std::string_view after;
};

/// Above all values of one text, each of the most bytes and each byte escaped.
constexpr std::size_t kMostText = std::size_t{8} << 20;

/// The value alone, quoted. Error: refused, naming the field and never its value.
base::Result<void> append_field(secret::Buffer& out, const Field& field, Quoting quoting);
/// One line for each field. Error: as append_field.
base::Result<void> append_lines(secret::Buffer& out, const std::vector<Field>& fields, const Line& line);

}  // namespace deliver
