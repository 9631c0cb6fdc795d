// Words into pairs of name and value.
#include "command_words.h"

#include "base/text.h"

#include <algorithm>

namespace sim {

using base::ErrorKind;
using base::Result;

Result<std::string> need(const std::vector<std::string>& arguments, std::size_t at, const std::string& usage) {
  if (arguments.size() <= at)
    return base::fail(ErrorKind::usage, arguments[0] + " needs more words", "kabuto-sim " + usage);
  return arguments[at];
}

Result<Options> options_of(const std::vector<std::string>& arguments, std::size_t from,
                           const std::vector<std::string_view>& known, const std::string& usage) {
  Options options;
  for (std::size_t at = from; at < arguments.size(); ++at) {
    const std::string& word = arguments[at];
    const std::size_t mark = word.find('=');
    const std::string name = word.substr(0, mark);
    if (std::ranges::find(known, name) == known.end())
      return base::fail(ErrorKind::usage, "unknown option " + base::printable(name), "kabuto-sim " + usage);
    if (mark == std::string::npos && at + 1 == arguments.size())
      return base::fail(ErrorKind::usage, name + " needs a value", "kabuto-sim " + usage);
    options.emplace_back(name, mark == std::string::npos ? arguments[++at] : word.substr(mark + 1));
  }
  return options;
}

}  // namespace sim
