// kabuto-sim's command line. Only this file exits and prints.
#include "base/clock.h"
#include "base/environment.h"
#include "base/file.h"
#include "base/text.h"
#include "commands.h"
#include "example_seed.h"
#include "run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <span>

namespace {

constexpr int kUsage = 2;
constexpr int kRunFailed = 125;

void print(int fd, std::string_view text) {
  if (!base::write_all(fd, std::as_bytes(std::span(text)))) ::_exit(1);
}

int report(const base::Error& error, int code) {
  print(STDERR_FILENO, "kabuto-sim: error: " + error.what + "\n");
  if (!error.hint.empty()) print(STDERR_FILENO, "kabuto-sim: hint: run " + error.hint + "\n");
  return code;
}

base::Result<sim::RunOptions> parse_options(const std::vector<std::string>& arguments) {
  using base::ErrorKind;
  sim::RunOptions options;
  std::size_t at = 1;
  while (at < arguments.size() && arguments[at].starts_with("--")) {
    std::string name = arguments[at++];
    if (name == "--") break;
    if (name == "--proxy") {
      options.reach = sim::RunOptions::Reach::proxy;
      continue;
    }
    const std::size_t mark = name.find('=');
    std::string value = mark == std::string::npos ? "" : name.substr(mark + 1);
    name = name.substr(0, mark);
    if (mark == std::string::npos) {
      if (at == arguments.size()) return base::fail(ErrorKind::usage, name + " needs a value", "kabuto-sim help");
      value = arguments[at++];
    }
    if (name == "--seed") {
      options.seed_path = value;
    } else if (name == "--log") {
      options.log_path = value;
    } else if (name == "--fault") {
      options.faults.push_back(value);
    } else if (name == "--without") {
      options.without.push_back(value);
    } else if (name == "--port") {
      const auto port = base::parse_integer(value);
      if (!port || *port < 0 || *port > 65535) return base::fail(ErrorKind::usage, "--port must be 0 to 65535");
      options.port = static_cast<std::uint16_t>(*port);
    } else {
      return base::fail(ErrorKind::usage, "unknown option " + base::printable(name), "kabuto-sim help");
    }
  }
  options.command.assign(arguments.begin() + static_cast<std::ptrdiff_t>(at), arguments.end());
  return options;
}

int run_or_serve(const std::vector<std::string>& arguments, const base::Environment& environment) {
  const bool runs = arguments[0] == "run";
  base::Result<sim::RunOptions> options = parse_options(arguments);
  if (!options) return report(options.error(), runs ? kRunFailed : kUsage);
  if (runs && options->command.empty())
    options->command.emplace_back(environment.get_nonempty("SHELL").value_or("/bin/sh"));
  const base::Result<int> code = runs ? sim::run_command(*options, environment) : sim::serve(*options);
  if (code) return *code;
  return report(code.error(), runs ? kRunFailed : base::exit_code(code.error().kind));
}

int run_main(const std::vector<std::string>& arguments) {
  const base::Environment environment = base::Environment::of_process();
  if (arguments.empty()) {
    print(STDERR_FILENO, sim::help_text());
    return kUsage;
  }
  const std::string& name = arguments[0];
  if (name == "help" || name == "--help" || name == "-h") {
    print(STDOUT_FILENO, sim::help_text());
    return 0;
  }
  if (name == "example") {
    print(STDOUT_FILENO, sim::example_seed());
    return 0;
  }
  if (name == "run" || name == "serve") return run_or_serve(arguments, environment);
  base::SystemClock clock;
  const base::Result<std::string> answer = sim::run_client_command(arguments, environment, clock);
  if (!answer) return report(answer.error(), base::exit_code(answer.error().kind));
  print(STDOUT_FILENO, *answer);
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return run_main(std::vector<std::string>(argv + 1, argv + argc)); }
