#include "cli/console_link.h"

#include "aws/arn.h"
#include "aws/federation.h"
#include "aws/partition.h"
#include "aws/profile.h"
#include "aws/service_error.h"
#include "aws/sts.h"
#include "base/text.h"
#include "cli/context.h"
#include "cli/session_options.h"
#include "credentials/broker.h"
#include "credentials/console_way.h"
#include "credentials/sso_session.h"

#include <algorithm>
#include <utility>

namespace cli {
namespace {

using base::ErrorKind;
using base::fail;
using credentials::Chain;
using credentials::ConsoleWay;
using std::chrono::seconds;

// A federated session may do what both its policy and its user's policies allow: with this one, what the user may do.
constexpr const char* kAllThatTheUserMay =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";
constexpr std::size_t kLongestName = 32;
constexpr std::string_view kRegionOfLast = "us-east-1";

/// Where calls for the profile go, and by whose settings.
struct Desk {
  std::optional<aws::Profile> profile;
  aws::SettingSources settings;
  std::string region;

  static base::Result<Desk> of(Context& context, const Chain& chain, const std::string& region) {
    const aws::Profiles* const profiles = TRY(context.profiles());
    auto profile = chain.profile.empty() ? std::nullopt : TRY(profiles->find(chain.profile));
    return Desk{std::move(profile), {context.environment_for(chain.profile), profiles, nullptr, {}, {}}, region};
  }
  const aws::SettingSources& sources() {
    settings.profile = profile ? &*profile : nullptr;
    settings.region_flag = region;
    return settings;
  }
};

/// Whose console: the profile's region, else the home of the partition that the role's ARN names.
std::string console_region(const Chain& chain, const std::string& region) {
  if (!region.empty()) return region;
  if (!chain.hops.empty())
    if (const auto arn = aws::parse_arn(chain.hops.back().role_arn))
      if (const auto partition = aws::partition_by_id(arn->partition)) return std::string(partition->global_region);
  return std::string(kRegionOfLast);
}

std::string host_of(std::string_view url) {
  const auto begin = url.find("://");
  if (begin == url.npos) return "";
  url.remove_prefix(begin + 3);
  return std::string(url.substr(0, url.find_first_of(":/?#")));
}

/// Two people of one portal: which of them the browser is signed in as, nobody knows.
bool shares_portal(const aws::Profiles& profiles, const credentials::SsoSession& session) {
  return std::ranges::any_of(credentials::all_sso_sessions(profiles), [&](const credentials::SsoSession& other) {
    return other.id() != session.id() && other.start_url == session.start_url;
  });
}

base::Result<bool> takes_shortcut(Context& context, const Chain& chain, ConsoleWay way, const ConsoleWish& wish) {
  if (wish.way == ConsoleWish::Way::federate) return false;
  if (way != ConsoleWay::portal) {
    if (wish.way == ConsoleWish::Way::shortcut)
      return fail(ErrorKind::usage, "a shortcut leads to a role of Identity Center itself, not to what is built on it",
                  "leave --shortcut out");
    return false;
  }
  if (wish.way == ConsoleWish::Way::shortcut) return true;
  const aws::Profiles* const profiles = TRY(context.profiles());
  return !wish.own_window && !shares_portal(*profiles, chain.hops.back().sso->session);
}

base::Result<ConsoleLink> shortcut_link(const Chain& chain, const ConsoleWish& wish) {
  const credentials::SsoRole& role = *chain.hops.back().sso;
  const std::string page = TRY(aws::console_url(console_region(chain, chain.region.value), wish.service, wish.path));
  ConsoleLink link;
  link.url =
      secret::Bytes::copy_of(aws::portal_shortcut(role.session.start_url, role.account_id, role.role_name, page));
  link.hosts = {host_of(role.session.start_url)};
  link.account_id = role.account_id;
  link.who = "role " + role.role_name;
  link.session_id = role.session.id();
  return link;
}

/// The federated user's name: what CloudTrail will say.
std::string federated_name(const std::string& profile) {
  std::string out;
  for (const char c : profile) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (out.size() < kLongestName && (word || std::string_view("_=,.@-").find(c) != std::string_view::npos)) out += c;
  }
  return out.size() < 2 ? "kabuto" : out;
}

base::Error federation_refused(base::Error error) {
  if (error.kind == ErrorKind::denied)
    error.hint = "the user needs sts:GetFederationToken; better: a role, which gives the console without it";
  return error;
}

base::Result<aws::Credentials> federated_user(Context& context, Desk& desk, const Chain& chain,
                                              const aws::Credentials& key, const ConsoleWish& wish) {
  aws::GetFederationTokenRequest call;
  call.name = federated_name(chain.profile);
  if (const auto length = wish.duration ? wish.duration : wish.federated_duration)
    call.duration = std::chrono::duration_cast<seconds>(*length);
  call.policy_arns = wish.policy_arns;
  if (call.policy_arns.empty()) call.policy = kAllThatTheUserMay;
  aws::Sts sts(context.aws_client(desk.sources()), TRY(aws::resolve_endpoint(aws::Service::sts, desk.sources())));
  auto session = sts.get_federation_token(key, call);
  if (!session)
    return std::unexpected(
        federation_refused(aws::naming(std::move(session).error(), {chain.profile, chain.profile, chain.profile})));
  return std::move(session->credentials);
}

/// Whose session it is, where only AWS knows. The console takes those of roles and of GetFederationToken.
base::Result<aws::CallerIdentity> owner_of(Context& context, Desk& desk, const aws::Credentials& session) {
  aws::Sts sts(context.aws_client(desk.sources()), TRY(aws::resolve_endpoint(aws::Service::sts, desk.sources())));
  auto caller = TRY(sts.get_caller_identity(session));
  const auto arn = aws::parse_arn(caller.arn);
  if (arn && (arn->resource.starts_with("assumed-role/") || arn->resource.starts_with("federated-user/")))
    return caller;
  return fail(ErrorKind::refused,
              "the console takes no session of GetSessionToken, and this is one of " +
                  base::printable(arn ? arn->resource : "somebody else", 100),
              "use a profile with a role, or seal the user's own key: run kabuto add PROFILE");
}

std::string role_name_of(const std::string& role_arn) {
  const auto arn = aws::parse_arn(role_arn);
  return arn ? std::string(arn->name()) : role_arn;
}

/// The credentials that the console's sign-in takes, and whose they are.
base::Result<aws::Credentials> session_for_console(Context& context, Desk& desk, const Chain& chain, ConsoleWay way,
                                                   credentials::Answer& answer, const ConsoleWish& wish,
                                                   ConsoleLink& link) {
  const auto& given = answer.credentials;
  if (way == ConsoleWay::long_term_key && given.session_token.empty()) {
    auto session = TRY(federated_user(context, desk, chain, given, wish));
    link.who = "the user of profile " + base::printable(chain.profile.empty() ? "(environment)" : chain.profile, 100);
    return session;
  }
  auto session = given.clone();
  if (way == ConsoleWay::role) {
    link.who = "role " + role_name_of(chain.hops.back().role_arn);
  } else if (way == ConsoleWay::portal) {
    link.who = "role " + chain.hops.back().sso->role_name;
    link.session_id = chain.hops.back().sso->session.id();
    session.account_id = chain.hops.back().sso->account_id;
  } else {
    const auto caller = TRY(owner_of(context, desk, given));
    session.account_id = caller.account;
    link.who = base::printable(caller.arn, 200);
  }
  return session;
}

base::Result<ConsoleLink> federated_link(Context& context, credentials::Request request, const Chain& chain,
                                         const credentials::ConsolePlan& plan, const ConsoleWish& wish) {
  // Refused before anybody is asked for a code.
  const std::string page = TRY(aws::console_url(console_region(chain, chain.region.value), wish.service, wish.path));
  auto answer = TRY(fetch(context, std::move(request)));
  Desk desk = TRY(Desk::of(context, chain, console_region(chain, answer.region)));
  ConsoleLink link;
  const auto session = TRY(session_for_console(context, desk, chain, plan.way, answer, wish, link));
  const aws::Endpoint endpoint = TRY(aws::federation_endpoint(desk.sources(), desk.region));
  aws::Client& client = context.aws_client(desk.sources());
  std::optional<seconds> length;
  if (wish.duration && plan.way == ConsoleWay::role) length = std::chrono::duration_cast<seconds>(*wish.duration);
  auto token = aws::signin_token(client, endpoint, session, length);
  if (!token)
    return std::unexpected(aws::naming(std::move(token).error(), {chain.profile, chain.profile, chain.profile}));
  link.url = aws::login_url(endpoint, *token, page, wish.issuer);
  link.signs_in = true;
  link.hosts = {host_of(endpoint.url)};
  if (wish.signs_out_first) link.url = aws::logout_url(endpoint, link.url);
  link.account_id = session.account_id;
  link.ends = length ? std::optional(client.server_now() + *length) : session.expiration;
  return link;
}

}  // namespace

