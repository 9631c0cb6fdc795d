// kabuto use, kabuto off: they change the variables of the shell that is open, which only the shell can do. So this
// file answers the shell's hook (hook_scripts.h), which says by KABUTO_HOOK that it reads what we print.
#include "base/shell_word.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/hook_scripts.h"
#include "cli/session_options.h"
#include "credentials/broker.h"
#include "deliver/shell_text.h"
#include "deliver/write_out.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace cli {
namespace {

constexpr int kStandardOutput = 1;
constexpr int kStandardError = 2;
constexpr std::size_t kShownName = 100;
// A renewal holds the prompt up.
constexpr base::Duration kPatience = std::chrono::seconds{5};
constexpr base::Duration kShortestPause = std::chrono::seconds{30};

/// Errors: usage, where no hook reads the answer.
base::Result<void> check_hook(Context& context, std::string_view command) {
  if (context.environment().get_nonempty("KABUTO_HOOK") && isatty(kStandardOutput) == 0) return {};
  return base::fail(
      base::ErrorKind::usage,
      "this shell does not have kabuto's hook, without which " + std::string(command) + " cannot change its variables",
      hook_line(context.environment()));
}

/// When the hook shall ask again: below what exec hands out, and for what is shorter than that in the middle of the
/// rest.
std::optional<base::Instant> due(const credentials::Answer& answer, base::Instant now) {
  const auto& expires = answer.credentials.expiration;
  if (!expires) return std::nullopt;
  const base::Instant usual = *expires - kMinTtl + std::chrono::seconds{1};
  if (usual > now) return usual;
  return now + std::max<base::Duration>((*expires - now) / 2, kShortestPause);
}

base::Result<void> hand_over(Context& context, const SessionOptions& options, deliver::ShellTurn turn,
                             const credentials::Answer& answer) {
  tell_agent(context, options, answer);
  const auto& parent = context.environment();
  const auto child = TRY(deliver::child_environment(parent, answer.credentials, {answer.profile, answer.region}));
  const deliver::ShellOrder order{turn, words_of(options), due(answer, context.clock().now())};
  const auto text = TRY(deliver::shell_text(parent, child, order));
  return deliver::write_out(kStandardOutput, text);
}

/// What a person types for the same.
std::string typed(const SessionOptions& options) {
  std::string out = "kabuto use";
  for (const auto& word : words_of(options))
    if (word != "--") out += " " + base::shell_word(word);
  return out;
}

base::Result<void> fetch_anew(Context& context, SessionOptions& options) {
  auto request = TRY(request_of(context, options, kMinTtl, credentials::SignInUse::never));
  credentials::Broker* const broker = TRY(context.broker(request.profile));
  const auto answer = TRY(broker->get(std::move(request)));
  // An old session with a warning is the one that the shell has: it could not be renewed.
  if (!answer.is_new && !answer.warnings.empty())
    return base::fail(base::ErrorKind::unreachable, answer.warnings.front());
  return hand_over(context, options, deliver::ShellTurn::renewal, answer);
}

/// One line: it stands above somebody's prompt, who has not asked for it.
base::Result<int> renew(Context& context, SessionOptions& options) {
  context.ask_nobody();
  context.hurry(kPatience);
  const auto done = fetch_anew(context, options);
  if (done) return 0;
  const std::string whose = options.profile.empty() ? "this shell" : base::printable(options.profile, kShownName);
  context.output().warn("the credentials of " + whose + " are not renewed: " + done.error().what +
                        "; type: " + typed(options));
  return base::exit_code(done.error().kind);
}

void say_what_is_on(const credentials::Answer& answer, Context& context) {
  if (isatty(kStandardError) == 0) return;
  std::string line = base::printable(answer.profile, kShownName) + " is on";
  if (!answer.region.empty()) line += " in " + base::printable(answer.region, kShownName);
  if (const auto& expires = answer.credentials.expiration)
    line += ", " + base::human_duration(*expires - context.clock().now()) + " left";
  context.output().note(line + "; kabuto off takes it off");
}

base::Result<int> use(Context& context, SessionOptions& options) {
  TRY(check_hook(context, "use"));
  // The shell waits for what we print: whoever stops us stops the shell, and nobody could let us go on.
  signal(SIGTSTP, SIG_IGN);
  TRY(choose_missing_profile(context, options, "use"));
  auto request = TRY(request_of(context, options, kMinTtl, sign_in_use(context)));
  const auto answer = TRY(fetch(context, std::move(request)));
  TRY(hand_over(context, options, deliver::ShellTurn::use, answer));
  remember_use(context, options);
  say_what_is_on(answer, context);
  return 0;
}

base::Result<int> off(Context& context) {
  TRY(check_hook(context, "off"));
  const auto text = deliver::shell_text_without_role(context.environment());
  if (!text) {
    context.output().note("nothing is on");
    return 0;
  }
  context.output().note("this shell began with the role; what was there before it is not known here");
  TRY(context.output().answer(*text));
  return 0;
}

}  // namespace

Action declare_use(Arguments& arguments) {
  const auto options = std::make_shared<SessionOptions>();  // shared: the action outlives this call
  declare_session(arguments, *options, Presence::asked);
  return [options](Context& context) { return use(context, *options); };
}

Action declare_renew_for_hook(Arguments& arguments) {
  const auto options = std::make_shared<SessionOptions>();
  declare_session(arguments, *options, Presence::optional);
  return [options](Context& context) -> base::Result<int> {
    if (isatty(kStandardOutput) != 0)
      return base::fail(base::ErrorKind::usage, "this command is not for people", "run kabuto use");
    return renew(context, *options);
  };
}

Action declare_off(Arguments&) {
  return [](Context& context) { return off(context); };
}

}  // namespace cli
