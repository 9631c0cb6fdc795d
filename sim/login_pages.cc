// The authorization endpoint of `aws login`: an IAM user signs in with the console's password and an MFA code. A code
// for the program follows: by redirect, or, for another device, on a page to copy it from.
#include "authorization.h"
#include "base/text.h"
#include "crypto.h"
#include "login.h"
#include "mfa.h"
#include "page.h"
#include "sign_in_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sim {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kVisitLength = 43;
constexpr std::size_t kCodeLength = 300;
constexpr std::size_t kChallengeLength = 43;
constexpr auto kLongestVisit = std::chrono::minutes(10);
constexpr auto kCodeLife = std::chrono::minutes(10);
constexpr std::string_view kPage = "/v1/authorize";
constexpr std::string_view kConfirmation = "/v1/sessions/confirmation";

std::unexpected<AwsError> bad_request(std::string why) { return refuse(400, "InvalidRequest", std::move(why)); }

/// On this machine http://127.0.0.1:PORT/oauth/callback; for another the page that shows the code.
bool is_good_redirect(const RestCall& call, const LoginRequest& request) {
  if (request.client_id == kCrossDevice) return request.redirect_uri == login_base(call) + std::string(kConfirmation);
  constexpr std::string_view loopback = "http://127.0.0.1:";
  constexpr std::string_view path = "/oauth/callback";
  if (!request.redirect_uri.starts_with(loopback) || !request.redirect_uri.ends_with(path)) return false;
  const std::string_view port = std::string_view(request.redirect_uri).substr(loopback.size());
  const std::optional<std::int64_t> number = base::parse_integer(port.substr(0, port.size() - path.size()));
  return number && *number > 0 && *number <= 65'535;
}

Reply redirect(const LoginRequest& request, const std::string& parameters) {
  const std::string target = request.redirect_uri + "?" + parameters + "&state=" + base::percent_encode(request.state);
  return {.status = 302,
          .headers = {{"Location", target}, {"Cache-Control", "no-store"}, {"Content-Type", "text/plain"}},
          .body = ""};
}

Reply form(const std::string& visit_id, const LoginVisit& visit, const FormProblem& problem) {
  const bool wants_code = visit.user != nullptr;
  const std::string_view fields =
      wants_code ? "<label>MFA code<input name=\"code\" inputmode=\"numeric\" autocomplete=\"one-time-code\" required "
                   "autofocus></label>\n"
                 : "<label>IAM user (or ACCOUNT/USER)<input name=\"username\" autocomplete=\"username\" required "
                   "autofocus></label>\n"
                   "<label>Password<input name=\"password\" type=\"password\" autocomplete=\"current-password\" "
                   "required></label>\n";
  const std::string asks =
      visit.request.client_id == kCrossDevice ? "A program on another device" : "A program on this device";
  return page_reply(
      {.status = 200,
       .title = wants_code ? "Additional verification" : "Sign in as IAM user",
       .body = "<p>" + asks + " asks for credentials of yours.</p>\n" + problem_of(problem) +
               form_of(kPage, visit_id, "<input type=\"hidden\" name=\"people\" value=\"iam\">\n" + std::string(fields),
                       "Sign in", "Cancel"),
       .form_targets = form_target_of(visit.request.redirect_uri)});
}

Checked<Reply> open_page(RestCall& call) {
  World& world = call.world;
  const Parameters query(parse_query(call.request.query(), PlusSign::is_space));
  LoginRequest request{.client_id = query.get_or("client_id", ""),
                       .redirect_uri = query.get_or("redirect_uri", ""),
                       .state = query.get_or("state", ""),
                       .challenge = query.get_or("code_challenge", "")};
  call.record.parameters = Parameters({{"clientId", request.client_id}, {"redirect_uri", request.redirect_uri}});
  const bool known = request.client_id == kSameDevice || request.client_id == kCrossDevice;
  if (world.checks.on("login-client") && !known) return bad_request("This client is not known");
  if (world.checks.on("login-redirect-uri") && !is_good_redirect(call, request))
    return bad_request("This redirect URI is not allowed");
  if (query.get_or("response_type", "") != "code") return redirect(request, "error=unsupported_response_type");
  const bool challenged =
      query.get_or("code_challenge_method", "") == "SHA-256" && request.challenge.size() == kChallengeLength;
  if (world.checks.on("login-pkce") && !challenged) return redirect(request, "error=invalid_request");
  if (query.get_or("scope", "") != "openid") return redirect(request, "error=invalid_scope");
  auto& visits = world.state.logins.visits;
  std::erase_if(visits, [&](const auto& entry) { return entry.second.expires < world.now(); });
  const std::string id = random_text(kVisitLength, kAlphabet);
  visits[id] = {.request = std::move(request), .mfa_time = {}, .expires = world.now() + kLongestVisit};
  return form(id, visits[id], {});
}