base::Result<ConsoleLink> console_link(Context& context, credentials::Request request, const ConsoleWish& wish) {
  credentials::Broker* const broker = TRY(context.broker(request.profile));
  const std::string asked_for = request.profile;
  const auto planned = [&]() -> base::Result<Chain> {
    auto chain = broker->explain(request);
    if (!chain) return std::unexpected(with_closest_name(std::move(chain).error(), asked_for, context));
    return chain;
  };
  Chain chain = TRY(planned());
  auto plan = credentials::console_plan(chain);
  if (plan.way == ConsoleWay::user_session) {
    if (!chain.hops.back().mfa_serial.value.empty())
      context.output().warn(
          "GetFederationToken takes no MFA code: what your policies allow only with MFA is denied there");
    request.session = credentials::SessionUse::none;
    chain = TRY(planned());
    plan = credentials::console_plan(chain);
  }
  if (wish.duration && !plan.fixed_length.empty())
    return fail(ErrorKind::usage, "--duration: " + plan.fixed_length, plan.hint);
  if (!wish.policy_arns.empty() && plan.way != ConsoleWay::long_term_key)
    return fail(ErrorKind::usage, "--policy-arn is for a user's own key; a role's session has its own policies",
                "leave --policy-arn out");
  if (TRY(takes_shortcut(context, chain, plan.way, wish))) return shortcut_link(chain, wish);
  return federated_link(context, std::move(request), chain, plan, wish);
}

}  // namespace cli
