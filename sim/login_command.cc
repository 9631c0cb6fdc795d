// Where the CLI keeps its sign-ins.
#include "login_command.h"

#include "base/file.h"
#include "base/text.h"
#include "commands.h"
#include "crypto.h"

#include <nlohmann/json.hpp>

namespace sim {

using base::ErrorKind;
using base::Result;

Result<std::string> write_login_cache(const std::vector<std::string>& arguments, const base::Environment& environment) {
  std::string user;
  std::string left = "900";
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    if (arguments[i] == "--left" && i + 1 < arguments.size()) {
      left = arguments[++i];
    } else if (user.empty() && !arguments[i].starts_with("--")) {
      user = arguments[i];
    } else {
      return base::fail(ErrorKind::usage, "unknown word " + base::printable(arguments[i]), "kabuto-sim help");
    }
  }
  if (user.empty())
    return base::fail(ErrorKind::usage, "login-cache needs a user", "kabuto-sim login-cache USER [--left SECONDS]");
  const std::string text = TRY(ask_simulator(
      environment, "POST", "/_sim/login?user=" + base::percent_encode(user) + "&left=" + base::percent_encode(left)));
  const auto answer = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!answer.is_object()) return base::fail(ErrorKind::failure, "the simulator's answer is not JSON");
  const auto set = environment.get_nonempty("AWS_LOGIN_CACHE_DIRECTORY");
  const std::string home(environment.get_nonempty("HOME").value_or("."));
  const std::string directory = set ? std::string(*set) : home + "/.aws/login/cache";
  const std::string session = answer.at("login_session").get<std::string>();
  TRY(base::ensure_private_directory(directory));
  TRY(base::write_file_atomically(directory + "/" + sha256_hex(session) + ".json", answer.at("cache").dump() + "\n"));
  return session + "\n";
}

}  // namespace sim
