// kabuto as aws2-wrap: a profile's credentials as lines for a shell, in AWS's files, as a credential_process, or around
// a command. No token of a sign-in is ever an argument of a program, as the original's was; files keep their comments.
#include "aws/config_writer.h"
#include "aws/profile.h"
#include "base/process.h"
#include "base/text.h"
#include "cli/context.h"
#include "cli/exec.h"
#include "cli/output.h"
#include "cli/session_options.h"
#include "credentials/broker.h"
#include "credentials/sdk_ttl.h"
#include "deliver/assignments.h"
#include "deliver/value.h"
#include "deliver/write_out.h"
#include "names/argparse.h"
#include "names/tools.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace names {
namespace {

using base::ErrorKind;
using base::fail;
using deliver::Field;

constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kStandardOutput = 1;
constexpr std::size_t kShown = 100;
constexpr base::Duration kMinTtl = std::chrono::minutes{5};

struct Words {
  bool to_shell = false, generate = false, generate_to_output = false, process = false, help = false, version = false;
  std::optional<std::string> exec, profile, out_profile, config_file, credentials_file;
  std::vector<std::string> command;
};

void declare(PythonArguments& arguments, Words& words) {
  arguments.flag("-h,--help", words.help);
  arguments.flag("--export", words.to_shell);
  arguments.flag("--generate", words.generate);
  arguments.flag("--generatestdout", words.generate_to_output);
  arguments.flag("--process", words.process);
  arguments.text("--exec", "EXEC", words.exec);
  arguments.text("--profile", "PROFILE", words.profile);
  arguments.text("--outprofile", "OUTPROFILE", words.out_profile);
  arguments.text("--configfile", "CONFIGFILE", words.config_file);
  arguments.text("--credentialsfile", "CREDENTIALSFILE", words.credentials_file);
  arguments.flag("--version,-v", words.version);
  arguments.rest("command", words.command);
  arguments.exclusive({"--export", "--generate", "--process", "--exec"});
}

/// As Python's os.environ.get: an empty value is a value.
std::string profile_of(const Words& words, const base::Environment& environment) {
  if (words.profile) return *words.profile;
  for (const auto* const name : {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"})
    if (const auto value = environment.get(name)) return std::string(*value);
  return "default";
}

class Aws2Wrap {
 public:
  Aws2Wrap(const Call& call, const Words& words, cli::Context& context)
      : words_(words), environment_(call.environment), context_(context), profile_(profile_of(words, environment_)) {}
  base::Result<int> run();

 private:
  base::Result<void> look_up();
  base::Error as_aws2_wrap_says(base::Error error) const;
  base::Result<void> hand_out(const std::vector<Field>& fields, const deliver::Line& line, std::string_view before,
                              std::string_view after);
  base::Result<void> to_shell(const credentials::Answer& answer);
  base::Result<void> to_output(const credentials::Answer& answer);
  base::Result<void> to_process(const credentials::Answer& answer);
  base::Result<void> to_files(const credentials::Answer& answer);
  base::Result<int> to_command(const credentials::Answer& answer);
  std::string home_expanded(const std::string& path) const;

  const Words& words_;
  const base::Environment& environment_;
  cli::Context& context_;
  std::string profile_;
  std::string region_;    // that the profile itself names
  std::string role_arn_;  // the same; empty: none
};

base::Result<void> Aws2Wrap::look_up() {
  const aws::Profiles* const profiles = TRY(context_.profiles());
  const auto found = TRY(profiles->find(profile_));
  if (!found) return {};  // the store may know it
  region_ = found->value("region");
  role_arn_ = found->value("role_arn");
  return {};
}

/// The words that scripts look for.
base::Error Aws2Wrap::as_aws2_wrap_says(base::Error error) const {
  const std::string shown = base::printable(profile_, kShown);
  switch (error.kind) {
    case ErrorKind::not_found:
      if (const auto profiles = context_.profiles(); profiles && !(*profiles)->contains(profile_))
        return {error.kind, "Cannot find profile '" + shown + "' in " + base::printable((*profiles)->config().path()),
                error.hint};
      return error;
    case ErrorKind::sign_in_needed:
    case ErrorKind::expired:
      return {error.kind, base::printable(error.what) + "\nPlease login with 'aws sso login --profile=" + shown + "'",
              error.hint};
    case ErrorKind::denied:
      if (role_arn_.empty()) return error;
      return {error.kind, error.what + "\nFailed to assume-role '" + base::printable(role_arn_) + "'", error.hint};
    default:
      return error;
  }
}

base::Result<void> Aws2Wrap::hand_out(const std::vector<Field>& fields, const deliver::Line& line,
                                      std::string_view before, std::string_view after) {
  secret::Buffer out(deliver::kMostText);
  deliver::append_text(out, before);
  TRY(deliver::append_lines(out, fields, line));
  deliver::append_text(out, after);
  return deliver::write_out(kStandardOutput, std::move(out).take());
}

std::vector<Field> keys_of(const aws::Credentials& credentials, const std::array<std::string_view, 3>& names) {
  return {{names[0], {credentials.access_key_id, nullptr}},
          {names[1], {{}, &credentials.secret_access_key}},
          {names[2], {{}, &credentials.session_token}}};
}

bool parent_is_powershell() {
  const std::string name = base::parent_name();
  return name == "pwsh" || name == "pwsh.exe" || name == "powershell.exe";
}

base::Result<void> Aws2Wrap::to_shell(const credentials::Answer& answer) {
  auto fields = keys_of(answer.credentials, {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"});
  if (!region_.empty() && !environment_.get("AWS_DEFAULT_REGION"))
    fields.push_back({"AWS_DEFAULT_REGION", {region_, nullptr}});
  if (parent_is_powershell()) return hand_out(fields, {"$ENV:", "=", deliver::Quoting::powershell, "\n"}, "", "");
  return hand_out(fields, {"export ", "=", deliver::Quoting::posix_shell, "\n"}, "", "");
}

base::Result<void> Aws2Wrap::to_output(const credentials::Answer& answer) {
  const std::string name = words_.out_profile.value_or("default");
  if (!aws::is_identifier(name))
    return fail(ErrorKind::refused, base::printable(name, kShown) + " cannot be a section of a credentials file");
  return hand_out(keys_of(answer.credentials, {"aws_access_key_id", "aws_secret_access_key", "aws_session_token"}),
                  {"", " = ", deliver::Quoting::ini, "\n"}, "[" + name + "]\n", "");
}

base::Result<void> Aws2Wrap::to_process(const credentials::Answer& answer) {
  const auto& expires = answer.credentials.expiration;
  auto fields = keys_of(answer.credentials, {"AccessKeyId", "SecretAccessKey", "SessionToken"});
  const std::string when = expires ? base::iso8601(*expires) : "";
  if (expires) fields.push_back({"Expiration", {when, nullptr}});
  std::erase_if(fields, [](const Field& field) {
    return field.value.secret != nullptr ? field.value.secret->empty() : field.value.text.empty();
  });
  return hand_out(fields, {", \"", "\": ", deliver::Quoting::json, ""}, "{\"Version\": 1", "}\n");
}

std::string Aws2Wrap::home_expanded(const std::string& path) const {
  const auto home = base::home_directory(environment_);
  return path.starts_with("~/") && home ? *home + path.substr(1) : path;
}

/// The section with these keys and no other; its comments and its place stay.
void keep_only(std::vector<aws::Edit>& edits, const aws::ConfigFile& file, const aws::SectionName& section,
               const std::vector<std::string_view>& wanted) {
  for (const auto* const found : file.sections(aws::SectionKind::profile, section.name))
    for (const auto& property : file.properties(*found))
      if (std::ranges::none_of(wanted, [&](auto key) { return base::equals_ignoring_case(key, property.key); }))
        edits.push_back({.action = aws::Edit::Action::unset, .section = section, .key = std::string(property.key)});
}

base::Result<void> Aws2Wrap::to_files(const credentials::Answer& answer) {
  const std::string name = words_.out_profile.value_or("default");
  const std::string credentials_file = home_expanded(words_.credentials_file.value_or("~/.aws/credentials"));
  const std::string config_file = home_expanded(words_.config_file.value_or("~/.aws/config"));
  const auto& credentials = answer.credentials;
  const aws::EditPlan keys = [&](const aws::ConfigFile& file) {
    const auto section = aws::SectionName::of_profile(name, aws::FileKind::credentials);
    const auto set = [&](std::string_view key, const secret::Bytes& value) {
      return aws::Edit{.action = aws::Edit::Action::set, .section = section, .key = std::string(key), .secret = &value};
    };
    std::vector<aws::Edit> edits;
    keep_only(edits, file, section, {"aws_access_key_id", "aws_secret_access_key", "aws_session_token"});
    edits.push_back({.action = aws::Edit::Action::set,
                     .section = section,
                     .key = "aws_access_key_id",
                     .value = credentials.access_key_id});
    edits.push_back(set("aws_secret_access_key", credentials.secret_access_key));
    edits.push_back(set("aws_session_token", credentials.session_token));
    return edits;
  };
  const aws::EditPlan region = [&](const aws::ConfigFile& file) {
    const auto section = aws::SectionName::of_profile(name, aws::FileKind::config);
    std::vector<aws::Edit> edits;
    keep_only(edits, file, section, {region_.empty() ? "" : "region"});
    if (!region_.empty())
      edits.push_back({.action = aws::Edit::Action::set, .section = section, .key = "region", .value = region_});
    else if (file.sections(aws::SectionKind::profile, name).empty())
      edits.push_back({.action = aws::Edit::Action::add_section, .section = section});
    return edits;
  };
  TRY(aws::edit_file(credentials_file, aws::FileKind::credentials, keys, context_.clock()));
  TRY(aws::edit_file(config_file, aws::FileKind::config, region, context_.clock()));
  // As Python's isoformat writes it.
  std::string expires = credentials.expiration ? base::iso8601(*credentials.expiration) : "None";
  if (expires.ends_with('Z')) expires.replace(expires.size() - 1, 1, "+00:00");
  return context_.output().answer("Credentials written to " + credentials_file + "\nConfiguration written to " +
                                  config_file + "\nThe credentials will expire at " + expires + "\n");
}

base::Result<int> Aws2Wrap::to_command(const credentials::Answer& answer) {
  std::vector<std::string> command = words_.command;
  if (words_.exec) command = {"/bin/sh", "-c", *words_.exec};
  if (command.empty()) return 0;
  deliver::Recipient recipient{answer.profile, "", {}};
  if (!region_.empty() && !environment_.get("AWS_DEFAULT_REGION"))
    recipient.variables.push_back("AWS_DEFAULT_REGION=" + region_);
  return cli::run_with(command, answer, recipient, context_);
}

base::Result<int> Aws2Wrap::run() {
  TRY(look_up());
  credentials::Request request;
  request.profile = profile_;
  // A program that asks through --process wants a session that lasts, and has nobody who could sign in.
  request.min_ttl = words_.process ? credentials::kSdkMinTtl : kMinTtl;
  auto answer = cli::fetch(context_, std::move(request));
  if (!answer) return std::unexpected(as_aws2_wrap_says(std::move(answer).error()));
  TRY(deliver::check_values(answer->credentials, {answer->profile, region_}));
  if (words_.to_shell)
    TRY(to_shell(*answer));
  else if (words_.generate_to_output)
    TRY(to_output(*answer));
  else if (words_.generate)
    TRY(to_files(*answer));
  else if (words_.process)
    TRY(to_process(*answer));
  else
    return to_command(*answer);
  return 0;
}

}  // namespace

int run_aws2_wrap(const Call& call) {
  cli::StandardOutput output({"", "warning: ", "", "hint: "});
  Words words;
  PythonArguments arguments("aws2-wrap", Beginnings::refused);
  declare(arguments, words);
  if (const auto parsed = arguments.parse(call.words); !parsed) {
    output.error({ErrorKind::usage, arguments.complaint(parsed.error()), {}});
    return kUsage;
  }
  if (words.help) return output.answer(arguments.help()) ? 0 : kFailed;
  if (words.version) return output.answer("aws2-wrap 1.4.0 (kabuto)\n") ? 0 : kFailed;
  cli::Context context(call.clock, call.environment, output);
  const auto code = Aws2Wrap(call, words, context).run();
  if (code) return *code;
  output.error(code.error());
  return kFailed;
}

}  // namespace names
