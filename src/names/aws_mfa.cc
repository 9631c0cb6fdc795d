// kabuto as aws-mfa: long-term keys of [NAME-long-term], or sealed in kabuto's store, become a session in [NAME] of
// ~/.aws/credentials. All that it says stands on standard output, as there. The file is written atomically and keeps
// its comments, which the original lost.
#include "names/aws_mfa.h"

#include "aws/config_writer.h"
#include "aws/profile.h"
#include "aws/written_profile.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/context.h"
#include "cli/output.h"
#include "cli/sealing.h"
#include "cli/session_options.h"
#include "credentials/broker.h"
#include "credentials/call_check.h"
#include "credentials/key_input.h"
#include "credentials/mfa_code.h"
#include "names/tools.h"
#include "secret/code_prompt.h"

#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <utility>

namespace names {
namespace {

using base::ErrorKind;
using base::fail;

constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr std::size_t kLongestAnswer = 256;

class AwsMfa {
 public:
  AwsMfa(const Call& call, MfaWords words, MfaLog& log, cli::Output& output, std::string file)
      : call_(call), words_(std::move(words)), log_(log), output_(output), file_(std::move(file)) {}
  base::Result<void> run();

 private:
  base::Result<void> offer_file();
  base::Result<void> renew(const MfaTask& task);
  base::Result<void> set_up();
  base::Result<aws::Profiles> load(const base::Environment& environment, const MfaTask& task) const;

