// The console: the federation endpoint that signs a browser in with temporary credentials, and the page it lands on.
#pragma once

#include "consoles.h"
#include "rest.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

/// getSigninToken and login, in federation_endpoint.cc.
std::span<const RestRoute> federation_routes();
/// The landing page and the list of sessions, in console_page.cc.
std::span<const RestRoute> console_routes();

/// The domain of the pages of a partition that `host` lies in: aws.amazon.com, amazonaws.cn …; empty on loopback.
std::string_view page_domain_of(std::string_view host);

/// The browser's cookie; empty where it has none.
std::string browser_of(const Request& request);
std::string browser_cookie(const std::string& browser, std::string_view host);
/// Adds the session to the browser's, makes it the current one, and ends an older one of the same identity.
void add_console_session(World& world, const std::string& browser, ConsoleIdentity identity);

}  // namespace sim
