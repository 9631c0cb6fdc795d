// kabuto export, kabuto process: credentials as text on standard output. deliver/ writes them; they never pass through
// the answers of cli/output.
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/print_credentials.h"
#include "credentials/sdk_ttl.h"
#include "deliver/write_out.h"

#include <memory>

namespace cli {
namespace {

constexpr int kStandardOutput = 1;

struct Options {
  SessionOptions session;
  std::string format = "env";
};

base::Result<deliver::Format> format_of(const std::string& name) {
  if (const auto format = deliver::format_named(name)) return *format;
  std::vector<std::string> names;
  for (const auto known : deliver::format_names()) names.emplace_back(known);
  return base::fail(base::ErrorKind::usage, "no format named " + base::printable(name, 40),
                    "use --format " + base::join(names, ", "));
}

}  // namespace

base::Result<void> print_credentials(Context& context, SessionOptions& options, const PrintWish& wish) {
  auto request = TRY(request_of(context, options, wish.min_ttl, wish.sign_in));
  const auto answer = TRY(fetch(context, std::move(request)));
  tell_agent(context, options, answer);
  const auto text = TRY(deliver::text_of(wish.format, answer.credentials, {answer.profile, answer.region}));
  return deliver::write_out(kStandardOutput, text);
}

Action declare_export(Arguments& arguments) {
  const auto options = std::make_shared<Options>();  // shared: the action outlives this call
  declare_session(arguments, options->session, Presence::asked);
  arguments.option("-f,--format", "FORMAT", options->format,
                   "env (default), env-no-export, fish, powershell, cmd, json, process, ini, dotenv");
  return [options](Context& context) -> base::Result<int> {
    const auto format = TRY(format_of(options->format));
    TRY(choose_missing_profile(context, options->session, "export"));
    TRY(print_credentials(context, options->session, {kMinTtl, format, sign_in_use(context)}));
    remember_use(context, options->session);
    return 0;
  };
}

Action declare_process(Arguments& arguments) {
  const auto options = std::make_shared<SessionOptions>();
  declare_session(arguments, *options, Presence::optional);
  // An SDK asked, perhaps far from any person: no window, whatever terminal it may have.
  return [options](Context& context) -> base::Result<int> {
    TRY(print_credentials(context, *options,
                          {credentials::kSdkMinTtl, deliver::Format::process, credentials::SignInUse::never}));
    return 0;
  };
}

}  // namespace cli
