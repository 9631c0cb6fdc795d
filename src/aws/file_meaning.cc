#include "aws/file_meaning.h"

#include "base/text.h"

#include <algorithm>
#include <utility>

namespace aws {

Meaning meaning_of(const ConfigFile& file) {
  Meaning out;
  for (const Section& section : file.sections())
    for (const Property& property : file.properties(section)) {
      auto key = std::tuple(std::string(section.prefix), std::string(section.name), base::lower_ascii(property.key));
      out.insert_or_assign(std::move(key), property);
    }
  return out;
}

bool same_meaning(const Meaning& a, const Meaning& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.value == y.second.value && x.second.continuations == y.second.continuations;
  });
}

}  // namespace aws
