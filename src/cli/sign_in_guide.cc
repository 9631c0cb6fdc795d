#include "cli/sign_in_guide.h"

#include "base/text.h"
#include "cli/qr_code.h"
#include "deliver/browser.h"
#include "http/url.h"

#include <fmt/format.h>

#include <string_view>

namespace cli {
namespace {

constexpr std::size_t kShownName = 100;
constexpr std::size_t kLongestUserCode = 40;
// The standard wants four light modules around a code; most cameras are content with two.
constexpr std::size_t kQuietZones[] = {4, 2};
constexpr std::size_t kLinesBesides = 1;  // the cursor's own

std::string named(const credentials::SsoSession& session) {
  const std::string portal = base::printable(session.start_url);
  return session.name.empty() ? portal : base::printable(session.name, kShownName) + " (" + portal + ")";
}

/// A link is shown as it was given or not at all: an edited one would lead elsewhere.
base::Result<void> check_link(const std::string& link, const std::vector<std::string>& hosts) {
  TRY(deliver::check_browser_url(link, hosts));
  if (base::printable(link, link.size()) != link)
    return base::fail(base::ErrorKind::refused, "the sign-in link holds characters that no link has");
  return {};
}

std::string_view host_of(std::string_view link) {
  const auto begin = link.find("://");
  if (begin == std::string_view::npos) return {};
  link.remove_prefix(begin + 3);
  return link.substr(0, link.find_first_of("/?#"));
}

}  // namespace

bool TerminalSignInGuide::has_browser() { return deliver::has_browser(environment_); }

bool TerminalSignInGuide::has_person() { return screen_.has_person(); }

std::vector<std::string> TerminalSignInGuide::hosts_of(const credentials::SsoSession& session) const {
  auto hosts = more_hosts_;
  // Start URLs often end with "#/", which is no part of where calls go.
  const auto portal = http::parse_url(std::string_view(session.start_url).substr(0, session.start_url.find('#')));
  if (portal) hosts.push_back(portal->host);
  return hosts;
}

base::Result<void> TerminalSignInGuide::open(const std::string& url, const credentials::SsoSession& session) {
  const auto hosts = hosts_of(session);
  TRY(check_link(url, hosts));
  screen_.show(
      fmt::format("kabuto: sign in to {} in the browser window that opens now\n"
                  "kabuto: where none opens, follow this link on this machine:\n{}\n",
                  named(session), url));
  auto opened = deliver::open_browser(url, hosts, {browser_, {}, {}}, environment_);
  // A person can follow the link by hand.
  if (!opened && screen_.has_person() && opened.error().kind != base::ErrorKind::refused) {
    screen_.show("kabuto: no browser was started: " + opened.error().what + "\n");
    return {};
  }
  return opened;
}

base::Result<void> TerminalSignInGuide::show_device_code(const aws::DeviceAuthorization& device,
                                                         const credentials::SsoSession& session) {
  const auto hosts = hosts_of(session);
  TRY(check_link(device.verification_uri, hosts));
  const bool complete = !device.verification_uri_complete.empty();
  if (complete) TRY(check_link(device.verification_uri_complete, hosts));
  const std::string& link = complete ? device.verification_uri_complete : device.verification_uri;
  screen_.show(fmt::format("kabuto: sign in to {}, on this device or another one:\n{}\n", named(session), link));
  show_qr_code(link);
  screen_.show(
      fmt::format("kabuto: the page is of {} and {} the code {}\n"
                  "kabuto: confirm it only if you have just started this yourself; with a code that somebody sent you, "
                  "they would get your access\n",
                  host_of(device.verification_uri), complete ? "shows" : "asks for",
                  base::printable(device.user_code, kLongestUserCode)));
  return {};
}

void TerminalSignInGuide::waiting_begins() { cancel_.arm(); }

void TerminalSignInGuide::waiting_ends() { cancel_.disarm(); }

void TerminalSignInGuide::show_qr_code(const std::string& link) {
  const auto size = screen_.size();
  if (!size || !shows_utf8(environment_)) return;
  const auto code = make_qr_code(link);
  if (!code) return;
  for (const auto quiet : kQuietZones) {
    if (qr_columns(*code, quiet) > static_cast<std::size_t>(size->columns) ||
        qr_lines(*code, quiet) + kLinesBesides > static_cast<std::size_t>(size->rows))
      continue;
    screen_.draw(draw_qr_code(*code, quiet));
    return;
  }
}

}  // namespace cli
