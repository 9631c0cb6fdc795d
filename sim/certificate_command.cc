// Words of the command line, and files of mode 0600.
#include "certificate_command.h"

#include "base/file.h"
#include "base/text.h"
#include "commands.h"
#include "issuing_authority.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sim {
namespace {

using base::ErrorKind;
using base::Result;

constexpr const char* kUsage = "kabuto-sim certificate NAME --out DIR";

bool is_flaw(std::string_view word) {
  return word.starts_with("--") &&
         std::ranges::find(flaw_names(), word.substr(2), &FlawName::name) != flaw_names().end();
}

}  // namespace

Result<std::string> write_certificate(const std::vector<std::string>& arguments, const base::Environment& environment) {
  std::string name;
  std::string directory;
  std::string query;
  const auto add = [&](std::string_view key, std::string_view value) {
    query += std::string(key) + "=" + base::percent_encode(value) + "&";
  };
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    const bool takes_value = word == "--anchor" || word == "--key" || word == "--dns" || word == "--out";
    if (takes_value && i + 1 == arguments.size()) return base::fail(ErrorKind::usage, word + " needs a value", kUsage);
    if (word == "--out") {
      directory = arguments[++i];
    } else if (word == "--key" && arguments[i + 1] != "rsa" && arguments[i + 1] != "ec") {
      return base::fail(ErrorKind::usage, "--key must be rsa or ec", kUsage);
    } else if (takes_value) {
      add(std::string_view(word).substr(2), arguments[i + 1]);
      ++i;
    } else if (word == "--intermediate") {
      add("intermediate", "1");
    } else if (is_flaw(word)) {
      add("flaw", std::string_view(word).substr(2));
    } else if (name.empty() && !word.starts_with("--")) {
      name = word;
    } else {
      return base::fail(ErrorKind::usage, "unknown word " + base::printable(word), "kabuto-sim help");
    }
  }
  if (name.empty() || directory.empty())
    return base::fail(ErrorKind::usage, "certificate needs a name and --out", kUsage);
  add("name", name);
  const std::string text = TRY(ask_simulator(environment, "GET", "/_sim/certificate?" + query));
  const auto answer = nlohmann::json::parse(text, nullptr, false);
  if (!answer.is_object()) return base::fail(ErrorKind::failure, "the simulator's answer is not JSON");
  TRY(base::ensure_private_directory(directory));
  std::string written;
  for (const char* part : {"certificate", "key", "chain"}) {
    const std::string pem = answer.value(part, "");
    if (pem.empty()) continue;
    const std::string path = directory + "/" + part + ".pem";
    TRY(base::write_file_atomically(path, pem));
    written += path + "\n";
  }
  return written;
}

}  // namespace sim
