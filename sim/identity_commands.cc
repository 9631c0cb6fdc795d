// Words of the command line into wishes, and the answer to standard output or into a file of mode 0600.
#include "identity_commands.h"

#include "base/file.h"
#include "base/text.h"
#include "command_words.h"
#include "commands.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace sim {
namespace {

using base::ErrorKind;
using base::Result;
using nlohmann::json;

/// JSON where it is JSON, else text.
json claim_value(const std::string& text) {
  json value = json::parse(text, nullptr, false);
  return value.is_discarded() ? json(text) : value;
}

/// NAME=VALUE of an option into an object.
Result<void> set_pair(json& object, const std::string& option, const std::string& pair) {
  const std::size_t mark = pair.find('=');
  if (mark == 0 || mark == std::string::npos) return base::fail(ErrorKind::usage, option + " must be NAME=VALUE");
  object[pair.substr(0, mark)] = claim_value(pair.substr(mark + 1));
  return {};
}

Result<std::int64_t> seconds_of(const std::string& name, const std::string& value) {
  const auto seconds = base::parse_integer(value);
  if (!seconds) return base::fail(ErrorKind::usage, name + " must be a number of seconds");
  return *seconds;
}

/// Empty where the text went into the file that --out names.
Result<std::string> hand_over(std::string text, const Options& options) {
  const auto out = std::ranges::find(options, "--out", &Options::value_type::first);
  if (out == options.end()) return text;
  TRY(base::write_file_atomically(out->second, text));
  return std::string();
}

}  // namespace

Result<std::string> issue_token_command(const std::vector<std::string>& arguments,
                                        const base::Environment& environment) {
  const std::string usage = "token PROVIDER --subject NAME";
  json wishes{{"provider", TRY(need(arguments, 1, usage))}, {"claims", json::object()}};
  const Options options =
      TRY(options_of(arguments, 2, {"--subject", "--audience", "--expires-in", "--key", "--claim", "--out"}, usage));
  json& claims = wishes["claims"];
  for (const auto& [name, value] : options) {
    if (name == "--subject") claims["sub"] = value;
    if (name == "--audience") claims["aud"] = value;
    if (name == "--expires-in") wishes["expires_in"] = TRY(seconds_of(name, value));
    if (name == "--key") wishes["key"] = value;
    if (name == "--claim") TRY(set_pair(claims, name, value));
  }
  if (!claims.contains("sub")) return base::fail(ErrorKind::usage, "token needs --subject", "kabuto-sim " + usage);
  return hand_over(TRY(ask_simulator(environment, "POST", "/_sim/token", wishes.dump())), options);
}

Result<std::string> issue_assertion_command(const std::vector<std::string>& arguments,
                                            const base::Environment& environment) {
  const std::string usage = "assertion PROVIDER --role ARN --user NAME";
  json wishes{{"provider", TRY(need(arguments, 1, usage))}, {"attributes", json::object()}};
  const Options options = TRY(
      options_of(arguments, 2,
                 {"--role", "--user", "--expires-in", "--session-seconds", "--attribute", "--sign", "--out"}, usage));
  for (const auto& [name, value] : options) {
    if (name == "--role" || name == "--user" || name == "--sign") wishes[name.substr(2)] = value;
    if (name == "--expires-in") wishes["expires_in"] = TRY(seconds_of(name, value));
    if (name == "--session-seconds") wishes["session_seconds"] = TRY(seconds_of(name, value));
    if (name == "--attribute") TRY(set_pair(wishes["attributes"], name, value));
  }
  for (const char* name : {"role", "user"})
    if (!wishes.contains(name))
      return base::fail(ErrorKind::usage, std::string("assertion needs --") + name, "kabuto-sim " + usage);
  return hand_over(TRY(ask_simulator(environment, "POST", "/_sim/assertion", wishes.dump())), options);
}

Result<std::string> container_command(std::vector<std::string> arguments, const base::Environment& environment) {
  const bool rotate = std::erase(arguments, "--rotate") > 0;
  const bool ecs = std::erase(arguments, "--ecs") > 0;
  const Options options = TRY(options_of(arguments, 1, {"--token-file"}, "container --token-file FILE"));
  const std::string answer = TRY(ask_simulator(environment, rotate ? "POST" : "GET", "/_sim/container"));
  const json container = json::parse(answer, nullptr, false);
  if (!container.is_object()) return base::fail(ErrorKind::failure, "the simulator's answer is not JSON");
  const std::string variable = "AWS_CONTAINER_CREDENTIALS_FULL_URI=";
  if (ecs) return variable + container.value("ecs_uri", "") + "\n";
  const std::string line = variable + container.value("full_uri", "") + "\n";
  const std::string token = container.value("token", "");
  if (options.empty()) return line + "AWS_CONTAINER_AUTHORIZATION_TOKEN=" + token + "\n";
  const std::string& file = options.back().second;
  TRY(base::write_file_atomically(file, token));
  return line + "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=" + file + "\n";
}

}  // namespace sim
