// Starts a person's browser with a URL that a server gave: checked against where it may lead, handed over as one
// argument of one execve, never through a shell. It prints nothing.
#pragma once

#include "base/environment.h"
#include "base/result.h"
#include "secret/bytes.h"

#include <span>
#include <string>
#include <string_view>

namespace deliver {

/// Which window a URL opens in.
struct BrowserChoice {
  std::string browser =
      {};  // empty: KABUTO_BROWSER, else $BROWSER, else the system's; a program's name or absolute path
  /// Keep this account's pages apart: a Firefox container or a Chrome profile of that name and colour. Empty: neither.
  std::string container = {};
  std::string color = {};  // blue, turquoise, green, yellow, orange, red, pink, purple; empty: chosen from the name
  /// With a container: letters, digits and '-' that name the Chrome profile's directory below `data_directory`.
  std::string container_id = {};
  std::string data_directory = {};  // absolute, of kabuto's own
};

/// Refuses all but https to one of AWS's hosts for sign-in and console or to a host of `more_hosts` (the configured
/// start URL's, the configured endpoint's), and http to loopback. The error never repeats the URL raw.
base::Result<void> check_browser_url(std::string_view url, std::span<const std::string> more_hosts);

/// Whether a window can be shown here: a display or WSL, no SSH session, no container; always where KABUTO_BROWSER
/// names a browser.
bool has_browser(const base::Environment& environment);

/// Starts it detached, with the credentials and our own variables taken out of its environment, and does not wait for
/// its end. Errors: refused (the URL, an unsafe program), not_found (no browser), failure (it ended at once with an
/// error), usage (a container and a browser that has none).
base::Result<void> open_browser(std::string_view url, std::span<const std::string> more_hosts,
                                const BrowserChoice& choice, const base::Environment& environment);
/// As above, for a link that is a secret: no copy of it stays outside locked memory of this process.
base::Result<void> open_browser(const secret::Bytes& url, std::span<const std::string> more_hosts,
                                const BrowserChoice& choice, const base::Environment& environment);

/// Whether it is one of the colours above.
bool is_browser_color(std::string_view color);
/// The same colour for the same name, always; never red, which is left to production.
std::string_view browser_color_of(std::string_view name);

}  // namespace deliver
