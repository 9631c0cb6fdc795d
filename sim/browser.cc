// Links, forms and redirects of the sign-in pages.
#include "browser.h"

#include "base/text.h"
#include "commands.h"
#include "loopback_http.h"

#include <algorithm>
#include <optional>

namespace sim {
namespace {

using base::ErrorKind;
using base::Result;

constexpr int kMostPages = 12;

struct Person {
  std::string user, user_code;
  bool cancels = false, mistypes_password = false, mistypes_code = false;
};

struct Form {
  std::string action;
  Pairs fields;  // of <input>
};

/// The value of an attribute of a tag, with the entities that pages use put back.
std::string attribute(std::string_view tag, std::string_view name) {
  const std::string mark = " " + std::string(name) + "=\"";
  const std::size_t begin = tag.find(mark);
  if (begin == std::string_view::npos) return "";
  std::string value(tag.substr(begin + mark.size(), tag.find('"', begin + mark.size()) - begin - mark.size()));
  for (const auto& [entity, text] :
       {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}})
    for (std::size_t at = value.find(entity); at != std::string::npos; at = value.find(entity, at + 1))
      value.replace(at, std::string_view(entity).size(), text);
  return value;
}

std::optional<Form> form_of_page(std::string_view html) {
  const std::size_t begin = html.find("<form ");
  if (begin == std::string_view::npos) return std::nullopt;
  html = html.substr(begin, html.find("</form>", begin) - begin);
  Form form{.action = attribute(html.substr(0, html.find('>')), "action"), .fields = {}};
  for (std::size_t at = html.find("<input "); at != std::string_view::npos; at = html.find("<input ", at + 1)) {
    const std::string_view tag = html.substr(at, html.find('>', at) - at);
    form.fields.emplace_back(attribute(tag, "name"), attribute(tag, "value"));
  }
  return form;
}

/// What a page says, without its tags and its style.
std::string text_of_page(std::string_view html) {
  if (const std::size_t body = html.find("<body"); body != std::string_view::npos) html = html.substr(body);
  std::string out;
  bool in_tag = false;
  for (const char c : html) {
    if (c == '<') in_tag = true;
    if (!in_tag) out += c;
    if (c == '>') in_tag = false;
  }
  std::vector<std::string> lines;
  for (const std::string_view line : base::split(out, '\n'))
    if (!base::trim_lines(line).empty()) lines.push_back(base::printable(base::trim_lines(line)));
  return base::join(lines, "\n") + "\n";
}

std::string alert_of_page(std::string_view html) {
  constexpr std::string_view mark = "role=\"alert\">";
  const std::size_t begin = html.find(mark);
  if (begin == std::string_view::npos) return "";
  return base::printable(html.substr(begin + mark.size(), html.find('<', begin) - begin - mark.size()));
}

class Browser {
 public:
  Browser(Person person, const base::Environment& environment, base::Clock& clock)
      : person_(std::move(person)), environment_(environment), clock_(clock) {}

  Result<std::string> visit(std::string url) {
    Request request{.method = "GET", .target = {}, .headers = {}, .body = {}};
    for (int pages = 0; pages < kMostPages; ++pages) {
      const Reply page = TRY(load(url, request));
      request = {.method = "GET", .target = {}, .headers = {}, .body = {}};
      if (const auto location = header_of(page, "location")) {
        url = resolve(url, *location);
        continue;
      }
      const std::string alert = alert_of_page(page.body);
      if (!alert.empty()) return base::fail(ErrorKind::denied, "the page says: " + alert);
      const std::optional<Form> form = form_of_page(page.body);
      if (page.status >= 400)
        return base::fail(ErrorKind::denied, "the page answered " + std::to_string(page.status) + ": " +
                                                 base::printable(base::trim_lines(text_of_page(page.body))));
      if (!form) return text_of_page(page.body);
      url = resolve(url, form->action);
      std::string body = TRY(fill_in(*form));
      request = {.method = "POST",
                 .target = {},
                 .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                 .body = std::move(body)};
    }
    return base::fail(ErrorKind::failure, "the pages lead in a circle");
  }

