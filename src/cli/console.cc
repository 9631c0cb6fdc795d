// kabuto console: AWS's web console as a profile. It makes a link that signs in, and opens, prints or copies it. It
// never signs anybody out: other console sessions of the browser stay.
#include "cli/console.h"

#include "aws/profile.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/console_window.h"
#include "cli/context.h"
#include "deliver/browser.h"
#include "deliver/clipboard.h"
#include "deliver/write_out.h"

#include <memory>

namespace cli {
namespace {

using base::ErrorKind;
using base::fail;

constexpr int kStandardOutput = 1;

struct Options {
  SessionOptions session;
  std::string service, path, browser;
  std::vector<std::string> policy_arns;
  bool print = false, copy = false;
  bool container = false, no_container = false;
  bool federate = false, shortcut = false;
};

base::Result<void> check(const Options& options) {
  const auto both = [](bool a, bool b, const char* names) -> base::Result<void> {
    if (a && b) return fail(ErrorKind::usage, std::string(names) + " exclude each other", "run kabuto help console");
    return {};
  };
  TRY(both(!options.service.empty(), !options.path.empty(), "--service and --path"));
  TRY(both(options.print, options.copy, "--print and --copy"));
  TRY(both(options.container, options.no_container, "--container and --no-container"));
  TRY(both(options.federate, options.shortcut, "--federate and --shortcut"));
  const bool no_window = options.print || options.copy;
  TRY(both(no_window, options.container || !options.browser.empty(),
           "--print or --copy, and --browser or --container"));
  return {};
}

std::string said_of(const ConsoleLink& link, base::Instant now) {
  std::string text = "console of " + (link.account_id.empty() ? "the account" : link.account_id) + " as " +
                     base::printable(link.who, 200);
  if (link.ends) text += ", for " + base::human_duration(*link.ends - now);
  return text;
}

base::Result<void> print(const ConsoleLink& link) {
  return deliver::write_out(kStandardOutput, secret::Bytes::concatenated(link.url, secret::Bytes::copy_of("\n")));
}

base::Result<void> copy(Context& context, const ConsoleLink& link) {
  const std::string taker = TRY(deliver::copy_to_clipboard(link.url, context.environment(), context.clock()));
  context.output().note(said_of(link, context.clock().now()) + ": the link is in the clipboard (" + taker + ")" +
                        (link.signs_in ? "; for 15m it signs in whoever opens it" : ""));
  return {};
}

base::Result<void> open(Context& context, const ConsoleLink& link, const deliver::BrowserChoice& choice) {
  const auto& environment = context.environment();
  const bool named = !choice.browser.empty() || environment.get_nonempty("BROWSER").has_value();
  const std::string elsewhere = "add --print, and open the link where there is a browser";
  if (!named && !deliver::has_browser(environment))
    return fail(ErrorKind::not_found, "no browser can be shown here", elsewhere);
  if (auto opened = deliver::open_browser(link.url, link.hosts, choice, environment); !opened) {
    auto error = std::move(opened).error();
    if (error.hint.empty() && error.kind != ErrorKind::refused) error.hint = elsewhere;
    return std::unexpected(std::move(error));
  }
  context.output().note(said_of(link, context.clock().now()));
  return {};
}

base::Result<int> perform(Options& options, Context& context) {
  TRY(check(options));
  TRY(choose_missing_profile(context, options.session, "console"));
  auto request = TRY(request_of(context, options.session, kConsoleMinTtl, sign_in_use(context)));
  OpenConsole how;
  how.wish.service = options.service;
  how.wish.path = options.path;
  how.wish.duration = std::exchange(request.duration, std::nullopt);
  how.wish.policy_arns = options.policy_arns;
  if (options.federate) how.wish.way = ConsoleWish::Way::federate;
  if (options.shortcut) how.wish.way = ConsoleWish::Way::shortcut;
  const bool no_window = options.print || options.copy || options.no_container;
  how.wish.own_window = !no_window && TRY(wants_container(context, request.profile, options.container));
  if (options.print) how.to = OpenConsole::To::standard_output;
  if (options.copy) how.to = OpenConsole::To::clipboard;
  how.browser = options.browser;
  TRY(open_console(context, std::move(request), how));
  remember_use(context, options.session);
  return 0;
}

}  // namespace

base::Result<void> open_console(Context& context, credentials::Request request, const OpenConsole& how) {
  const std::string profile = request.profile;
  const ConsoleLink link = TRY(console_link(context, std::move(request), how.wish));
  if (how.to == OpenConsole::To::standard_output) return print(link);
  if (how.to == OpenConsole::To::clipboard) return copy(context, link);
  deliver::BrowserChoice choice;
  if (how.wish.own_window) choice = TRY(window_of_account(context, profile, link));
  choice.browser = how.browser;
  return open(context, link, choice);
}

Action declare_console(Arguments& arguments) {
  const auto options = std::make_shared<Options>();  // shared: the action outlives this call
  declare_session(arguments, options->session, Presence::asked);
  arguments.option("-s,--service", "NAME", options->service, "open this service's page: s3, ec2, cloudwatch");
  arguments.option("--path", "/PATH", options->path, "open this page: /cloudwatch/home#dashboards");
  arguments.flag("--print", options->print, "print the link and open nothing");
  arguments.flag("--copy", options->copy, "put the link into the clipboard and open nothing");
  arguments.option("--browser", "PROGRAM", options->browser, "the browser to start");
  arguments.flag("--container", options->container, "a Firefox container or Chrome profile of the account's own");
  arguments.flag("--no-container", options->no_container, "the browser's common window, whatever the profile says");
  arguments.flag("--federate", options->federate, "sign in by federation, also with Identity Center");
  arguments.flag("--shortcut", options->shortcut, "go by Identity Center's portal, without credentials");
  arguments.option("--policy-arn", "ARN", options->policy_arns,
                   "for a user's own key: allow only what this allows too");
  return [options](Context& context) { return perform(*options, context); };
}

}  // namespace cli
