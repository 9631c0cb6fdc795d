// The frame around a page's body.
#include "page.h"

#include "crypto.h"

#include <fmt/format.h>

namespace sim {
namespace {

constexpr std::string_view kStyle =
    "body{font:16px/1.5 sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem;color:#111;background:#fff}"
    "label{display:block;margin:.75rem "
    "0}input{display:block;width:100%;box-sizing:border-box;font:inherit;padding:.4rem}"
    "button{font:inherit;padding:.4rem 1rem;margin:.75rem .5rem 0 0}.error{border-left:4px solid "
    "#b00;padding-left:.75rem}"
    "small,dt{color:#555}dl{display:grid;grid-template-columns:max-content 1fr;gap:.4rem 1.25rem;margin:1.5rem 0}"
    "dd{margin:0;overflow-wrap:anywhere}#account{font-weight:bold}ul{list-style:none;padding:0}li{margin:.75rem 0}"
    "h1{font-size:1.6rem}h2{font-size:1.1rem;margin-top:2rem}";

}  // namespace

std::string html_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else {
      out += c;
    }
  }
  return out;
}

Reply page_reply(const Page& page) {
  const std::string policy = fmt::format(
      "default-src 'none'; style-src 'sha256-{}'; form-action 'self'{}{}; base-uri 'none'; frame-ancestors 'none'",
      base64_encode(sha256(kStyle)), page.form_targets.empty() ? "" : " ", page.form_targets);
  const std::string title = html_escape(page.title);
  return {.status = page.status,
          .headers = {{"Content-Type", "text/html; charset=utf-8"},
                      {"Content-Security-Policy", policy},
                      {"X-Frame-Options", "DENY"},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "no-referrer"},
                      {"Cache-Control", "no-store"}},
          .body = fmt::format("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title>"
                              "<style>{}</style></head>\n<body><main>\n<h1>{}</h1>\n{}\n"
                              "<p><small>kabuto-sim: a rehearsal, not AWS</small></p>\n</main></body></html>\n",
                              title, kStyle, title, page.body)};
}

Reply refuse_with_page(const AwsError& error) {
  return page_reply({.status = error.status,
                     .title = error.code,
                     .body = "<p class=\"error\" role=\"alert\">" + html_escape(error.message) + "</p>",
                     .form_targets = {}});
}

}  // namespace sim