  const Call& call_;
  MfaWords words_;
  MfaLog& log_;
  cli::Output& output_;
  std::string file_;
};

/// One line of standard input.
std::string typed_line() {
  std::string line;
  for (char c = 0; line.size() < kLongestAnswer && ::read(0, &c, 1) == 1 && c != '\n';) line += c;
  return std::string(base::trim_lines(line));
}

base::Result<void> AwsMfa::offer_file() {
  if (access(file_.c_str(), F_OK) == 0) return {};
  // With sealed keys there is no need of a file before there is something to write.
  if (const auto sealed = sealed_names(call_.environment); sealed && *sealed && !(*sealed)->keys.empty()) return {};
  TRY(output_.answer("Could not locate credentials file at " + file_ + ", would you like to create one? [y/n]"));
  if (base::lower_ascii(typed_line()) != "y")
    return fail(ErrorKind::failure, "Could not locate credentials file at " + file_);
  return aws::edit_file(file_, aws::FileKind::credentials, std::span<const aws::Edit>(), call_.clock);
}

base::Result<aws::Profiles> AwsMfa::load(const base::Environment& environment, const MfaTask& task) const {
  auto profiles = TRY(aws::Profiles::load(aws::Locations{aws::locations(environment).config, file_}));
  if (task.role.empty()) profiles.put_over(task.key_profile, "mfa_serial", task.device, "--device");
  return profiles;
}

credentials::Request request_of(const MfaTask& task) {
  credentials::Request request;
  request.profile = task.key_profile;
  request.duration = std::chrono::seconds{task.seconds};
  request.cache = credentials::Cache::renew;
  if (task.role.empty()) return request;
  request.profile = task.role;
  request.made.emplace();
  request.made->origin = "--assume-role";
  request.made->keys = {{"role_arn", task.role},
                        {"source_profile", task.key_profile},
                        {"mfa_serial", task.device},
                        {"role_session_name", task.role_session_name}};
  return request;
}

aws::Edit set(const MfaTask& task, std::string_view key, std::string_view value) {
  return {.action = aws::Edit::Action::set,
          .section = aws::SectionName::of_profile(task.short_term, aws::FileKind::credentials),
          .key = std::string(key),
          .value = std::string(value)};
}

aws::Edit set(const MfaTask& task, std::string_view key, const secret::Bytes& value) {
  auto edit = set(task, key, std::string_view());
  edit.secret = &value;
  return edit;
}

/// The very keys that aws-mfa writes.
std::vector<aws::Edit> edits_of(const MfaTask& task, const aws::Credentials& credentials) {
  std::vector<aws::Edit> out = {set(task, "assumed_role", task.role.empty() ? "False" : "True")};
  out.push_back(set(task, "assumed_role_arn", task.role));
  if (task.role.empty()) out.back().action = aws::Edit::Action::unset;
  out.push_back(set(task, "aws_access_key_id", credentials.access_key_id));
  out.push_back(set(task, "aws_secret_access_key", credentials.secret_access_key));
  out.push_back(set(task, "aws_session_token", credentials.session_token));
  out.push_back(set(task, "aws_security_token", credentials.session_token));
  out.push_back(set(task, "expiration", aws::plain_utc(credentials.expiration.value_or(base::Instant()))));
  return out;
}

base::Result<void> AwsMfa::renew(const MfaTask& task) {
  const std::string question = "Enter AWS MFA code for device [" + base::printable(task.device) + "] (renewing for " +
                               std::to_string(task.seconds) + " seconds):";
  cli::Manner manner;
  manner.make_prompt = [question] { return std::make_unique<secret::CodePrompt>(question, 0, 1); };
  manner.load_profiles = [&](const base::Environment& environment) { return load(environment, task); };
  cli::Context context(call_.clock, call_.environment, output_, std::move(manner));
  auto request = request_of(task);
  const auto called = [](base::Error error) {
    return std::unexpected(base::with_context(std::move(error), "An error occured while calling assume role"));
  };
  // What AWS would refuse in any case costs nobody a code.
  credentials::Broker* const broker = TRY(context.broker(request.profile));
  const auto chain = broker->explain(request);
  if (!chain) return called(chain.error());
  if (const auto fits = credentials::check_calls(*chain); !fits) return called(fits.error());
  if (words_.token) {
    TRY(log_.debug("Received token as argument"));
    request.mfa_code = secret::Bytes::copy_of(*words_.token);
  } else {
    request.mfa_code = TRY(context.prompt().ask_mfa_code(task.device));
  }
  if (!credentials::six_digits(*request.mfa_code)) return fail(ErrorKind::refused, "Token must be six digits");
  TRY(log_.info(task.role.empty()
                    ? fmt::format("Fetching Credentials - Profile: {}, Duration: {}", task.short_term, task.seconds)
                    : fmt::format("Assuming Role - Profile: {}, Role: {}, Duration: {}", task.short_term, task.role,
                                  task.seconds)));
  auto answer = cli::fetch(context, std::move(request));
  if (!answer) return called(std::move(answer).error());
  const auto& credentials = answer->credentials;
  if (credentials.session_token.empty() || !credentials.expiration)
    return fail(ErrorKind::failure, "the answer is no session");
  TRY(aws::edit_file(file_, aws::FileKind::credentials, edits_of(task, credentials), call_.clock));
  return log_.info(fmt::format("Success! Your credentials will expire in {} seconds at: {}+00:00", task.seconds,
                               aws::plain_utc(*credentials.expiration)));
}

/// The key goes into kabuto's store, where aws-mfa's name finds it, and not into the file in clear.
base::Result<void> AwsMfa::set_up() {
  TRY(output_.answer("Profile name to [default]: "));
  std::string name = typed_line();
  name = (name.empty() ? "default" : name) + "-long-term";
  cli::Context context(call_.clock, call_.environment, output_);
  TRY(credentials::check_profile_name(name));
  TRY(cli::check_can_seal(context, name, {}));
  const auto key = TRY(cli::given_key(context, {"aws_access_key_id", "aws_secret_access_key"}));
  TRY(cli::seal_key(context, name, key, {}, {}));
  return log_.info("Sealed " + key.access_key_id + " in kabuto's store as " + name);
}

base::Result<void> AwsMfa::run() {
  if (words_.setup) return set_up();
  TRY(offer_file());
  const auto file = TRY(aws::ConfigFile::read(file_, aws::FileKind::credentials));
  const MfaTask task = TRY(plan_mfa(call_, words_, file, log_));
  return task.is_needed ? renew(task) : base::Result<void>();
}

}  // namespace

int run_aws_mfa(const Call& call) {
  cli::StandardOutput output({"kabuto: ", "kabuto: warning: ", "", ""});
  MfaWords words;
  PythonArguments arguments("aws-mfa", Beginnings::taken);
  declare_mfa_words(arguments, words);
  if (const auto parsed = arguments.parse(call.words); !parsed) {
    output.error({ErrorKind::usage, arguments.complaint(parsed.error()), {}});
    return kUsage;
  }
  if (words.help) return output.answer(arguments.help()) ? 0 : kFailed;
  MfaLog log(output, level_of(words.log_level));
  const auto home = base::home_directory(call.environment);
  if (!home) return log.error({ErrorKind::usage, "HOME is not set to an absolute path", {}});
  const auto done = AwsMfa(call, std::move(words), log, output, *home + "/.aws/credentials").run();
  return done ? 0 : log.error(done.error());
}

}  // namespace names
