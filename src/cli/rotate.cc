// kabuto rotate: replaces a sealed key by a new one at AWS. What happens in which order, and what a run that was cut
// short leaves, is decided in credentials/rotation; here it is asked, told and tied to the real store and AWS.
#include "cli/rotate.h"

#include "aws/client.h"
#include "aws/endpoint.h"
#include "aws/profile.h"
#include "aws/service_error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/key_sessions.h"
#include "credentials/broker.h"
#include "credentials/rotation.h"
#include "credentials/rotation_service.h"
#include "credentials/rotation_store.h"
#include "secret/places.h"
#include "secret/prompt.h"
#include "secret/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace cli {
namespace {

using base::ErrorKind;

constexpr std::size_t kShownName = 100;
constexpr auto kLockName = "/rotate.lock";

struct Options {
  std::vector<std::string> profiles;
  std::optional<std::string> mfa_token;
  bool all = false;
  bool yes = false;
  bool dry_run = false;
};

/// One rotation at a time: two would take each other's new keys for lost ones.
base::Result<base::FileLock> lock(Context& context) {
  const secret::Places* const places = TRY(context.places());
  auto taken = TRY(base::FileLock::try_acquire(places->directory + kLockName));
  if (!taken) return base::fail(ErrorKind::store_locked, "another kabuto rotate is running");
  return std::move(*taken);
}

base::Result<std::vector<std::string>> chosen(const Options& options, const secret::Store& store) {
  if (options.all != options.profiles.empty())
    return base::fail(ErrorKind::usage, "give either profiles or --all", "run kabuto help rotate");
  if (options.mfa_token && (options.all || options.profiles.size() > 1))
    return base::fail(ErrorKind::usage, "a code serves one profile: give --mfa-token with one",
                      "run kabuto help rotate");
  if (!options.all) return options.profiles;
  std::vector<std::string> names;
  std::vector<std::string> seen;  // profiles that share a key are rotated together
  for (const auto& key : store.keys()) {
    if (std::ranges::find(seen, key.access_key_id) != seen.end()) continue;
    seen.push_back(key.access_key_id);
    names.push_back(key.profile);
  }
  if (names.empty()) return base::fail(ErrorKind::not_found, "the store holds no keys", "run kabuto add NAME");
  return names;
}

/// The user's own session where the profile names an MFA device, else nothing: a session without MFA may not call IAM.
base::Result<std::optional<aws::Credentials>> user_session(Context& context, const std::string& profile,
                                                           const RotateWish& wish, const aws::Credentials& key) {
  credentials::Broker* const broker = TRY(context.broker(profile));
  credentials::Request request;
  request.profile = profile;
  request.session = credentials::SessionUse::own_user;
  const auto chain = TRY(broker->explain(request));
  const bool same_key = chain.hops.front().access_key_id == key.access_key_id;
  if (!same_key || chain.hops.back().mfa_serial.value.empty()) return std::nullopt;
  if (wish.mfa_token) request.mfa_code = secret::Bytes::copy_of(*wish.mfa_token);
  auto answer = TRY(broker->get(std::move(request)));
  return std::move(answer.credentials);
}

base::Result<bool> agree(Context& context, const RotateWish& wish, const credentials::RotationAction& action) {
  if (wish.yes) return true;
  auto& prompt = context.prompt();
  if (!prompt.ready())
    return base::fail(
        ErrorKind::refused, "nobody can be asked whether to " + action.text,
        "run kabuto rotate --yes " + base::printable(wish.profile, kShownName) + ", where no program uses that key");
  const auto answer = TRY(prompt.ask_yes_no(
      fmt::format("Really {}? A program that uses it would stop working", action.text), secret::YesNo::no));
  return answer == secret::YesNo::yes;
}

void warn_of_clear_copies(Context& context, const aws::Profiles& profiles, const std::string& old_id) {
  for (const auto name : profiles.names()) {
    const auto profile = profiles.find(name);
    if (!profile || !*profile) continue;
    if (const auto id = (*profile)->get("aws_access_key_id"); id && id->value == old_id)
      context.output().warn(fmt::format("the old key {} also stands in clear in {} and no longer works there", old_id,
                                        base::printable(id->where())));
  }
}

/// All that a rotation of one profile's key works with.
struct Tools {
  const aws::Profiles& profiles;
  credentials::StoreKeyVault vault;
  credentials::IamKeyService service;
};

base::Result<Tools> tools_for(Context& context, const RotateWish& wish) {
  secret::Store* const store = TRY(context.store());
  secret::Unlocker* const unlocker = TRY(context.unlocker());
  const aws::Profiles* const profiles = TRY(context.profiles());
  const auto profile = TRY(profiles->find(wish.profile));
  const aws::SettingSources settings{context.environment(), profiles, profile ? &*profile : nullptr, {}, {}};
  const aws::Endpoint sts = TRY(aws::resolve_endpoint(aws::Service::sts, settings));
  const aws::Endpoint iam = TRY(aws::resolve_endpoint(aws::Service::iam, settings));
  return Tools{*profiles,
               {*store, *unlocker, context.clock()},
               {context.aws_client(settings), sts, iam, [&context, &wish](const aws::Credentials& key) {
                  return user_session(context, wish.profile, wish, key);
                }}};
}

base::Result<RotatedKey> rotate(Context& context, const RotateWish& wish) {
  Tools tools = TRY(tools_for(context, wish));
  const auto facts = TRY(credentials::look_for_rotation(wish.profile, tools.vault, tools.service));
  const auto plan = TRY(credentials::plan_rotation(facts));
  RotatedKey done;
  done.new_id =
      TRY(credentials::apply_rotation(plan, tools.vault, tools.service, context.clock(),
                                      {[&](const auto& action) { return agree(context, wish, action); },
                                       [&](const auto& action) { context.debug(base::printable(action.text)); }}));
  done.old_id = plan.old_key_id;
  done.profiles = plan.profiles;
  for (const auto& changed : plan.profiles) done.sessions += TRY(forget_sessions_of_key(context, changed));
  warn_of_clear_copies(context, tools.profiles, plan.old_key_id);
  return done;
}

base::Result<void> show_plan(Context& context, const RotateWish& wish) {
  Tools tools = TRY(tools_for(context, wish));
  const auto facts = TRY(credentials::look_for_rotation(wish.profile, tools.vault, tools.service));
  const auto plan = TRY(credentials::plan_rotation(facts));
  std::string text;
  for (const auto& action : plan.actions) text += base::printable(action.text) + "\n";
  return context.output().answer(text);
}

base::Result<void> rotate_one(Context& context, const Options& options, const std::string& name) {
  const RotateWish wish{name, options.mfa_token, options.yes};
  if (options.dry_run) return show_plan(context, wish);
  const auto done = TRY(rotate(context, wish));
  context.output().note(
      fmt::format("{}: {} replaces {}, which is deleted", base::printable(name, kShownName), done.new_id, done.old_id));
  for (const auto& other : done.profiles)
    if (other != name)
      context.output().note(fmt::format("{} shared the key and got the new one", base::printable(other, kShownName)));
  return {};
}

base::Result<int> rotate_each(Context& context, const Options& options) {
  const secret::Store* const store = TRY(context.store());
  const auto names = TRY(chosen(options, *store));
  const auto held = TRY(lock(context));
  int code = 0;
  for (const auto& name : names) {
    auto done = rotate_one(context, options, name);
    if (done) continue;
    auto error = aws::naming(std::move(done).error(), {name, name, name});
    if (names.size() == 1) return std::unexpected(std::move(error));
    error = base::with_context(std::move(error), base::printable(name, kShownName));
    // The others are rotated all the same; the first failure is the exit code.
    context.output().error(error);
    if (code == 0) code = base::exit_code(error.kind);
  }
  return code;
}

}  // namespace

base::Result<RotatedKey> rotate_key(Context& context, const RotateWish& wish) {
  const auto held = TRY(lock(context));
  return rotate(context, wish);
}

Action declare_rotate(Arguments& arguments) {
  const auto options = std::make_shared<Options>();  // shared: the action outlives this call
  arguments.positionals("PROFILE", options->profiles, Presence::optional, "whose keys");
  arguments.flag("--all", options->all, "every sealed key");
  arguments.flag("-y,--yes", options->yes, "delete a second key that is in the way without asking");
  arguments.flag("--dry-run", options->dry_run, "say what would be done; only read");
  arguments.option("-t,--mfa-token", "CODE", options->mfa_token, "the MFA code, where one is needed");
  return [options](Context& context) { return rotate_each(context, *options); };
}

}  // namespace cli
