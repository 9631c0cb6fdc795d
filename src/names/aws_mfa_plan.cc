// What aws-mfa decides before it asks or calls: which key, which device, which role, for how long, and whether at all.
#include "aws/profile.h"
#include "aws/written_profile.h"
#include "base/text.h"
#include "names/aws_mfa.h"
#include "secret/places.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace names {
namespace {

using base::ErrorKind;
using base::fail;

constexpr int kFailed = 1;
constexpr std::int64_t kSessionSeconds = 43'200;
constexpr std::int64_t kRoleSeconds = 3'600;

/// The section's own keys; empty where it is not there.
class SectionView {
 public:
  SectionView(const aws::ConfigFile& file, std::string_view name) : file_(file) {
    sections_ = file.sections(aws::SectionKind::profile, name);
  }
  bool exists() const { return !sections_.empty(); }
  std::optional<std::string_view> get(std::string_view key) const {
    std::optional<std::string_view> out;
    for (const auto* const section : sections_)
      for (const auto& property : file_.properties(*section))
        if (base::equals_ignoring_case(property.key, key)) out = property.value;
    return out;
  }

 private:
  const aws::ConfigFile& file_;
  std::vector<const aws::Section*> sections_;
};

std::string with_suffix(const std::string& profile, const std::optional<std::string>& suffix, std::string_view usual) {
  if (!suffix || suffix->empty()) return usual.empty() ? profile : profile + "-" + std::string(usual);
  return base::lower_ascii(*suffix) == "none" ? profile : profile + "-" + *suffix;
}

std::string local_user(const base::Environment& environment) {
  for (const auto* const name : {"LOGNAME", "USER", "LNAME", "USERNAME"})
    if (const auto value = environment.get_nonempty(name)) return std::string(*value);
  const passwd* const account = getpwuid(getuid());
  return account != nullptr && account->pw_name != nullptr ? account->pw_name : "aws-mfa";
}

class Planner {
 public:
  Planner(const Call& call, const MfaWords& words, const aws::ConfigFile& file, MfaLog& log)
      : call_(call), words_(words), file_(file), log_(log) {}
  base::Result<MfaTask> plan();

 private:
  base::Result<std::string> key_profile(const std::string& long_term) const;
  base::Result<std::string> device_of(const SectionView& long_term, const std::string& key_profile) const;
  base::Result<bool> must_renew(const SectionView& short_term, const MfaTask& task);

