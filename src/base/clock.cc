#include "base/clock.h"

#include "base/text.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <ctime>

namespace base {
namespace {

using namespace std::chrono;

struct Calendar {
  year_month_day date;
  hh_mm_ss<seconds> time;
};

Calendar calendar(Instant when) {
  const auto whole = floor<seconds>(when);
  const auto day = floor<days>(whole);
  return {year_month_day{day}, hh_mm_ss<seconds>{whole - day}};
}

/// Reads exactly `count` digits off the front of `text`.
std::optional<int> digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  const auto value = parse_integer(text.substr(0, count));
  if (!value || text[0] == '-') return std::nullopt;
  text.remove_prefix(count);
  return static_cast<int>(*value);
}

bool skip(std::string_view& text, char wanted) {
  if (text.empty() || text[0] != wanted) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Instant> instant(int y, int mo, int d, int h, int mi, int s, Duration fraction) {
  const year_month_day date{year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}};
  if (!date.ok() || h > 23 || mi > 59 || s > 60) return std::nullopt;
  return sys_days{date} + hours{h} + minutes{mi} + seconds{s} + fraction;
}

/// The offset of UTC at the end of an ISO 8601 text; the whole rest must be it.
std::optional<minutes> utc_offset(std::string_view text) {
  if (text == "Z" || text == "z" || text == "UTC") return minutes{0};
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto h = digits(text, 2);
  skip(text, ':');
  const auto m = digits(text, 2);
  if (!h || !m || !text.empty() || *h > 23 || *m > 59) return std::nullopt;
  return minutes{sign * (*h * 60 + *m)};
}

Duration read_clock(clockid_t which) {
  timespec now{};
  clock_gettime(which, &now);
  return duration_cast<Duration>(seconds{now.tv_sec} + nanoseconds{now.tv_nsec});
}

}  // namespace

Instant SystemClock::now() const { return Instant{read_clock(CLOCK_REALTIME)}; }
Duration SystemClock::monotonic() const { return read_clock(CLOCK_BOOTTIME); }

void SystemClock::sleep(Duration how_long) {
  timespec left{};
  left.tv_sec = how_long.count() / 1000;
  left.tv_nsec = (how_long.count() % 1000) * 1'000'000;
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

std::string iso8601(Instant when) {
  const auto c = calendar(when);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", int{c.date.year()}, unsigned{c.date.month()},
                     unsigned{c.date.day()}, c.time.hours().count(), c.time.minutes().count(),
                     c.time.seconds().count());
}

std::string basic_iso8601(Instant when) {
  std::string text = iso8601(when);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

std::optional<Instant> parse_iso8601(std::string_view text) {
  text = trim(text);
  const auto y = digits(text, 4);
  if (!y || !skip(text, '-')) return std::nullopt;
  const auto mo = digits(text, 2);
  if (!mo || !skip(text, '-')) return std::nullopt;
  const auto d = digits(text, 2);
  if (!d || (!skip(text, 'T') && !skip(text, ' '))) return std::nullopt;
  const auto h = digits(text, 2);
  if (!h || !skip(text, ':')) return std::nullopt;
  const auto mi = digits(text, 2);
  if (!mi || !skip(text, ':')) return std::nullopt;
  const auto s = digits(text, 2);
  if (!s) return std::nullopt;
  Duration fraction{0};
  if (skip(text, '.')) {
    int scale = 100;
    bool any = false;
    for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), scale /= 10, any = true)
      fraction += Duration{(text[0] - '0') * scale};
    if (!any) return std::nullopt;
  }
  const auto offset = utc_offset(text);
  const auto local = instant(*y, *mo, *d, *h, *mi, *s, fraction);
  if (!offset || !local) return std::nullopt;
  const Instant when = *local - *offset;
  // An offset may lead out of the years that can be written again.
  if (when < Instant{sys_days{year{0} / 1 / 1}} || when >= Instant{sys_days{year{10000} / 1 / 1}}) return std::nullopt;
  return when;
}

std::optional<Instant> parse_http_date(std::string_view text) {
  // "Sun, 06 Nov 1994 08:49:37 GMT"
  static constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  text = trim(text);
  if (text.size() != 29 || text.substr(3, 2) != ", " || !text.ends_with(" GMT")) return std::nullopt;
  text.remove_prefix(5);
  const auto d = digits(text, 2);
  if (!d || !skip(text, ' ')) return std::nullopt;
  int mo = 0;
  for (std::size_t i = 0; i < kMonths.size(); ++i)
    if (text.starts_with(kMonths[i])) mo = static_cast<int>(i) + 1;
  if (mo == 0) return std::nullopt;
  text.remove_prefix(3);
  if (!skip(text, ' ')) return std::nullopt;
  const auto y = digits(text, 4);
  if (!y || !skip(text, ' ')) return std::nullopt;
  const auto h = digits(text, 2);
  if (!h || !skip(text, ':')) return std::nullopt;
  const auto mi = digits(text, 2);
  if (!mi || !skip(text, ':')) return std::nullopt;
  const auto s = digits(text, 2);
  if (!s) return std::nullopt;
  return instant(*y, mo, *d, *h, *mi, *s, Duration{0});
}

std::string human_duration(Duration how_long) {
  const auto total = duration_cast<seconds>(how_long).count();
  if (total <= 0) return "0s";
  const auto h = total / 3600;
  const auto m = total / 60 % 60;
  const auto s = total % 60;
  if (h > 0) return m > 0 ? fmt::format("{}h{:02}m", h, m) : fmt::format("{}h", h);
  if (m > 0) return s > 0 && m < 10 ? fmt::format("{}m{:02}s", m, s) : fmt::format("{}m", m);
  return fmt::format("{}s", s);
}

std::optional<Duration> parse_duration(std::string_view text) {
  constexpr long long kMaxSeconds = 366LL * 86400;
  long long total = 0;
  if (text.empty()) return std::nullopt;
  bool unit_seen = false;
  while (!text.empty()) {
    std::size_t n = 0;
    while (n < text.size() && text[n] >= '0' && text[n] <= '9') ++n;
    const auto value = parse_integer(text.substr(0, n));
    if (n == 0 || !value || *value > kMaxSeconds) return std::nullopt;
    text.remove_prefix(n);
    long long factor = 1;
    if (text.empty()) {
      if (unit_seen) return std::nullopt;
    } else if (text[0] == 'h') {
      factor = 3600;
    } else if (text[0] == 'm') {
      factor = 60;
    } else if (text[0] != 's') {
      return std::nullopt;
    }
    if (!text.empty()) text.remove_prefix(1), unit_seen = true;
    total += *value * factor;
  }
  if (total <= 0 || total > kMaxSeconds) return std::nullopt;
  return seconds{total};
}

}  // namespace base
