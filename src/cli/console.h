// Opening AWS's web console as a profile, for `kabuto console` and for the names of other tools that do the same.
#pragma once

#include "base/result.h"
#include "cli/console_link.h"
#include "cli/session_options.h"

#include <string>

namespace cli {

class Context;

/// The console lasts as long as the credentials do: those that end soon are fetched anew.
inline constexpr base::Duration kConsoleMinTtl = std::chrono::minutes{15};

struct OpenConsole {
  enum class To { browser, standard_output, clipboard };

  ConsoleWish wish = {};
  To to = To::browser;
  std::string browser = {};  // a program; empty: the person's own
};

/// Makes the link and opens, prints or copies it. Errors: those of console_link; not_found (no browser).
base::Result<void> open_console(Context& context, credentials::Request request, const OpenConsole& how);

}  // namespace cli
