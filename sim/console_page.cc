// The page a console sign-in lands on: who is signed in, where, until when; and the browser's other sessions, which a
// further sign-in leaves alone.
#include "base/text.h"
#include "console.h"
#include "crypto.h"
#include "page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace sim {
namespace {

constexpr std::string_view kCookie = "kabuto-sim-console";
struct Domain {
  std::string_view name, home_region;  // where the console's host names no region
};
constexpr std::array<Domain, 4> kDomains{{{"aws.amazon.com", kGlobalRegion},
                                          {"amazonaws.cn", "cn-north-1"},
                                          {"amazonaws-us-gov.com", "us-gov-west-1"},
                                          {"amazonaws-eusc.eu", "eusc-de-east-1"}}};
constexpr std::size_t kIdLength = 12;
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";

constexpr RestService kConsole{
    .name = "console", .refuse = refuse_with_page, .throttled_status = 429, .throttled_code = "TooManyRequests"};

struct Target {
  std::string region, page;
};

std::string region_of(const World& world, std::string_view host) {
  const std::string_view name = page_domain_of(host);
  const auto domain = std::ranges::find(kDomains, name, &Domain::name);
  if (domain == kDomains.end()) return world.state.region;
  return std::string(host.starts_with("console.") ? domain->home_region : host.substr(0, host.find('.')));
}

/// What a console URL asks for: the region of its query or host, and the page by its path and fragment.
Target target_of(const World& world, std::string_view url) {
  constexpr std::string_view scheme = "https://";
  if (url.starts_with(scheme)) url.remove_prefix(scheme.size());
  const std::size_t slash = std::min(url.find('/'), url.size());
  const std::string_view host = url.substr(0, slash);
  const std::string_view rest = url.substr(slash);
  const std::string_view path = rest.substr(0, rest.find_first_of("?#"));
  const std::size_t mark = rest.find('?');
  const std::size_t hash = rest.find('#');
  std::string_view query;
  if (mark < hash) query = rest.substr(mark + 1, hash == std::string_view::npos ? hash : hash - mark - 1);
  const Parameters parameters(parse_query(query, PlusSign::is_space));
  std::string region = parameters.get_or("region", "");
  if (region.empty()) region = region_of(world, host);
  std::string page(path.empty() || path == "/" ? "/console/home" : path);
  if (hash != std::string_view::npos) page += rest.substr(hash);
  return {.region = region, .page = page};
}

std::string account_text(const World& world, const std::string& number) {
  const auto found = world.state.accounts.find(number);
  if (found == world.state.accounts.end() || found->second.name.empty()) return number;
  return found->second.name + " (" + number + ")";
}

std::string_view service_of(std::string_view page) {
  page.remove_prefix(std::min<std::size_t>(1, page.size()));
  return page.substr(0, page.find_first_of("/?#"));
}

/// The sessions of the browser that still last.
std::vector<ConsoleSession>* sessions_of(World& world, const Request& request) {
  const auto found = world.state.consoles.browsers.find(browser_of(request));
  if (found == world.state.consoles.browsers.end()) return nullptr;
  std::erase_if(found->second, [&](const ConsoleSession& session) { return session.identity.ends <= world.now(); });
  return found->second.empty() ? nullptr : &found->second;
}

Reply not_signed_in() {
  return page_reply({.status = 403,
                     .title = "Not signed in",
                     .body =
                         "<p class=\"error\" role=\"alert\">This browser has no console session, or it has ended.</p>"
                         "<p>Open a new one: <code>kabuto console PROFILE</code></p>",
                     .form_targets = {}});
}

std::string row(std::string_view name, std::string_view id, std::string_view value) {
  return fmt::format("<dt>{}</dt><dd id=\"{}\">{}</dd>\n", html_escape(name), id, html_escape(value));
}

std::string link_to(const World& world, const ConsoleSession& session) {
  const ConsoleIdentity& who = session.identity;
  return fmt::format("<li><a href=\"/console?session={}\">{}</a><br><small>{}, until {}</small></li>\n", session.id,
                     html_escape(account_text(world, who.account)), html_escape(who.arn), base::iso8601(who.ends));
}

Checked<Reply> show_console(RestCall& call) {
  World& world = call.world;
  const Parameters query(parse_query(call.request.query(), PlusSign::is_space));
  const bool real = !page_domain_of(call.record.host).empty();
  const std::string url = real ? "https://" + call.record.host + call.request.target : query.get_or("destination", "");
  call.record.parameters = Parameters(Pairs{{"destination", url}});
  std::vector<ConsoleSession>* const sessions = sessions_of(world, call.request);
  if (sessions == nullptr) return not_signed_in();
  const std::optional<std::string> wanted = query.get("session");
  const auto chosen = wanted ? std::ranges::find(*sessions, *wanted, &ConsoleSession::id) : sessions->end() - 1;
  if (chosen == sessions->end()) return not_signed_in();
  const ConsoleIdentity& who = chosen->identity;
  call.record.principal = who.arn;
  const Target target = target_of(world, url);
  std::string body = "<dl>\n" + row("Account", "account", account_text(world, who.account));
  if (!who.role.empty()) body += row("Role", "role", who.role);
  body += row(who.role.empty() ? "Federated user" : "Session name", "session-name", who.session_name) +
          row("Signed in as", "arn", who.arn) + row("Region", "region", target.region) +
          row("Page", "page", target.page) + row("Session ends", "ends", base::iso8601(who.ends)) + "</dl>\n";
  if (sessions->size() > 1) {
    body += "<h2>Also signed in</h2>\n<ul id=\"others\">\n";
    for (const ConsoleSession& session : *sessions)
      if (session.id != chosen->id) body += link_to(world, session);
    body += "</ul>\n";
  }
  body += "<p><a href=\"/console/sessions\">All sessions of this browser</a></p>";
  const std::string_view service = service_of(target.page);
  return page_reply({.status = 200,
                     .title = "Console: " + std::string(service == "console" ? "home" : service),
                     .body = std::move(body),
                     .form_targets = {}});
}

Checked<Reply> list_sessions(RestCall& call) {
  std::vector<ConsoleSession>* const sessions = sessions_of(call.world, call.request);
  if (sessions == nullptr) return not_signed_in();
  std::string body = "<ul id=\"sessions\">\n";
  for (const ConsoleSession& session : *sessions) body += link_to(call.world, session);
  return page_reply(
      {.status = 200, .title = "Console sessions", .body = std::move(body) + "</ul>", .form_targets = {}});
}

constexpr std::array kRoutes{
    RestRoute{&kConsole, "GET", "/console", "console", show_console},
    RestRoute{&kConsole, "GET", "/console/sessions", "console-sessions", list_sessions},
};

}  // namespace

