// kabuto login: signs in to Identity Center, once in the morning, through a browser or by a code for another device.
#include "aws/profile.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/make_store.h"
#include "cli/sso_names.h"
#include "credentials/sign_in.h"

#include <algorithm>
#include <memory>

namespace cli {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::size_t kShown = 100;

struct Options {
  std::string session;
  bool device = false;
  std::optional<std::string> browser;
  bool share = false;
  bool trust_endpoint = false;
  SlotWords slot;
};

base::Result<credentials::SsoSession> session_of(Context& context, const Options& options) {
  if (!options.session.empty()) return session_meant(context, options.session);
  const aws::Profiles* const profiles = TRY(context.profiles());
  auto sessions = credentials::all_sso_sessions(*profiles);
  // Portals of profiles of the old form are asked about only where there is nothing newer.
  if (std::ranges::any_of(sessions, [](const auto& session) { return !session.name.empty(); }))
    std::erase_if(sessions, [](const auto& session) { return session.name.empty(); });
  if (sessions.empty())
    return fail(ErrorKind::not_found,
                "no sso-session in " + base::printable(aws::locations(context.environment()).config),
                "write [sso-session NAME] there, with sso_start_url and sso_region");
  return choose_session(context, sessions, "login");
}

base::Result<int> login(Context& context, const Options& options) {
  if (options.device && options.browser)
    return fail(ErrorKind::usage, "--device and --browser are two ways to sign in: give one", "run kabuto help login");
  const auto session = TRY(session_of(context, options));
  credentials::SignIns* const sign_ins = TRY(context.sign_ins(options.browser.value_or("")));
  TRY(store_or_offer(context, options.slot));
  credentials::SignInOptions how;
  if (options.device) how.way = credentials::SignInOptions::Way::device;
  if (options.browser) how.way = credentials::SignInOptions::Way::browser;
  how.share = options.share;
  how.trust_endpoints = options.trust_endpoint;
  const auto status = TRY(sign_ins->sign_in(session, how));
  const auto left = credentials::time_left(status, context.clock());
  context.output().note("signed in to " + base::printable(status.id, kShown) + ", good for " +
                        base::human_duration(left) + (status.renewable ? " and renewed by itself after that" : ""));
  if (status.shared)
    context.output().warn("the access token also lies in clear in the AWS CLI's cache, until kabuto logout");
  return 0;
}

}  // namespace

Action declare_login(Arguments& arguments) {
  const auto options = std::make_shared<Options>();  // shared: the action outlives this call
  arguments.positional("SESSION", options->session, Presence::optional,
                       "an sso-session, or a profile that gets its credentials from one");
  arguments.flag("--device", options->device, "by a code that is typed on any device");
  arguments.option("--browser", "NAME", options->browser, "the browser that opens, by name or path");
  arguments.flag("--share", options->share, "also write the AWS CLI's cache file, in clear, for tools that want it");
  arguments.flag("--trust-endpoint", options->trust_endpoint, "send the tokens to a configured URL that is not AWS's");
  declare_slot_options(arguments, options->slot);
  return [options](Context& context) { return login(context, *options); };
}

}  // namespace cli
