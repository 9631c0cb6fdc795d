// The federation endpoint: getSigninToken takes a session's credentials for a sign-in token, login takes the token for
// the browser's session and sends it to the console. Says 400 and a page whatever is wrong, as AWS does.
#include "base/text.h"
#include "console.h"
#include "crypto.h"
#include "oidc.h"
#include "page.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace sim {
namespace {

using nlohmann::json;

constexpr std::int64_t kShortest = 900;
constexpr std::int64_t kLongest = 43'200;
constexpr auto kTokenLife = std::chrono::minutes(15);
constexpr std::size_t kTokenLength = 200;
constexpr std::size_t kBrowserLength = 32;
constexpr std::string_view kUrlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr RestService kSignin{
    .name = "signin", .refuse = refuse_with_page, .throttled_status = 400, .throttled_code = "Throttling"};

std::unexpected<AwsError> bad_request(std::string why) { return refuse(400, "BadRequest", std::move(why)); }

/// The session whose credentials stand in the parameter Session.
Checked<Session*> session_of(const World& world, const Parameters& form) {
  const json given = json::parse(form.get_or("Session", ""), nullptr, false);
  const auto text = [&](const char* name) {
    const auto found = given.is_object() ? given.find(name) : given.end();
    return found != given.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const auto found = world.state.sessions.find(text("sessionId"));
  if (found == world.state.sessions.end()) return bad_request("The session is not one of temporary credentials");
  Session& session = *found->second;
  const bool right = equal_constant_time(text("sessionKey"), session.secret) &&
                     equal_constant_time(text("sessionToken"), session.token);
  if (world.checks.on("signin-credentials") && (!right || session.expires <= world.now()))
    return bad_request("The credentials are wrong, or have expired");
  const bool kind = session.role != nullptr || session.federated;
  if (world.checks.on("signin-kind") && !kind)
    return bad_request("Only a role's session or a federated user may sign in");
  return &session;
}

/// When a console session that begins now ends.
Checked<base::Instant> end_of(const World& world, const Session& session, const Parameters& form) {
  const std::optional<std::string> asked = form.get("SessionDuration");
  if (!asked) return session.expires;
  const std::optional<std::int64_t> seconds = base::parse_integer(*asked);
  if (!seconds || *seconds < 0) return bad_request("SessionDuration is no number");
  if (world.checks.on("signin-duration")) {
    if (*seconds < kShortest || *seconds > kLongest) return bad_request("SessionDuration must be 900 to 43200");
    if (session.role == nullptr) return bad_request("SessionDuration cannot be given for a federated user");
    if (*seconds > session.role->max_session_seconds)
      return bad_request("SessionDuration is longer than the role's MaxSessionDuration");
    if (session.chained) return bad_request("SessionDuration cannot be given for a role that another role assumed");
  }
  return std::chrono::floor<std::chrono::seconds>(world.now()) + std::chrono::seconds(*seconds);
}

Checked<Reply> get_signin_token(RestCall& call) {
  World& world = call.world;
  const Parameters form = parameters_of(call.request);
  if (const auto seconds = form.get("SessionDuration"))
    call.record.parameters = Parameters(Pairs{{"SessionDuration", *seconds}});
  const Checked<Session*> session = session_of(world, form);
  if (!session) return std::unexpected(session.error());
  const Caller caller{.user = (*session)->user, .key = nullptr, .session = *session};
  call.record.principal = caller.arn();
  call.record.key_id = (*session)->key_id;
  call.record.credentials = caller.is_role() ? "role-session" : "federated-user";
  const Checked<base::Instant> ends = end_of(world, **session, form);
  if (!ends) return std::unexpected(ends.error());
  call.record.notes.duration_seconds =
      std::chrono::duration_cast<std::chrono::seconds>(*ends - std::chrono::floor<std::chrono::seconds>(world.now()))
          .count();
  auto& tokens = world.state.consoles.tokens;
  std::erase_if(tokens, [&](const auto& entry) { return entry.second.expires + kTokenLife < world.now(); });
  const std::string token = random_text(kTokenLength, kUrlSafe);
  tokens[token] = {.identity = {.account = caller.account(),
                                .arn = caller.arn(),
                                .role = caller.is_role() ? (*session)->role->name : "",
                                .session_name = (*session)->name,
                                .ends = *ends},
                   .expires = world.now() + kTokenLife};
  return json_reply({{"SigninToken", token}});
}

/// https and a host of the console; of the partition whose sign-in host was asked, where it was a real one.
bool is_console_url(std::string_view url, std::string_view signin_host) {
  constexpr std::string_view scheme = "https://";
  constexpr std::string_view console = "console";
  if (!url.starts_with(scheme)) return false;
  url.remove_prefix(scheme.size());
  std::string_view host = url.substr(0, url.find_first_of("/?#"));
  const std::string_view own = page_domain_of(signin_host);
  const std::string_view domain = page_domain_of(host);
  if (domain.empty() || (!own.empty() && own != domain)) return false;
  const bool plain = std::ranges::all_of(
      host, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; });
  if (!plain || host.size() <= domain.size()) return false;
  host.remove_suffix(domain.size() + 1);
  return host == console || host.ends_with("." + std::string(console));
}

Checked<SigninToken*> token_of(World& world, const Parameters& query) {
  const auto found = world.state.consoles.tokens.find(query.get_or("SigninToken", ""));
  if (found == world.state.consoles.tokens.end()) return bad_request("The sign-in token is not valid");
  if (world.checks.on("signin-token-expiry") && found->second.expires <= world.now())
    return bad_request("The sign-in token has expired");
  if (world.checks.on("signin-token-once") && found->second.used)
    return bad_request("The sign-in token has been used already");
  return &found->second;
}

Checked<Reply> login(RestCall& call) {
  World& world = call.world;
  const Parameters query = parameters_of(call.request);
  const std::string destination = query.get_or("Destination", "");
  call.record.parameters = Parameters(Pairs{{"Issuer", query.get_or("Issuer", "")}, {"Destination", destination}});
  if (!query.get("Issuer")) return bad_request("Issuer is missing");
  if (world.checks.on("signin-destination") && !is_console_url(destination, call.record.host))
    return bad_request("The destination is no page of the console");
  const Checked<SigninToken*> token = token_of(world, query);
  if (!token) return std::unexpected(token.error());
  (*token)->used = true;
  const ConsoleIdentity& identity = (*token)->identity;
  call.record.principal = identity.arn;
  if (identity.ends <= world.now()) return bad_request("The session has ended");
  std::string browser = browser_of(call.request);
  if (!world.state.consoles.browsers.contains(browser)) browser = random_text(kBrowserLength, kUrlSafe);
  add_console_session(world, browser, identity);
  const bool real = !page_domain_of(call.record.host).empty();
  return Reply{
      .status = 302,
      .headers = {{"Location", real ? destination : "/console?destination=" + base::percent_encode(destination)},
                  {"Set-Cookie", browser_cookie(browser, call.record.host)},
                  {"Cache-Control", "no-store"},
                  {"Referrer-Policy", "no-referrer"},
                  {"Content-Type", "text/plain"}},
      .body = ""};
}

Checked<Reply> no_such_action(RestCall& /*call*/) { return bad_request("Action must be getSigninToken or login"); }

constexpr std::array kRoutes{
    RestRoute{&kSignin, "GET", "/federation", "getSigninToken", get_signin_token, "getSigninToken"},
    RestRoute{&kSignin, "POST", "/federation", "getSigninToken", get_signin_token, "getSigninToken"},
    RestRoute{&kSignin, "GET", "/federation", "login", login, "login"},
    RestRoute{&kSignin, "POST", "/federation", "login", login, "login"},
    RestRoute{&kSignin, "GET", "/federation", "federation", no_such_action},
    RestRoute{&kSignin, "POST", "/federation", "federation", no_such_action},
};

}  // namespace

std::span<const RestRoute> federation_routes() { return kRoutes; }

}  // namespace sim
