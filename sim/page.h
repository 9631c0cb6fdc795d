// The HTML pages of the simulator: one look, and the headers that keep a page from being framed, cached, scripted or
// sent elsewhere. Pages hold no script.
#pragma once

#include "error.h"
#include "message.h"

#include <string>
#include <string_view>

namespace sim {

/// For text and for attribute values in double quotes.
std::string html_escape(std::string_view text);

struct Page {
  int status = 200;
  std::string title;         // plain text
  std::string body;          // HTML
  std::string form_targets;  // sources of CSP's form-action besides the page's own; a redirect after a form counts
};
Reply page_reply(const Page& page);
/// A service's refusal as a page for people.
Reply refuse_with_page(const AwsError& error);

}  // namespace sim
