// kabuto profile set, unset, rename: the words of the command line become edits of AWS's files. A key is changed where
// it counts: in the credentials file if that gives it, else in the config file. Secrets never pass through here.
#include "aws/profile.h"

#include "aws/arn.h"
#include "aws/config_writer.h"
#include "aws/partition.h"
#include "aws/profile_edits.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "secret/names_index.h"
#include "secret/store.h"

#include <fmt/format.h>

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cli {
namespace {

using aws::Edit;
using aws::FileKind;
using base::ErrorKind;
using base::fail;

/// "s3.addressing_style" is a sub-key of s3, as for `aws configure set`.
std::pair<std::string, std::string> key_and_sub_key(const std::string& word) {
  const auto dot = word.find('.');
  if (dot == std::string::npos) return {word, {}};
  return {word.substr(0, dot), word.substr(dot + 1)};
}

struct Assignment {
  std::string key;
  std::string value;
};

base::Result<void> check_assignment(const Assignment& assignment, const std::string& profile) {
  const std::string key = base::lower_ascii(assignment.key);
  if (aws::holds_secret(key))
    return fail(ErrorKind::refused, "a secret does not belong on a command line or in a file",
                fmt::format("run kabuto add '{}'", base::printable(profile)));
  // Before any check that quotes the value: what would be a second line is never shown.
  if (assignment.value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
    return fail(ErrorKind::refused, "a value must not hold a line end or a NUL byte");
  if (key == "region" || key == "sso_region") return aws::check_region(assignment.value, key);
  if (key == "role_arn") {
    const auto arn = aws::parse_arn(assignment.value);
    if (!arn || arn->service != "iam" || !arn->resource.starts_with("role/"))
      return fail(ErrorKind::usage, "a role is named by an ARN such as arn:aws:iam::123456789012:role/NAME");
  }
  if (key == "duration_seconds") {
    const auto seconds = base::parse_integer(assignment.value);
    if (!seconds || *seconds <= 0) return fail(ErrorKind::usage, "duration_seconds is a number of seconds");
  }
  return {};
}

/// Makes the edits in the one file; none, no write.
base::Result<void> write(Context& context, const std::string& path, FileKind kind, const std::vector<Edit>& edits) {
  if (edits.empty()) return {};
  return aws::edit_file(path, kind, edits, context.clock());
}

struct SetWords {
  std::string profile, role, source, mfa, region, duration, external_id, session_name;
  std::vector<std::string> assignments;
};

base::Result<std::vector<Assignment>> assignments_of(const SetWords& words) {
  std::vector<Assignment> out;
  for (const auto& [key, value] : {std::pair<const char*, const std::string&>("role_arn", words.role),
                                   {"source_profile", words.source},
                                   {"mfa_serial", words.mfa},
                                   {"region", words.region},
                                   {"external_id", words.external_id},
                                   {"role_session_name", words.session_name}})
    if (!value.empty()) out.push_back({key, value});
  if (!words.duration.empty()) {
    const auto duration = base::parse_duration(words.duration);
    if (!duration) return fail(ErrorKind::usage, "a duration is written like 90m, 1h30m or 3600");
    out.push_back(
        {"duration_seconds", std::to_string(std::chrono::duration_cast<std::chrono::seconds>(*duration).count())});
  }
  for (const std::string& word : words.assignments) {
    const auto sign = word.find('=');
    if (sign == std::string::npos || sign == 0)
      return fail(ErrorKind::usage, "a setting is written KEY=VALUE", "run kabuto help profile set");
    out.push_back({word.substr(0, sign), word.substr(sign + 1)});
  }
  if (out.empty())
    return fail(ErrorKind::usage, "nothing to set: give KEY=VALUE or an option", "run kabuto help profile set");
  for (const Assignment& assignment : out) TRY(check_assignment(assignment, words.profile));
  return out;
}

base::Result<int> set(Context& context, const SetWords& words) {
  const std::vector<Assignment> assignments = TRY(assignments_of(words));
  const aws::Locations files = aws::locations(context.environment());
  const aws::Profiles profiles = TRY(aws::Profiles::load(files));
  std::vector<Edit> in_config;
  std::vector<Edit> in_credentials;
  for (const Assignment& assignment : assignments) {
    const auto [key, sub_key] = key_and_sub_key(assignment.key);
    const bool counts_there = aws::gives(profiles.credentials(), words.profile, key);
    const FileKind kind = counts_there ? FileKind::credentials : FileKind::config;
    (counts_there ? in_credentials : in_config)
        .push_back({.action = Edit::Action::set,
                    .section = aws::SectionName::of_profile(words.profile, kind),
                    .key = key,
                    .sub_key = sub_key,
                    .value = assignment.value});
  }
  TRY(write(context, files.config, FileKind::config, in_config));
  TRY(write(context, files.credentials, FileKind::credentials, in_credentials));
  for (const Assignment& assignment : assignments)
    if (base::lower_ascii(assignment.key) == "source_profile" && assignment.value != words.profile &&
        !profiles.contains(assignment.value))
      context.output().warn(fmt::format("there is no profile {} yet", base::printable(assignment.value)));
  if (!in_credentials.empty()) context.output().note("set in " + files.credentials + ", where it counts");
  return 0;
}

base::Result<int> unset(Context& context, const std::string& profile, const std::vector<std::string>& keys) {
  const aws::Locations files = aws::locations(context.environment());
  const aws::Profiles profiles = TRY(aws::Profiles::load(files));
  if (!profiles.contains(profile))
    return fail(ErrorKind::not_found, "no profile " + base::printable(profile), "run kabuto list");
  std::vector<Edit> in_config;
  std::vector<Edit> in_credentials;
  for (const std::string& word : keys) {
    const auto [key, sub_key] = key_and_sub_key(word);
    bool found = false;
    for (const auto& [file, edits] :
         {std::pair(&profiles.config(), &in_config), std::pair(&profiles.credentials(), &in_credentials)}) {
      if (!aws::gives(*file, profile, key, sub_key)) continue;
      found = true;
      edits->push_back({.action = Edit::Action::unset,
                        .section = aws::SectionName::of_profile(profile, file->kind()),
                        .key = key,
                        .sub_key = sub_key});
    }
    if (!found)
      return fail(ErrorKind::not_found,
                  fmt::format("profile {} has no {}", base::printable(profile), base::printable(word)));
  }
  TRY(write(context, files.config, FileKind::config, in_config));
  TRY(write(context, files.credentials, FileKind::credentials, in_credentials));
  return 0;
}

/// A key is sealed under its profile's name, so it is opened and sealed again; the remembered MFA device goes with it.
base::Result<void> copy_sealed(Context& context, const std::string& from, const std::string& to) {
  secret::Store* const store = TRY(context.store());
  if (store->record(secret::kind::kRotation, from))
    return fail(ErrorKind::refused, fmt::format("the key of {} is being rotated", base::printable(from)),
                fmt::format("run kabuto rotate '{}' first", base::printable(from)));
  secret::Changes changes;
  if (auto device = store->record(secret::kind::kMfaDevice, from)) {
    device->name = to;
    changes.put(std::move(*device));
  }
  auto key = store->key(from);
  if (!key) return store->apply(changes, nullptr);
  const secret::DataKey data_key = TRY(context.data_key());
  const secret::Bytes sealed = TRY(store->secret_access_key(data_key, from));
  key->profile = to;
  changes.put_key(*key, sealed);
  return store->apply(changes, &data_key);
}

base::Result<void> remove_sealed(Context& context, const std::string& profile) {
  secret::Store* const store = TRY(context.store());
  secret::Changes changes;
  changes.remove(secret::kind::kKey, profile).remove(secret::kind::kMfaDevice, profile);
  return store->apply(changes, nullptr);
}

base::Result<int> rename(Context& context, const std::string& from, const std::string& to) {
  const aws::Locations files = aws::locations(context.environment());
  const secret::Places* const places = TRY(context.places());
  const auto index = TRY(secret::read_names(*places));
  const bool sealed = index && index->find(from) != nullptr;
  const bool remembered = sealed || (index && !index->mfa_serial(from).empty());
  {
    const aws::Profiles profiles = TRY(aws::Profiles::load(files));
    if (!profiles.contains(from) && !sealed)
      return fail(ErrorKind::not_found, "no profile " + base::printable(from), "run kabuto list");
    if (profiles.contains(to) || (index && index->find(to) != nullptr))
      return fail(ErrorKind::failure, fmt::format("there is a profile {} already", base::printable(to)),
                  "choose another name");
    // What a later step would refuse must not be found out after the first is done.
    for (const aws::ConfigFile* file : {&profiles.config(), &profiles.credentials()}) {
      const std::vector<Edit> edits = TRY(aws::rename_edits(*file, from, to));
      TRY(aws::edited(file->text(), file->kind(), edits));
    }
  }
  // A kill between the steps leaves the key under both names, never under none.
  if (remembered) TRY(copy_sealed(context, from, to));
  const aws::EditPlan plan = [&](const aws::ConfigFile& file) { return aws::rename_edits(file, from, to); };
  TRY(aws::edit_file(files.config, FileKind::config, plan, context.clock()));
  if (!files.credentials.empty()) TRY(aws::edit_file(files.credentials, FileKind::credentials, plan, context.clock()));
  if (remembered) TRY(remove_sealed(context, from));
  return 0;
}

}  // namespace

Action declare_profile_set(Arguments& arguments) {
  const auto words = std::make_shared<SetWords>();  // shared: the action outlives this call
  arguments.positional("PROFILE", words->profile, Presence::required, "the profile; made where it does not exist");
  arguments.positionals("KEY=VALUE", words->assignments, Presence::optional,
                        "any key; a nested one as s3.addressing_style=path");
  arguments.option("--role", "ARN", words->role, "the role to assume: role_arn");
  arguments.option("--source", "PROFILE", words->source, "whose credentials assume it: source_profile");
  arguments.option("--mfa", "SERIAL", words->mfa, "the MFA device: mfa_serial");
  arguments.option("--region", "REGION", words->region, "region");
  arguments.option("--duration", "DURATION", words->duration, "how long a session of the role lasts: duration_seconds");
  arguments.option("--external-id", "ID", words->external_id, "external_id");
  arguments.option("--session-name", "NAME", words->session_name, "role_session_name");
  return [words](Context& context) { return set(context, *words); };
}

Action declare_profile_unset(Arguments& arguments) {
  struct Words {
    std::string profile;
    std::vector<std::string> keys;
  };
  const auto words = std::make_shared<Words>();
  arguments.positional("PROFILE", words->profile, Presence::required, "the profile");
  arguments.positionals("KEY", words->keys, Presence::required, "what to take out");
  return [words](Context& context) { return unset(context, words->profile, words->keys); };
}

Action declare_profile_rename(Arguments& arguments) {
  struct Words {
    std::string from, to;
  };
  const auto words = std::make_shared<Words>();
  arguments.positional("OLD", words->from, Presence::required, "the profile as it is called");
  arguments.positional("NEW", words->to, Presence::required, "its new name");
  return [words](Context& context) { return rename(context, words->from, words->to); };
}

}  // namespace cli