FormProblem take_password(const World& world, LoginVisit& visit, const Parameters& given) {
  User* user = world.state.find_user(given.get_or("username", ""));
  const bool known = user != nullptr && !user->password.empty();
  const bool right = known && equal_constant_time(given.get_or("password", ""), user->password);
  if (!known || (!right && world.checks.on("login-password")))
    return {.code = "WrongPassword", .words = "The user name or the password is wrong."};
  visit.user = user;
  visit.complete = user->devices.empty();
  return {};
}

FormProblem take_code(const World& world, LoginVisit& visit, const Parameters& given) {
  CodeUse best = CodeUse::wrong;
  for (MfaDevice& device : visit.user->devices)
    if (const CodeUse use = use_code(world, device, given.get_or("code", "")); use != CodeUse::wrong) best = use;
  if (best == CodeUse::used)
    return {.code = "UsedCode", .words = "This MFA code has been used. Wait for the next one."};
  if (best == CodeUse::wrong) return {.code = "WrongCode", .words = "The MFA code is wrong."};
  visit.complete = true;
  visit.mfa_time = world.now();
  return {};
}

Checked<Reply> answer_page(RestCall& call) {
  World& world = call.world;
  const Parameters given = parameters_of(call.request);
  const std::string id = given.get_or("visit", "");
  const auto found = world.state.logins.visits.find(id);
  if (found == world.state.logins.visits.end() || found->second.expires < world.now())
    return bad_request("This page has been open for too long, or was never opened. Sign in again.");
  LoginVisit& visit = found->second;
  if (given.get_or("action", "") == "cancel") {
    call.record.code = "access_denied";
    Reply reply = redirect(visit.request, "error=access_denied");
    world.state.logins.visits.erase(found);
    return reply;
  }
  const FormProblem problem =
      visit.user == nullptr ? take_password(world, visit, given) : take_code(world, visit, given);
  if (visit.user != nullptr) call.record.principal = visit.user->arn;
  if (!problem.code.empty()) call.record.code = problem.code;
  if (!visit.complete || visit.user == nullptr) return form(id, visit, problem);
  const std::string& region = call.endpoint.regions.front();
  if (!check_login_permission(world, *visit.user, "signin:AuthorizeOAuth2Access", visit.request.client_id, region))
    return refuse(403, "AccessDenied", "You are not authorized to perform: signin:AuthorizeOAuth2Access");
  const std::string code = random_text(kCodeLength, kAlphabet);
  Reply reply = redirect(visit.request, "code=" + code);
  world.state.logins.codes[code] = {
      .request = visit.request, .user = visit.user, .mfa_time = visit.mfa_time, .expires = world.now() + kCodeLife};
  world.state.logins.visits.erase(id);
  return reply;
}

/// What a person carries to the other device: base64 of state and code.
Checked<Reply> show_confirmation(RestCall& call) {
  const Parameters query(parse_query(call.request.query(), PlusSign::is_space));
  const std::string code = query.get_or("code", "");
  if (code.empty()) {
    return page_reply(
        {.status = 200, .title = "Sign-in cancelled", .body = "<p>You can close this window.</p>", .form_targets = {}});
  }
  const std::string text = "state=" + query.get_or("state", "") + "&code=" + code;
  return page_reply({.status = 200,
                     .title = "Authorization code",
                     .body = "<p>Paste this into the program on the other device:</p>\n<p><code>" +
                             html_escape(base64_encode(text)) + "</code></p>",
                     .form_targets = {}});
}

constexpr RestService kPages{
    .name = "signin", .refuse = refuse_with_page, .throttled_status = 429, .throttled_code = "TooManyRequests"};

constexpr std::array kRoutes{
    RestRoute{&kPages, "GET", kPage, "AuthorizeLogin", open_page},
    RestRoute{&kPages, "POST", kPage, "AuthorizeLogin", answer_page},
    RestRoute{&kPages, "GET", kConfirmation, "ConfirmLogin", show_confirmation},
};

}  // namespace

std::span<const RestRoute> login_page_routes() { return kRoutes; }

std::string login_base(const RestCall& call) {
  const std::string host(call.request.header("host").value_or(""));
  return (call.endpoint.service.empty() ? "http://" : "https://") + host;
}

}  // namespace sim
