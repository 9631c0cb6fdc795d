// kabuto whoami: who AWS says a profile's credentials are, and how long they last.
#include "aws/client.h"
#include "aws/endpoint.h"
#include "aws/profile.h"
#include "aws/service_error.h"
#include "aws/sts.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/session_options.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace cli {
namespace {

struct Options {
  SessionOptions session;
  bool json = false;
};

struct Identity {
  aws::CallerIdentity caller;
  std::string profile;
  std::string region;
  std::string access_key_id;
  std::optional<base::Instant> expires;
  base::Duration left{0};
};

base::Result<Identity> identify(Context& context, SessionOptions& options) {
  auto request = TRY(request_of(context, options, kMinTtl, sign_in_use(context)));
  const std::string asked = request.profile;
  auto answer = TRY(fetch(context, std::move(request)));
  const auto& environment = context.environment_for(asked);
  const aws::Profiles* const profiles = TRY(context.profiles());
  const auto profile = answer.profile.empty() ? std::nullopt : TRY(profiles->find(answer.profile));
  const aws::SettingSources settings{environment, profiles, profile ? &*profile : nullptr, answer.region, {}};
  const aws::Endpoint endpoint = TRY(aws::resolve_endpoint(aws::Service::sts, settings));
  aws::Client& client = context.aws_client(settings);
  aws::Sts sts(client, endpoint);
  Identity identity;
  auto caller = sts.get_caller_identity(answer.credentials);
  if (!caller)
    return std::unexpected(aws::naming(std::move(caller).error(), {answer.profile, answer.profile, answer.profile}));
  remember_use(context, options);
  tell_agent(context, options, answer);
  identity.caller = std::move(*caller);
  identity.profile = answer.profile;
  identity.region = answer.region;
  identity.access_key_id = answer.credentials.access_key_id;
  identity.expires = answer.credentials.expiration;
  // The expiry is in AWS's time, and so is what is left.
  if (identity.expires) identity.left = *identity.expires - client.server_now();
  return identity;
}

std::string text_of(const Identity& identity) {
  const auto line = [](std::string_view name, const std::string& value) {
    return fmt::format("{:<10} {}\n", name, base::printable(value.empty() ? "-" : value));
  };
  return line("account", identity.caller.account) + line("arn", identity.caller.arn) +
         line("user id", identity.caller.user_id) + line("key", identity.access_key_id) +
         line("region", identity.region) +
         line("expires", identity.expires ? fmt::format("{}, {} left", base::iso8601(*identity.expires),
                                                        base::human_duration(identity.left))
                                          : "never");
}

std::string json_of(const Identity& identity) {
  const auto text = [](const std::string& value) {
    return value.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(value);
  };
  nlohmann::ordered_json out;
  out["profile"] = text(identity.profile);
  out["account"] = text(identity.caller.account);
  out["arn"] = text(identity.caller.arn);
  out["user_id"] = text(identity.caller.user_id);
  out["access_key_id"] = text(identity.access_key_id);
  out["region"] = text(identity.region);
  out["expiration"] = identity.expires ? text(base::iso8601(*identity.expires)) : text({});
  out["seconds_left"] = identity.expires ? nlohmann::ordered_json(identity.left.count() / 1000) : text({});
  return out.dump(2, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

Action declare_whoami(Arguments& arguments) {
  const auto options = std::make_shared<Options>();  // shared: the action outlives this call
  declare_session(arguments, options->session, Presence::optional);
  arguments.flag("--json", options->json, "one JSON object, every field present");
  return [options](Context& context) -> base::Result<int> {
    const Identity identity = TRY(identify(context, options->session));
    TRY(context.output().answer(options->json ? json_of(identity) : text_of(identity)));
    return 0;
  };
}

}  // namespace cli
