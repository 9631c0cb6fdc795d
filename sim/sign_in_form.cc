// Checks of user name, password and MFA code, and the HTML around them.
#include "sign_in_form.h"

#include "crypto.h"
#include "mfa.h"
#include "page.h"

#include <fmt/format.h>

namespace sim {
namespace {

constexpr std::size_t kVisitLength = 43;
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr auto kLongestVisit = std::chrono::minutes(10);

FormProblem take_password(RestCall& call, PageVisit& visit, const Parameters& form) {
  const std::string name = form.get_or("username", "");
  const auto found = visit.center->users.find(name);
  const bool known = found != visit.center->users.end();
  const bool right = known && equal_constant_time(form.get_or("password", ""), found->second->password);
  if (!right && (!known || call.world.checks.on("sso-password")))
    return {.code = "WrongPassword", .words = "The user name or the password is wrong."};
  visit.user = found->second.get();
  visit.complete = !visit.user->totp;
  return {};
}

FormProblem take_code(RestCall& call, PageVisit& visit, const Parameters& form) {
  switch (use_code(call.world, *visit.user->totp, form.get_or("code", ""))) {
    case CodeUse::accepted:
      visit.complete = true;
      return {};
    case CodeUse::used:
      return {.code = "UsedCode", .words = "This MFA code has been used. Wait for the next one."};
    case CodeUse::wrong:
      return {.code = "WrongCode", .words = "The MFA code is wrong."};
  }
  return {};
}

}  // namespace

FormProblem take_sign_in(RestCall& call, PageVisit& visit, const Parameters& form) {
  FormProblem problem;
  if (visit.user == nullptr) {
    problem = take_password(call, visit, form);
  } else if (!visit.complete) {
    problem = take_code(call, visit, form);
  }
  if (visit.user != nullptr) call.record.principal = "sso:" + visit.user->name;
  if (!problem.code.empty()) call.record.code = problem.code;
  return problem;
}

Reply sign_in_form(const World& world, const std::string& visit_id, const PageVisit& visit, std::string_view action,
                   const FormProblem& problem) {
  const bool wants_code = visit.user != nullptr;
  const std::string_view fields =
      wants_code ? "<label>MFA code<input name=\"code\" inputmode=\"numeric\" autocomplete=\"one-time-code\" required "
                   "autofocus></label>\n"
                 : "<label>User name<input name=\"username\" autocomplete=\"username\" required autofocus></label>\n"
                   "<label>Password<input name=\"password\" type=\"password\" autocomplete=\"current-password\" "
                   "required></label>\n";
  return page_reply({.status = 200,
                     .title = wants_code ? "Additional verification" : "Sign in",
                     .body = request_of_client(world, visit) + problem_of(problem) +
                             form_of(action, visit_id, fields, "Sign in", "Cancel"),
                     .form_targets = form_target_of(visit.redirect_uri)});
}

std::string form_target_of(const std::string& redirect_uri) {
  if (redirect_uri.empty()) return "";
  if (redirect_uri.starts_with("http://[")) return "http:";
  return redirect_uri.substr(0, redirect_uri.find('/', redirect_uri.find("://") + 3));
}

std::string form_of(std::string_view action, std::string_view visit_id, std::string_view fields, std::string_view next,
                    std::string_view cancel) {
  return fmt::format(
      "<form method=\"post\" action=\"{}\">\n<input type=\"hidden\" name=\"visit\" value=\"{}\">\n{}"
      "<button name=\"action\" value=\"next\">{}</button>\n"
      "<button name=\"action\" value=\"cancel\" formnovalidate>{}</button>\n</form>",
      action, html_escape(visit_id), fields, next, cancel);
}

std::string request_of_client(const World& world, const PageVisit& visit) {
  const auto client = world.state.sign_ins.clients.find(visit.client_id);
  if (client == world.state.sign_ins.clients.end()) return "";
  std::string out = fmt::format("<p><strong>{}</strong> asks to sign in at {}.</p>\n", html_escape(client->second.name),
                                html_escape(visit.center->start_url));
  if (!visit.scopes.empty()) {
    out += "<ul>\n";
    for (const std::string& scope : visit.scopes) out += "<li><code>" + html_escape(scope) + "</code></li>\n";
    out += "</ul>\n";
  }
  return out;
}

std::string problem_of(const FormProblem& problem) {
  if (problem.words.empty()) return "";
  return "<p class=\"error\" role=\"alert\">" + html_escape(problem.words) + "</p>\n";
}

std::string open_visit(World& world, PageVisit visit) {
  std::erase_if(world.state.sign_ins.visits, [&](const auto& entry) { return entry.second.expires < world.now(); });
  visit.expires = world.now() + kLongestVisit;
  std::string id = random_text(kVisitLength, kAlphabet);
  world.state.sign_ins.visits[id] = std::move(visit);
  return id;
}

PageVisit* find_visit(World& world, const Parameters& form) {
  const auto found = world.state.sign_ins.visits.find(form.get_or("visit", ""));
  const bool good = found != world.state.sign_ins.visits.end() && found->second.expires > world.now();
  return good ? &found->second : nullptr;
}

}  // namespace sim
