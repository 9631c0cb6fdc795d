// Talks to the simulator named by KABUTO_SIM_URL.
#include "commands.h"

#include "base/text.h"
#include "browser.h"
#include "certificate_command.h"
#include "checks.h"
#include "command_words.h"
#include "faults.h"
#include "identity_commands.h"
#include "login_command.h"
#include "loopback_http.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace sim {
namespace {

using base::ErrorKind;
using base::Result;

/// Waits for the device's next code where the current one has been used, as a person would.
Result<std::string> code(std::vector<std::string> arguments, const base::Environment& environment, base::Clock& clock) {
  const bool any = std::erase(arguments, "--any") > 0;
  const std::string user = TRY(need(arguments, 1, "code USER [DEVICE] [--any]"));
  std::string path = "/_sim/code?user=" + base::percent_encode(user);
  if (arguments.size() > 2) path += "&device=" + base::percent_encode(arguments[2]);
  if (any) path += "&any=1";
  while (true) {
    const std::string text = TRY(ask_simulator(environment, "GET", path));
    const auto answer = nlohmann::json::parse(text, nullptr, false);
    if (!answer.is_object()) return base::fail(ErrorKind::failure, "the simulator's answer is not JSON");
    const std::string shown = answer.value("code", "");
    if (!shown.empty()) return shown + "\n";
    constexpr int margin_ms = 20;
    clock.sleep(base::Duration(answer.value("wait_ms", 1000) + margin_ms));
  }
}

Result<std::string> readable_log(const std::string& lines) {
  std::string out;
  for (const std::string_view line : base::split(lines, '\n')) {
    const auto call = nlohmann::json::parse(line, nullptr, false);
    if (!call.is_object()) continue;
    const std::string mfa = call.value("mfa", "").empty() ? "" : " with MFA";
    const std::string role = call.value("role", "").empty() ? "" : " " + call.value("role", "");
    const std::string length =
        call.at("duration").is_null()
            ? ""
            : " for " + base::human_duration(std::chrono::seconds(call.at("duration").get<int>()));
    const std::string who = call.value("principal", "").empty() ? "nobody" : call.value("principal", "");
    out += fmt::format("{}  {}{}{}{}  by {}  {}\n", call.value("time", ""), call.value("action", ""), role, length, mfa,
                       who, call.value("code", ""));
  }
  return base::trim_lines(out).empty() ? std::string("no calls yet\n") : out;
}

Result<std::string> log(const std::vector<std::string>& arguments, const base::Environment& environment) {
  const auto has = [&](std::string_view flag) { return std::ranges::find(arguments, flag) != arguments.end(); };
  if (has("--clear")) return ask_simulator(environment, "DELETE", "/_sim/log");
  std::string lines = TRY(ask_simulator(environment, "GET", "/_sim/log"));
  if (has("--json")) return lines;
  return readable_log(lines);
}

Result<std::string> change(const std::string& what, const std::vector<std::string>& arguments,
                           const base::Environment& environment) {
  const std::string value = TRY(need(arguments, 1, arguments[0] + " --clear"));
  if (value == "--clear") return ask_simulator(environment, "DELETE", "/_sim/" + what);
  std::string out;
  for (std::size_t i = 1; i < arguments.size(); ++i)
    out += TRY(ask_simulator(environment, "POST", "/_sim/" + what, arguments[i]));
  return out;
}

}  // namespace

Result<std::string> ask_simulator(const base::Environment& environment, std::string_view method,
                                  const std::string& path, std::string_view body) {
  const auto url = environment.get_nonempty("KABUTO_SIM_URL");
  if (!url) return base::fail(ErrorKind::usage, "KABUTO_SIM_URL is not set", "kabuto-sim run -- bash");
  const base::Result<LoopbackUrl> parts = parse_loopback_url(*url);
  if (!parts)
    return base::fail(ErrorKind::usage, "KABUTO_SIM_URL must be http://127.0.0.1:PORT", "kabuto-sim run -- bash");
  const Request request{.method = std::string(method), .target = path, .headers = {}, .body = std::string(body)};
  Reply answer = TRY(fetch(parts->address, request));
  if (answer.status == 404) return base::fail(ErrorKind::not_found, base::printable(base::trim_lines(answer.body)));
  if (answer.status != 200) return base::fail(ErrorKind::usage, base::printable(base::trim_lines(answer.body)));
  return std::move(answer.body);
}

