// The authorization endpoint (/authorize, for a browser on this machine) and the device page (/device, for a code that
// another machine shows). Both end in a sign-in that the token call then finds.
#include "base/text.h"
#include "crypto.h"
#include "oidc.h"
#include "page.h"
#include "sign_in_form.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace sim {
namespace {

constexpr std::string_view kUrlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kCodeLength = 200;
constexpr std::size_t kChallengeLength = 43;

std::unexpected<AwsError> visit_is_over() {
  return refuse(400, "InvalidRequestException",
                "This page has been open for too long, or was never opened. Sign in again.");
}

/// Back to the program that asked, with `parameters` and its state.
Reply redirect(const PageVisit& visit, const std::string& parameters) {
  std::string target =
      visit.redirect_uri + (visit.redirect_uri.find('?') == std::string::npos ? "?" : "&") + parameters;
  if (!visit.state.empty()) target += "&state=" + base::percent_encode(visit.state);
  return {.status = 302,
          .headers = {{"Location", target}, {"Cache-Control", "no-store"}, {"Content-Type", "text/plain"}},
          .body = ""};
}

Reply redirect_error(RestCall& call, const PageVisit& visit, const std::string& error, const std::string& words) {
  call.record.code = error;
  return redirect(visit, "error=" + error + "&error_description=" + base::percent_encode(words));
}

/// What may be told to the redirect URI, once that is known to be good: the error's name, or nothing.
std::string_view problem_of_request(const World& world, const OidcClient& client, const Parameters& query,
                                    const PageVisit& visit) {
  const bool strict = world.checks.on("sso-pkce");
  if (query.get_or("response_type", "") != "code") return "unsupported_response_type";
  if (strict && query.get_or("code_challenge_method", "") != "S256") return "invalid_request";
  if (strict && visit.challenge.size() != kChallengeLength) return "invalid_request";
  const bool allowed =
      client.grant_types.empty() || std::ranges::find(client.grant_types, kCodeGrant) != client.grant_types.end();
  if (world.checks.on("sso-grant") && !allowed) return "unauthorized_client";
  if (!check_scopes(world, client, visit.scopes)) return "invalid_scope";
  return "";
}

Checked<Reply> open_authorize(RestCall& call) {
  World& world = call.world;
  const Parameters query(parse_query(call.request.query(), PlusSign::is_space));
  const auto found = world.state.sign_ins.clients.find(query.get_or("client_id", ""));
  if (found == world.state.sign_ins.clients.end())
    return refuse(400, "InvalidClientException", "Invalid client provided");
  const OidcClient& client = found->second;
  PageVisit visit;
  visit.client_id = client.id;
  visit.redirect_uri = query.get_or("redirect_uri", "");
  visit.state = query.get_or("state", "");
  visit.challenge = query.get_or("code_challenge", "");
  visit.center = client.center;
  const std::string scopes = query.get_or("scopes", query.get_or("scope", ""));
  for (const std::string_view scope : base::split(scopes, ' '))
    if (!scope.empty()) visit.scopes.emplace_back(scope);
  call.record.parameters =
      Parameters({{"clientName", client.name}, {"redirect_uri", visit.redirect_uri}, {"scopes", scopes}});
  if (world.checks.on("sso-client-expiry") && client.expires <= world.now())
    return refuse(400, "InvalidClientException", "The client has expired");
  if (visit.center == nullptr || (world.checks.on("sso-redirect-uri") && !is_registered(client, visit.redirect_uri)))
    return refuse(400, "InvalidRedirectUriException", "Invalid redirect uri provided");
  if (auto good = check_region(call, *visit.center); !good) return std::unexpected(good.error());
  if (const std::string_view problem = problem_of_request(world, client, query, visit); !problem.empty())
    return redirect_error(call, visit, std::string(problem), "The request was refused");
  if (visit.scopes.empty()) visit.scopes = client.scopes;
  const PageVisit shown = visit;
  return sign_in_form(world, open_visit(world, std::move(visit)), shown, "/authorize", {});
}

Checked<Reply> answer_authorize(RestCall& call) {
  World& world = call.world;
  const Parameters form = parameters_of(call.request);
  PageVisit* visit = find_visit(world, form);
  if (visit == nullptr || visit->redirect_uri.empty()) return visit_is_over();
  const std::string visit_id = form.get_or("visit", "");
  if (form.get_or("action", "") == "cancel") {
    Reply reply = redirect_error(call, *visit, "access_denied", "The sign-in was cancelled");
    world.state.sign_ins.visits.erase(visit_id);
    return reply;
  }
  const FormProblem problem = take_sign_in(call, *visit, form);
  if (!visit->complete) return sign_in_form(world, visit_id, *visit, "/authorize", problem);
  const std::string code = random_text(kCodeLength, kUrlSafe);
  world.state.sign_ins.codes[code] = {.client_id = visit->client_id,
                                      .redirect_uri = visit->redirect_uri,
                                      .challenge = visit->challenge,
                                      .scopes = visit->scopes,
                                      .center = visit->center,
                                      .user = visit->user,
                                      .expires = world.now() + visit->center->lifetimes.code};
  Reply reply = redirect(*visit, "code=" + code);
  world.state.sign_ins.visits.erase(visit_id);
  return reply;
}

std::string plain_user_code(std::string_view typed) {
  std::string letters;
  for (const char c : typed) {
    if (c >= 'a' && c <= 'z') letters += static_cast<char>(c - 'a' + 'A');
    if (c >= 'A' && c <= 'Z') letters += c;
  }
  constexpr std::size_t half = 4;
  if (letters.size() == 2 * half) letters.insert(half, "-");
  return letters;
}

Reply user_code_form(const FormProblem& problem) {
  return page_reply({.status = 200,
                     .title = "Authorize a device",
                     .body = problem_of(problem) + form_of("/device", "",
                                                           "<label>Code shown by the device<input name=\"user_code\" "
                                                           "autocomplete=\"off\" required autofocus></label>\n",
                                                           "Continue", "Cancel"),
                     .form_targets = {}});
}

/// The page of a code: sign-in first, then the question.
Reply open_device(RestCall& call, const std::string& typed) {
  World& world = call.world;
  const std::string user_code = plain_user_code(typed);
  const auto found = std::ranges::find_if(world.state.sign_ins.devices, [&](const auto& entry) {
    return entry.second.user_code == user_code && entry.second.status == DeviceRequest::Status::pending &&
           (entry.second.expires > world.now() || !world.checks.on("sso-code-expiry"));
  });
  if (found == world.state.sign_ins.devices.end()) {
    call.record.code = "WrongUserCode";
    return user_code_form({.code = "WrongUserCode", .words = "This code is wrong or has expired."});
  }
  const DeviceRequest& device = found->second;
  PageVisit visit;
  visit.client_id = device.client_id;
  visit.device_code = found->first;
  visit.scopes = world.state.sign_ins.clients.at(device.client_id).scopes;
  visit.center = device.center;
  const PageVisit shown = visit;
  return sign_in_form(world, open_visit(world, std::move(visit)), shown, "/device", {});
}

Checked<Reply> show_device(RestCall& call) {
  const Parameters query(parse_query(call.request.query(), PlusSign::is_space));
  const std::string typed = query.get_or("user_code", "");
  if (typed.empty()) return user_code_form({});
  return open_device(call, typed);
}

Reply last_page(const std::string& title, const std::string& words) {
  return page_reply({.status = 200, .title = title, .body = "<p>" + words + "</p>", .form_targets = {}});
}

Checked<Reply> answer_device(RestCall& call) {
  using Status = DeviceRequest::Status;
  World& world = call.world;
  const Parameters form = parameters_of(call.request);
  const bool cancelled = form.get_or("action", "") == "cancel";
  if (const auto typed = form.get("user_code"); typed && !cancelled) return open_device(call, *typed);
  PageVisit* visit = find_visit(world, form);
  if (visit == nullptr || visit->device_code.empty()) return visit_is_over();
  const std::string visit_id = form.get_or("visit", "");
  DeviceRequest& device = world.state.sign_ins.devices.at(visit->device_code);
  if (cancelled) {
    device.status = Status::denied;
    call.record.code = "access_denied";
    world.state.sign_ins.visits.erase(visit_id);
    return last_page("Request denied", "The device gets no access. You can close this window.");
  }
  if (visit->complete) {
    device.status = Status::allowed;
    device.user = visit->user;
    call.record.principal = "sso:" + visit->user->name;
    world.state.sign_ins.visits.erase(visit_id);
    return last_page("Request approved", "The device has access. You can close this window.");
  }
  const FormProblem problem = take_sign_in(call, *visit, form);
  if (!visit->complete) return sign_in_form(world, visit_id, *visit, "/device", problem);
  return page_reply(
      {.status = 200,
       .title = "Allow access?",
       .body = request_of_client(world, *visit) +
               fmt::format("<p>The device must show this code: <strong>{}</strong></p>\n", device.user_code) +
               form_of("/device", visit_id, "", "Allow", "Deny"),
       .form_targets = {}});
}

constexpr RestService kPages{
    .name = "oidc", .refuse = refuse_with_page, .throttled_status = 429, .throttled_code = "TooManyRequests"};
constexpr RestService kDevicePages{
    .name = "device", .refuse = refuse_with_page, .throttled_status = 429, .throttled_code = "TooManyRequests"};

constexpr std::array kRoutes{
    RestRoute{&kPages, "GET", "/authorize", "Authorize", open_authorize},
    RestRoute{&kPages, "POST", "/authorize", "Authorize", answer_authorize},
    RestRoute{&kDevicePages, "GET", "/device", "AuthorizeDevice", show_device},
    RestRoute{&kDevicePages, "POST", "/device", "AuthorizeDevice", answer_device},
};

}  // namespace

std::span<const RestRoute> sign_in_page_routes() { return kRoutes; }

}  // namespace sim
