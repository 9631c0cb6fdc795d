// kabuto dotenv: puts a profile's credentials into a .env file, or takes them out, and leaves all else in it alone.
#include "base/file.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/session_options.h"
#include "credentials/sdk_ttl.h"
#include "deliver/dotenv_file.h"
#include "peers/plain_keys.h"
#include "secret/names_index.h"
#include "secret/places.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace cli {
namespace {

constexpr std::size_t kShownName = 100;

struct Options {
  std::string file;
  SessionOptions session;
  bool remove = false;
  bool force = false;
};

base::Result<std::string> lock_of(Context& context) {
  const secret::Places* const places = TRY(context.places());
  // Where it cannot be made there is no lock either, and the edit goes on.
  (void)base::ensure_private_directory(places->directory);
  return places->directory + "/dotenv.lock";
}

/// A long-term key that stands nowhere else goes only by --force. One that kabuto has written is in its store.
base::Result<void> check_keys(Context& context, const Options& options, const deliver::DotenvReport& report) {
  if (options.force || report.lost_ids.empty()) return {};
  const secret::Places* const places = TRY(context.places());
  const auto index = TRY(secret::read_names(*places));
  for (const auto& id : report.lost_ids)
    if (!index || std::ranges::find(index->keys, id, &secret::SealedName::access_key_id) == index->keys.end())
      return base::fail(base::ErrorKind::refused,
                        fmt::format("the long-term key {} is not in kabuto's store; it is left as it is",
                                    base::printable(peers::masked(id), kShownName)),
                        "seal it with kabuto add NAME first, or run again with --force, which loses it");
  return {};
}

/// What a person should know of the file; one line each.
void say(Context& context, const std::string& file, const deliver::DotenvWritten& written) {
  for (const auto& duplicate : written.report.duplicates) {
    std::vector<std::string> lines;
    lines.reserve(duplicate.lines.size());
    for (const unsigned line : duplicate.lines) lines.push_back(std::to_string(line));
    context.output().warn(fmt::format("{} stands {} times in {} (lines {}); all of them have the new value now",
                                      duplicate.name, lines.size(), base::printable(file), base::join(lines, ", ")));
  }
  if (written.report.refused_by_compose)
    context.output().warn(fmt::format("docker compose takes nothing of {}: it cannot read line {}",
                                      base::printable(file), *written.report.refused_by_compose));
  if (written.mode == deliver::DotenvMode::tightened)
    context.output().note(base::printable(file) + " could be read by others; it is 0600 now");
}

base::Result<int> remove(const Options& options, Context& context) {
  const std::string lock = TRY(lock_of(context));
  const auto check = [&](const deliver::DotenvReport& report) { return check_keys(context, options, report); };
  const auto written = TRY(deliver::remove_from_dotenv_file(options.file, lock, check, context.clock()));
  say(context, options.file, written);
  const auto& names = written.report.removed;
  context.output().note(names.empty()
                            ? "no credentials are in " + base::printable(options.file)
                            : "removed " + base::join(names, ", ") + " from " + base::printable(options.file));
  return 0;
}

base::Result<int> set(Options& options, Context& context) {
  TRY(choose_missing_profile(context, options.session, "dotenv"));
  auto request = TRY(request_of(context, options.session, credentials::kSdkMinTtl, sign_in_use(context)));
  const auto answer = TRY(fetch(context, std::move(request)));
  tell_agent(context, options.session, answer);
  const std::string lock = TRY(lock_of(context));
  const auto check = [&](const deliver::DotenvReport& report) { return check_keys(context, options, report); };
  const auto written = TRY(deliver::set_in_dotenv_file(options.file, lock, answer.credentials,
                                                       {answer.profile, answer.region}, check, context.clock()));
  remember_use(context, options.session);
  say(context, options.file, written);
  if (written.report.names_profile)
    context.output().warn(fmt::format("{} line {} sets AWS_PROFILE, which some SDKs take before the keys",
                                      base::printable(options.file), *written.report.names_profile));
  const auto& expires = answer.credentials.expiration;
  context.output().note(
      fmt::format("the credentials of {} are in clear in {} now{}",
                  base::printable(answer.profile.empty() ? "the environment" : answer.profile, kShownName),
                  base::printable(options.file), expires ? ", until " + base::iso8601(*expires) : ""));
  return 0;
}

}  // namespace

Action declare_dotenv(Arguments& arguments) {
  const auto options = std::make_shared<Options>();  // shared: the action outlives this call
  arguments.positional("FILE", options->file, Presence::required, "the .env file; made where it is missing");
  declare_session(arguments, options->session, Presence::asked);
  arguments.flag("--remove", options->remove, "take the credentials out of FILE");
  arguments.flag("--force", options->force, "lose a long-term key that stands there and is not in kabuto's store");
  return [options](Context& context) -> base::Result<int> {
    if (options->file.empty()) return base::fail(base::ErrorKind::usage, "FILE is empty", "run kabuto help dotenv");
    if (!options->remove) return set(*options, context);
    return remove(*options, context);
  };
}

}  // namespace cli
