#include "http/callback_request.h"

#include "base/text.h"
#include "http/request_head.h"
#include "http/status.h"
#include "secret/compare.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

namespace http {
namespace {

constexpr std::size_t kLongestRefusal = 200;

/// A value of a form, decoded from locked memory to locked memory; nullopt for a wrong escape.
std::optional<secret::Bytes> decoded(std::string_view text) {
  secret::Bytes out(text.size());
  std::size_t size = 0;
  const bool good = out.edit([&](std::span<std::byte> to) {
    for (std::size_t i = 0; i < text.size(); ++i, ++size) {
      char c = text[i] == '+' ? ' ' : text[i];
      if (c == '%') {
        if (i + 2 >= text.size()) return false;
        const int high = base::hex_digit(text[i + 1]), low = base::hex_digit(text[i + 2]);
        if (high < 0 || low < 0) return false;
        c = static_cast<char>(high * 16 + low);
        i += 2;
      }
      to[size] = static_cast<std::byte>(c);
    }
    return true;
  });
  if (!good) return std::nullopt;
  out.shrink(size);
  return out;
}

/// The four parameters of OAuth's answer. One that comes twice could mean two things.
struct Answer {
  std::optional<secret::Bytes> code, state, error, description;
};

std::optional<Answer> read_query(std::string_view query) {
  Answer out;
  for (const auto part : base::split(query, '&')) {
    const auto name = part.substr(0, part.find('='));
    auto* const into = name == "code"                ? &out.code
                       : name == "state"             ? &out.state
                       : name == "error"             ? &out.error
                       : name == "error_description" ? &out.description
                                                     : nullptr;
    if (into == nullptr) continue;
    if (*into) return std::nullopt;
    *into = decoded(name.size() == part.size() ? std::string_view() : part.substr(name.size() + 1));
    if (!*into) return std::nullopt;
  }
  return out;
}

bool is_plain(const secret::Bytes& bytes) {
  return !bytes.empty() && bytes.reveal_text([](std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
  });
}

std::string shown(const secret::Bytes& bytes) {
  return bytes.reveal_text([](std::string_view text) { return base::printable(text, kLongestRefusal); });
}

CallbackVerdict answered(int status) { return {status, {}, {}}; }

CallbackVerdict judge_query(std::string_view query, const ExpectedCallback& expected) {
  auto answer = read_query(query);
  if (!answer || !answer->state) return answered(kBadRequest);
  if (expected.state.empty() || !secret::is_equal(*answer->state, expected.state)) return answered(kBadRequest);
  if (answer->code.has_value() == answer->error.has_value()) return answered(kBadRequest);
  if (answer->error) {
    std::string refusal = shown(*answer->error);
    if (answer->description && !answer->description->empty()) refusal += ": " + shown(*answer->description);
    return {kOk, {}, refusal.empty() ? "no reason given" : std::move(refusal)};
  }
  if (!is_plain(*answer->code)) return answered(kBadRequest);
  return {kOk, std::move(*answer->code), {}};
}

struct Page {
  int status;
  std::string_view line;
  std::string_view text;
};
constexpr Page kRefused{kOk, "200 OK", "The sign-in was refused. You may close this tab; the terminal says more."};
constexpr std::array kPages{
    Page{kOk, "200 OK", "You are signed in, you may close this tab."},
    Page{kBadRequest, "400 Bad Request", "This is not the answer of the sign-in that is under way."},
    Page{403, "403 Forbidden", "This came from a program of another user of the machine."},
    Page{kNotFound, "404 Not Found", "There is nothing here."},
    Page{kMethodNotAllowed, "405 Method Not Allowed\r\nAllow: GET", "Only GET."},
    Page{408, "408 Request Timeout", "The request did not come in time."},
    Page{431, "431 Request Header Fields Too Large", "The request is too large."},
};

}  // namespace

CallbackVerdict judge_callback(std::span<const std::byte> head, const ExpectedCallback& expected, std::uint16_t port) {
  RequestHead parsed;
  switch (parse_request_head(head, parsed)) {
    case HeadState::partial:
      return {};
    case HeadState::malformed:
      return answered(kBadRequest);
    case HeadState::whole:
      break;
  }
  if (parsed.method != "GET") return answered(kMethodNotAllowed);
  if (parsed.is_chunked || parsed.body_size != 0) return answered(kBadRequest);
  const auto host = parsed.one("Host");
  if (!host || !is_own_host(*host, port)) return answered(kBadRequest);
  const auto mark = parsed.target.find('?');
  if (parsed.target.substr(0, mark) != expected.path) return answered(kNotFound);
  return judge_query(mark == std::string_view::npos ? std::string_view() : parsed.target.substr(mark + 1), expected);
}

std::string callback_reply(const CallbackVerdict& verdict) {
  const auto known = std::ranges::find(kPages, verdict.status, &Page::status);
  const Page& page = !verdict.refusal.empty() ? kRefused : known == kPages.end() ? kPages[1] : *known;
  const std::string body = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>kabuto</title>\n<p>" +
                           std::string(page.text) + "</p>\n</html>\n";
  return "HTTP/1.1 " + std::string(page.line) +
         "\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nContent-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
         "\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff"
         "\r\nX-Frame-Options: DENY\r\nCross-Origin-Opener-Policy: same-origin"
         "\r\nCross-Origin-Resource-Policy: same-origin\r\nConnection: close\r\n\r\n" +
         body;
}

}  // namespace http