Result<std::string> run_client_command(const std::vector<std::string>& arguments, const base::Environment& environment,
                                       base::Clock& clock) {
  const std::string& name = arguments[0];
  if (name == "keys") {
    const std::string user = TRY(need(arguments, 1, "keys USER"));
    return ask_simulator(environment, "GET", "/_sim/keys?user=" + base::percent_encode(user));
  }
  if (name == "password") {
    const std::string user = TRY(need(arguments, 1, "password USER"));
    return ask_simulator(environment, "GET", "/_sim/password?user=" + base::percent_encode(user));
  }
  if (name == "new-password") {
    const std::string user = TRY(need(arguments, 1, "new-password USER"));
    return ask_simulator(environment, "POST", "/_sim/password?user=" + base::percent_encode(user));
  }
  if (name == "login-cache") return write_login_cache(arguments, environment);
  if (name == "sign-in") return sign_in_as_a_browser(arguments, environment, clock);
  if (name == "certificate") return write_certificate(arguments, environment);
  if (name == "token") return issue_token_command(arguments, environment);
  if (name == "assertion") return issue_assertion_command(arguments, environment);
  if (name == "container") return container_command(arguments, environment);
  if (name == "code") return code(arguments, environment, clock);
  if (name == "log") return log(arguments, environment);
  if (name == "fault") return change("fault", arguments, environment);
  if (name == "without") return change("check", arguments, environment);
  return base::fail(ErrorKind::usage, "unknown command " + base::printable(name), "kabuto-sim help");
}

std::string help_text() {
  std::string out =
      "kabuto-sim: a small, strict AWS on 127.0.0.1 for rehearsals and tests\n\n"
      "  kabuto-sim run [OPTIONS] [--] [CMD…]   run CMD (your shell) with the simulator and a private HOME\n"
      "  kabuto-sim serve [OPTIONS]             only serve, and print the URL\n"
      "  kabuto-sim keys USER                   the user's key pair as JSON (inside run)\n"
      "  kabuto-sim code USER [DEVICE] [--any]  an MFA code not used yet; waits for the next one unless --any\n"
      "  kabuto-sim code sso:USER [--any]       the same of a user of Identity Center\n"
      "  kabuto-sim password USER               the password of a user of Identity Center\n"
      "  kabuto-sim password iam:USER           the console's password of an IAM user\n"
      "  kabuto-sim new-password USER           another one, which ends the user's sign-ins of aws login\n"
      "  kabuto-sim login-cache USER [--left SECONDS]\n"
      "                                         the cache file of a sign-in of aws login; prints its login_session\n"
      "  kabuto-sim sign-in URL --user USER [--user-code CODE] [--cancel|--wrong-password|--wrong-code]\n"
      "                                         plays the browser: fills in the sign-in pages of the link\n"
      "  kabuto-sim certificate NAME [--anchor ANCHOR] [--key rsa|ec] [--intermediate] [--dns NAME] [--FLAW] --out "
      "DIR\n"
      "                                         an end-entity certificate of a trust anchor, its key, its chain\n"
      "  kabuto-sim token PROVIDER --subject NAME [--audience NAME] [--expires-in SECONDS] [--key rsa|ec|foreign]\n"
      "             [--claim NAME=VALUE] [--out FILE]\n"
      "                                         a token of an OIDC provider, to standard output or a file of mode "
      "0600\n"
      "  kabuto-sim assertion PROVIDER --role ARN --user NAME [--expires-in SECONDS] [--session-seconds SECONDS]\n"
      "             [--attribute NAME=VALUE] [--sign assertion|response|foreign|nothing] [--out FILE]\n"
      "                                         a SAML response of a provider in base64, likewise\n"
      "  kabuto-sim container [--ecs] [--token-file FILE] [--rotate]\n"
      "                                         the variables of the seed's container, for env; writes or rotates its "
      "token\n"
      "  kabuto-sim log [--json|--clear]        the calls so far\n"
      "  kabuto-sim fault KIND[=VALUE][,action=NAME][,count=N][,rate=0..1] | --clear\n"
      "  kabuto-sim without CHECK | --clear     switch a check off, or all on again\n\n"
      "Options of run and serve:\n"
      "  --seed FILE     accounts, users, roles (default: the built-in example; kabuto-sim example prints it)\n"
      "  --proxy         an HTTPS proxy under AWS's real host names instead of endpoint variables\n"
      "  --log FILE      append each call as a JSON line\n"
      "  --fault FAULT   start with a fault\n"
      "  --without CHECK start with a check switched off\n"
      "  --port N        a fixed port\n\nFaults:\n";
  for (const FaultName& fault : fault_names()) out += fmt::format("  {:<16}{}\n", fault.name, fault.what);
  out += "\nFlaws of a certificate:\n";
  for (const FlawName& flaw : flaw_names()) out += fmt::format("  --{:<14}{}\n", flaw.name, flaw.what);
  out += "\nChecks:\n";
  for (const CheckName& check : all_checks()) out += fmt::format("  {:<24}{}\n", check.name, check.what);
  return out;
}

}  // namespace sim
