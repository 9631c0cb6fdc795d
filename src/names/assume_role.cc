// kabuto as assume-role: a profile, a role of ~/.aws/roles or a role's ARN, as lines for a shell or for one command.
#include "aws/settings.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/context.h"
#include "cli/exec.h"
#include "cli/output.h"
#include "cli/session_options.h"
#include "credentials/broker.h"
#include "deliver/assignments.h"
#include "deliver/value.h"
#include "deliver/write_out.h"
#include "names/roles_file.h"
#include "names/tools.h"
#include "secret/code_prompt.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace names {
namespace {

using base::ErrorKind;
using base::fail;

constexpr int kFailed = 1;
constexpr int kStandardOutput = 1;
constexpr std::size_t kLargestFile = std::size_t{1} << 20;
constexpr std::size_t kShown = 100;
constexpr std::size_t kLongestCall = 4096;
constexpr std::string_view kSessionName = "cli";
constexpr std::string_view kUsage =
    "Usage: assume-role [-duration 1h] [-format bash|fish|powershell] <role> [<command> <args...>]\n"
    "  <role> is a profile of ~/.aws/config, a role of ~/.aws/roles, or the ARN of a role.\n"
    "This is kabuto under assume-role's name.\n";

struct Words {
  std::optional<base::Duration> duration;
  std::string format;
  std::string role;
  std::vector<std::string> command;
  bool help = false;
};

std::string usual_format(const base::Environment& environment) {
  return environment.get("SHELL").value_or("").ends_with("fish") ? "fish" : "bash";
}

/// As Go's flag package: one dash or two, and all is the command's from the first word that is no flag.
base::Result<Words> parse(const Call& call) {
  Words out;
  out.format = usual_format(call.environment);
  std::size_t at = 0;
  for (; at < call.words.size(); ++at) {
    std::string_view word = call.words[at];
    if (word.size() < 2 || word[0] != '-') break;
    word.remove_prefix(word.starts_with("--") ? 2 : 1);
    if (word.empty()) {
      ++at;
      break;
    }
    const auto equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    if (name == "h" || name == "help") {
      out.help = true;
      return out;
    }
    if (name != "duration" && name != "format")
      return fail(ErrorKind::usage, "flag provided but not defined: -" + base::printable(name, kShown));
    if (equals == word.npos && at + 1 == call.words.size())
      return fail(ErrorKind::usage, "flag needs an argument: -" + std::string(name));
    const std::string value(equals == word.npos ? std::string_view(call.words[++at]) : word.substr(equals + 1));
    if (name == "format") {
      out.format = value;
    } else if (out.duration = base::parse_duration(value); !out.duration) {
      return fail(ErrorKind::usage, "invalid value \"" + base::printable(value, kShown) + "\" for flag -duration");
    }
  }
  if (out.format != "bash" && out.format != "fish" && out.format != "powershell")
    return fail(ErrorKind::usage, "no format named " + base::printable(out.format, kShown));
  if (at < call.words.size()) out.role = call.words[at];
  for (++at; at < call.words.size(); ++at) out.command.emplace_back(call.words[at]);
  return out;
}

/// The role as if a profile named it, assumed by whoever AWS's default chain finds.
credentials::MadeProfile made_of(const base::Environment& environment, const std::string& role_arn,
                                 const std::string& mfa_serial, const std::string& origin) {
  credentials::MadeProfile made;
  made.origin = origin;
  made.keys = {{"role_arn", role_arn}, {"role_session_name", std::string(kSessionName)}};
  if (!mfa_serial.empty()) made.keys.emplace_back("mfa_serial", mfa_serial);
  if (environment.get_nonempty("AWS_ACCESS_KEY_ID"))
    made.keys.emplace_back("credential_source", "Environment");
  else
    made.keys.emplace_back("source_profile", aws::selected_profile(environment, "").value);
  return made;
}

/// nullopt where there is no such file.
base::Result<std::optional<FileRole>> role_of_file(const std::string& name, cli::Context& context) {
  const auto home = base::home_directory(context.environment());
  if (!home) return std::nullopt;
  const std::string path = *home + "/.aws/roles";
  const auto text = TRY(base::read_file(path, kLargestFile));
  if (!text) return std::nullopt;
  context.output().warn("using deprecated role file (" + base::printable(path) +
                        "), switch to config file (https://docs.aws.amazon.com/cli/latest/userguide/cli-roles.html)");
  auto roles = parse_roles(*text);
  if (!roles) return std::unexpected(base::with_context(std::move(roles).error(), base::printable(path)));
  const auto found = std::ranges::find(*roles, name, &FileRole::name);
  if (found == roles->end())
    return fail(ErrorKind::not_found, base::printable(name, kShown) + " not in " + base::printable(path));
  return *found;
}

/// What to ask the broker for.
base::Result<credentials::Request> request_of(const Words& words, cli::Context& context) {
  credentials::Request request;
  request.profile = words.role;
  request.duration = words.duration;
  request.sign_in = cli::sign_in_use(context);
  if (words.role.starts_with("arn:")) {
    request.made = made_of(context.environment(), words.role, "", words.role);
  } else if (const auto role = TRY(role_of_file(words.role, context))) {
    request.made = made_of(context.environment(), role->role_arn, role->mfa_serial, "~/.aws/roles");
  }
  return request;
}

/// The command line as it can be typed again.
std::string call_of(const Call& call) {
  std::string out(call.program);
  for (const char* const word : call.words) out += " " + std::string(word);
  return base::printable(out, kLongestCall);
}

base::Result<secret::Bytes> text_of(const Words& words, const credentials::Answer& answer, const std::string& call) {
  using deliver::Field;
  const auto& credentials = answer.credentials;
  TRY(deliver::check_values(credentials, {answer.profile, answer.region}));
  TRY(deliver::check_value(words.role, "role's name"));
  const std::string expiration = credentials.expiration ? base::iso8601(*credentials.expiration) : "";
  std::vector<Field> fields = {{"AWS_ACCESS_KEY_ID", {credentials.access_key_id, nullptr}},
                               {"AWS_SECRET_ACCESS_KEY", {{}, &credentials.secret_access_key}},
                               {"AWS_SESSION_TOKEN", {{}, &credentials.session_token}},
                               {"AWS_SECURITY_TOKEN", {{}, &credentials.session_token}},
                               {"ASSUMED_ROLE", {words.role, nullptr}}};
  for (const auto* const name : {"AWS_CREDENTIAL_EXPIRATION", "AWS_SESSION_EXPIRATION"})
    if (!expiration.empty()) fields.push_back({name, {expiration, nullptr}});
  deliver::Line line{"export ", "=", deliver::Quoting::posix_shell_quoted, "\n"};
  std::string last = "# eval $(" + call + ")\n";
  if (words.format == "fish") {
    line = {"set -gx ", " ", deliver::Quoting::fish, ";\n"};
    last = "# eval (" + call + ")\n";
  } else if (words.format == "powershell") {
    line = {"$env:", "=", deliver::Quoting::powershell, "\n"};
    last = "# " + call + " | Invoke-Expression \n";
  }
  secret::Buffer out(deliver::kMostText);
  TRY(deliver::append_lines(out, fields, line));
  deliver::append_text(out, "# Run this to configure your shell:\n" + last);
  return std::move(out).take();
}

base::Result<int> perform(const Call& call, Words& words, cli::Context& context) {
  auto request = TRY(request_of(words, context));
  // Keys of the environment sign for a role, also those that an enclosing exec has set.
  if (request.made) TRY(context.broker(""));
  const auto answer = TRY(cli::fetch(context, std::move(request)));
  if (words.command.empty()) {
    const auto text = TRY(text_of(words, answer, call_of(call)));
    TRY(deliver::write_out(kStandardOutput, text));
    return 0;
  }
  return cli::run_with(words.command, answer,
                       {answer.profile, answer.region, {"ASSUMED_ROLE=" + words.role}, deliver::OlderNames::yes},
                       context);
}

}  // namespace

int run_assume_role(const Call& call) {
  cli::StandardOutput output({"", "WARNING: ", "error: ", "hint: "});
  auto words = parse(call);
  if (!words || words->role.empty()) {
    if (!words) output.error(words.error());
    output.note(kUsage);
    return words && words->help ? 0 : kFailed;
  }
  cli::Manner manner;
  manner.make_prompt = [] { return std::make_unique<secret::CodePrompt>("MFA code: "); };
  cli::Context context(call.clock, call.environment, output, std::move(manner));
  const auto code = perform(call, *words, context);
  if (!code) output.error(code.error());
  return code && *code == 0 ? 0 : kFailed;
}

}  // namespace names