  const Call& call_;
  const MfaWords& words_;
  const aws::ConfigFile& file_;
  MfaLog& log_;
  std::string profile_;
};

/// The section itself, or the name under which its key is sealed: its own, or, taken over by kabuto import, the
/// profile's.
base::Result<std::string> Planner::key_profile(const std::string& long_term) const {
  const SectionView section(file_, long_term);
  const auto filled = [&](std::string_view key) { return !section.get(key).value_or("").empty(); };
  if (filled("aws_access_key_id") && filled("aws_secret_access_key")) return long_term;
  if (const auto sealed = sealed_names(call_.environment); sealed && *sealed)
    for (const auto& name : {long_term, profile_})
      if ((*sealed)->find(name) != nullptr) return name;
  if (!section.exists())
    return fail(ErrorKind::not_found, "Long term credentials session '[" + base::printable(long_term) +
                                          "]' is missing. You must add this section to your credentials file along "
                                          "with your long term 'aws_access_key_id' and 'aws_secret_access_key'");
  const auto* const missing = filled("aws_access_key_id") ? "aws_secret_access_key" : "aws_access_key_id";
  return fail(ErrorKind::not_found,
              fmt::format("No option '{}' in section: '{}'", missing, base::printable(long_term)));
}

base::Result<std::string> Planner::device_of(const SectionView& long_term, const std::string& key_profile) const {
  std::string device = words_.device.value_or("");
  if (device.empty()) device = call_.environment.get("MFA_DEVICE").value_or("");
  if (device.empty()) device = long_term.get("aws_mfa_device").value_or("");
  if (device.empty()) {
    // Where kabuto import has put it.
    const auto profiles = TRY(aws::Profiles::load(call_.environment));
    const auto profile = TRY(profiles.find(key_profile));
    if (profile) device = profile->value("mfa_serial");
  }
  if (device.empty())
    return fail(ErrorKind::usage,
                "You must provide --device or MFA_DEVICE or set \"aws_mfa_device\" in \".aws/credentials\"");
  if (device.find("mfa") == std::string::npos)
    return fail(ErrorKind::usage, base::printable(device) + " does not appear to be an MFA device.");
  return device;
}

base::Result<MfaTask> Planner::plan() {
  MfaTask task;
  profile_ = words_.profile.value_or("");
  if (profile_.empty()) profile_ = call_.environment.get_nonempty("AWS_PROFILE").value_or("default");
  const std::string long_term = with_suffix(profile_, words_.long_term_suffix, "long-term");
  task.short_term = with_suffix(profile_, words_.short_term_suffix, "");
  if (long_term == task.short_term)
    return fail(ErrorKind::usage,
                "The value for '--long-term-suffix' cannot be equal to the value for '--short-term-suffix'");
  task.role = words_.role.value_or("");
  std::string with_role;
  if (!task.role.empty())
    with_role = "with assumed role: " + task.role;
  else if (const auto now = SectionView(file_, profile_).get("assumed_role_arn"))
    with_role = "with assumed role: " + base::printable(*now);
  TRY(log_.info("Validating credentials for profile: " + task.short_term + " " + with_role));

  task.key_profile = TRY(key_profile(long_term));
  const SectionView section(file_, long_term);
  task.device = TRY(device_of(section, task.key_profile));
  if (task.role.empty()) task.role = call_.environment.get("MFA_ASSUME_ROLE").value_or("");
  if (task.role.empty()) task.role = section.get("assume_role").value_or("");
  task.role_session_name = words_.role_session_name.value_or(local_user(call_.environment));
  task.seconds = words_.duration.value_or(0);
  if (const auto said = call_.environment.get_nonempty("MFA_STS_DURATION"); said && task.seconds == 0) {
    const auto number = base::parse_integer(*said);
    if (!number) return fail(ErrorKind::usage, "MFA_STS_DURATION is no number: " + base::printable(*said));
    task.seconds = *number;
  }
  if (task.seconds == 0) task.seconds = task.role.empty() ? kSessionSeconds : kRoleSeconds;
  task.is_needed = TRY(must_renew(SectionView(file_, task.short_term), task));
  return task;
}

/// "1799.250000", as Python writes such a number; "1799.0" where it is a whole one.
std::string python_seconds(base::Duration duration) {
  const auto whole = duration.count() / 1000;
  const auto rest = duration.count() % 1000;
  return rest == 0 ? fmt::format("{}.0", whole) : fmt::format("{}.{:03}000", whole, rest);
}

base::Result<bool> Planner::must_renew(const SectionView& short_term, const MfaTask& task) {
  constexpr std::string_view kNewRole = "Obtaining credentials for a new role or profile.";
  if (!short_term.exists()) {
    TRY(log_.info("Short term credentials section " + task.short_term + " is missing, obtaining new credentials."));
    return true;
  }
  constexpr std::array<std::string_view, 6> kWanted = {"assumed_role",          "aws_access_key_id",
                                                       "aws_secret_access_key", "aws_session_token",
                                                       "aws_security_token",    "expiration"};
  const auto ends = aws::parse_plain_utc(short_term.get("expiration").value_or(""));
  bool must = std::ranges::any_of(kWanted, [&](auto key) { return !short_term.get(key); }) || !ends;
  if (must) TRY(log_.warning("Your existing credentials are missing or invalid, obtaining new credentials."));
  const auto role_now = short_term.get("assumed_role_arn");
  if (words_.force) {
    TRY(log_.info("Forcing refresh of credentials."));
    must = true;
  } else if (role_now.value_or("") != task.role) {
    TRY(log_.info(std::string(kNewRole)));
    must = true;
  }
  if (must) return true;
  const auto left = *ends - call_.clock.now();
  if (left <= base::Duration::zero()) {
    TRY(log_.info("Your credentials have expired, renewing."));
    return true;
  }
  TRY(log_.info("Your credentials are still valid for " + python_seconds(left) + " seconds they will expire at " +
                aws::plain_utc(*ends)));
  return false;
}

}  // namespace

void declare_mfa_words(PythonArguments& arguments, MfaWords& words) {
  arguments.flag("-h,--help", words.help);
  arguments.text("--device", "arn:aws:iam::123456788990:mfa/dudeman", words.device);
  arguments.number("--duration", "DURATION", words.duration);
  arguments.text("--profile", "PROFILE", words.profile);
  arguments.text("--long-term-suffix,--long-suffix", "LONG_TERM_SUFFIX", words.long_term_suffix);
  arguments.text("--short-term-suffix,--short-suffix", "SHORT_TERM_SUFFIX", words.short_term_suffix);
  arguments.text("--assume-role,--assume", "arn:aws:iam::123456788990:role/RoleName", words.role);
  arguments.text("--role-session-name", "ROLE_SESSION_NAME", words.role_session_name);
  arguments.flag("--force", words.force);
  arguments.choice("--log-level", {"CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG", "NOTSET"}, words.log_level);
  arguments.flag("--setup", words.setup);
  arguments.text("--token,--mfa-token", "TOKEN", words.token);
}

/// Python's logger without a level of its own goes by the root's, which is WARNING.
Level level_of(const std::optional<std::string>& name) {
  if (name == "CRITICAL") return Level::critical;
  if (name == "ERROR") return Level::error;
  if (name == "WARNING" || name == "NOTSET") return Level::warning;
  return name == "INFO" ? Level::info : Level::debug;
}

base::Result<void> MfaLog::say(Level level, std::string_view name, const std::string& text) {
  if (level < least_) return {};
  return output_.answer(fmt::format("{} - {}\n", name, text));
}

int MfaLog::error(const base::Error& error) {
  (void)say(Level::error, "ERROR", error.what + (error.hint.empty() ? "" : " (" + error.hint + ")"));
  return kFailed;
}

base::Result<std::optional<secret::NamesIndex>> sealed_names(const base::Environment& environment) {
  const auto places = TRY(secret::find_places(environment));
  return secret::read_names(places);
}

base::Result<MfaTask> plan_mfa(const Call& call, const MfaWords& words, const aws::ConfigFile& file, MfaLog& log) {
  return Planner(call, words, file, log).plan();
}

}  // namespace names