 private:
  static std::optional<std::string> header_of(const Reply& reply, std::string_view name) {
    for (const auto& [key, value] : reply.headers)
      if (base::equals_ignoring_case(key, name)) return value;
    return std::nullopt;
  }

  static std::string resolve(const std::string& from, const std::string& to) {
    if (to.find("://") != std::string::npos) return to;
    const std::size_t host = from.find("://") + 3;
    return from.substr(0, from.find_first_of("/?#", host)) + to;
  }

  /// A page under one of AWS's names is asked of the simulator, under that name.
  Result<Reply> load(const std::string& url, Request request) const {
    constexpr std::string_view secure = "https://";
    if (!url.starts_with(secure)) {
      LoopbackUrl parts = TRY(parse_loopback_url(url));
      request.target = std::move(parts.target);
      return fetch(parts.address, std::move(request));
    }
    const std::size_t end = std::min(url.find_first_of("/?#", secure.size()), url.size());
    const std::string simulator(environment_.get_nonempty("KABUTO_SIM_URL").value_or(""));
    LoopbackUrl parts = TRY(parse_loopback_url(simulator + url.substr(end)));
    request.target = std::move(parts.target);
    request.headers.emplace_back("Host", url.substr(secure.size(), end - secure.size()));
    return fetch(parts.address, std::move(request));
  }

  Result<std::string> fill_in(const Form& form) {
    std::string body;
    // The pages of aws login are for IAM users, the others for those of Identity Center.
    const bool iam =
        std::ranges::find(form.fields, "people", [](const auto& field) { return field.first; }) != form.fields.end();
    for (const auto& [name, value] : form.fields) {
      if (person_.cancels && name != "visit") continue;
      std::string typed = value;
      if (name == "username") typed = iam ? person_.user : person_.user.substr(person_.user.find('/') + 1);
      if (name == "password") typed = TRY(ask({"password", (iam ? "iam:" : "") + person_.user}));
      if (name == "password" && person_.mistypes_password) typed += "x";
      if (name == "code") typed = TRY(ask({"code", (iam ? "" : "sso:") + person_.user, "--any"}));
      if (name == "code" && person_.mistypes_code) typed[0] = typed[0] == '0' ? '1' : '0';
      if (name == "user_code") typed = person_.user_code;
      body += base::percent_encode(name) + "=" + base::percent_encode(typed) + "&";
    }
    return body + (person_.cancels ? "action=cancel" : "action=next");
  }

  Result<std::string> ask(const std::vector<std::string>& command) const {
    return std::string(base::trim_lines(TRY(run_client_command(command, environment_, clock_))));
  }

  Person person_;
  const base::Environment& environment_;
  base::Clock& clock_;
};

}  // namespace

Result<std::string> sign_in_as_a_browser(const std::vector<std::string>& arguments,
                                         const base::Environment& environment, base::Clock& clock) {
  Person person;
  std::string url;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "--cancel") {
      person.cancels = true;
    } else if (word == "--wrong-password") {
      person.mistypes_password = true;
    } else if (word == "--wrong-code") {
      person.mistypes_code = true;
    } else if ((word == "--user" || word == "--user-code") && i + 1 < arguments.size()) {
      (word == "--user" ? person.user : person.user_code) = arguments[++i];
    } else if (url.empty() && !word.starts_with("--")) {
      url = word;
    } else {
      return base::fail(ErrorKind::usage, "unknown word " + base::printable(word), "kabuto-sim help");
    }
  }
  if (url.empty() || (person.user.empty() && !person.cancels))
    return base::fail(ErrorKind::usage, "sign-in needs a URL and --user", "kabuto-sim sign-in URL --user USER");
  return Browser(std::move(person), environment, clock).visit(std::move(url));
}

}  // namespace sim