std::span<const RestRoute> console_routes() { return kRoutes; }

std::string_view page_domain_of(std::string_view host) {
  host = host.substr(0, host.find(':'));
  for (const Domain& domain : kDomains)
    if (host.ends_with("." + std::string(domain.name))) return domain.name;
  return {};
}

std::string browser_of(const Request& request) {
  for (const std::string_view part : base::split(request.header("cookie").value_or(""), ';')) {
    const std::string_view pair = part.substr(std::min(part.find_first_not_of(' '), part.size()));
    if (pair.starts_with(kCookie) && pair.substr(kCookie.size()).starts_with('='))
      return std::string(pair.substr(kCookie.size() + 1));
  }
  return {};
}

std::string browser_cookie(const std::string& browser, std::string_view host) {
  const std::string_view domain = page_domain_of(host);
  const std::string place = domain.empty() ? "" : "; Domain=" + std::string(domain) + "; Secure";
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Lax{}", kCookie, browser, place);
}

void add_console_session(World& world, const std::string& browser, ConsoleIdentity identity) {
  std::vector<ConsoleSession>& sessions = world.state.consoles.browsers[browser];
  std::erase_if(sessions, [&](const ConsoleSession& session) { return session.identity.arn == identity.arn; });
  sessions.push_back({.id = random_text(kIdLength, kLetters), .identity = std::move(identity)});
}

}  // namespace sim
