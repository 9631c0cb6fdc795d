#include "deliver/browser_window.h"

#include "aws/percent_encoding.h"
#include "base/file.h"
#include "base/text.h"
#include "deliver/quoting.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace deliver {
namespace {

using base::ErrorKind;
using std::string_view;

constexpr std::size_t kMostWord = std::size_t{64} * 1024;  // every byte of the longest URL escaped, and room
constexpr std::size_t kLongestName = 60;
constexpr std::size_t kMostPreferences = 4096;
constexpr string_view kNul("\0", 1);

struct Color {
  string_view name;   // as Firefox's containers have it
  std::int32_t argb;  // as Chromium's Preferences have it
};
constexpr std::array<Color, 8> kColors = {{{"blue", static_cast<std::int32_t>(0xFF1A73E8)},
                                           {"turquoise", static_cast<std::int32_t>(0xFF00A3A3)},
                                           {"green", static_cast<std::int32_t>(0xFF2E8B33)},
                                           {"yellow", static_cast<std::int32_t>(0xFFF2C200)},
                                           {"orange", static_cast<std::int32_t>(0xFFE8710A)},
                                           {"pink", static_cast<std::int32_t>(0xFFE052A0)},
                                           {"purple", static_cast<std::int32_t>(0xFF8430CE)},
                                           {"red", static_cast<std::int32_t>(0xFFD01E1E)}}};
constexpr std::size_t kForAnyName = 7;  // all but red

enum class Family { firefox, chromium, neither };

/// By the name of the program and of what a link (x-www-browser) leads to.
Family family_of(const std::string& program) {
  constexpr std::array<string_view, 5> kFirefox = {"firefox", "librewolf", "waterfox", "floorp", "zen"};
  constexpr std::array<string_view, 6> kChromium = {"chromium",       "google-chrome", "chrome",
                                                    "microsoft-edge", "brave",         "vivaldi"};
  const std::unique_ptr<char, void (*)(void*)> real(realpath(program.c_str(), nullptr), std::free);
  for (const std::string& path : {program, std::string(real == nullptr ? "" : real.get())}) {
    const string_view name = string_view(path).substr(path.rfind('/') + 1);
    const auto begins = [&](string_view word) { return name.starts_with(word); };
    if (std::ranges::any_of(kFirefox, begins)) return Family::firefox;
    if (std::ranges::any_of(kChromium, begins)) return Family::chromium;
  }
  return Family::neither;
}

const Color& color_of(const BrowserChoice& choice) {
  const string_view name = choice.color.empty() ? browser_color_of(choice.container) : string_view(choice.color);
  const auto found = std::ranges::find(kColors, name, &Color::name);
  return found == kColors.end() ? kColors[0] : *found;
}

secret::Bytes finished(secret::Buffer&& word) {
  append_text(word, kNul);
  return std::move(word).take();
}

/// The link of the extension "Granted Containers" for Firefox, which opens a tab in a container that it makes.
base::Result<secret::Bytes> firefox_link(const secret::Bytes& url, const BrowserChoice& choice) {
  secret::Buffer word(kMostWord);
  append_text(word, "ext+granted-containers:name=");
  bool fits = aws::append_percent_encoded(word, base::printable(choice.container, kLongestName));
  append_text(word, "&url=");
  fits = fits && url.reveal_text([&](string_view text) { return aws::append_percent_encoded(word, text); });
  if (!fits) return base::fail(ErrorKind::refused, "the link is too long for a Firefox container");
  append_text(word, "&color=");
  append_text(word, color_of(choice).name);
  append_text(word, "&icon=fingerprint");
  return finished(std::move(word));
}

/// A profile's first Preferences, from which Chromium takes its name and theme; afterwards the file is Chromium's.
base::Result<std::string> first_preferences(const BrowserChoice& choice) {
  secret::Buffer text(kMostPreferences);
  append_text(text, R"({"profile":{"name":)");
  if (!append_quoted(text, Quoting::json, base::printable(choice.container, kLongestName)))
    return base::fail(ErrorKind::refused, "the account's name cannot be the name of a browser profile");
  append_text(text, R"(,"using_default_name":false},"extensions":{"theme":{"id":"user_color_theme_id"}},)"
                    R"("browser":{"theme":{"color_variant2":1,"user_color2":)");
  append_text(text, std::to_string(color_of(choice).argb));
  append_text(text, "}}}");
  return std::move(text).take().reveal_text([](string_view all) { return std::string(all); });
}

base::Result<std::vector<std::string>> chromium_options(const BrowserChoice& choice) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  };
  if (choice.container_id.empty() || !std::ranges::all_of(choice.container_id, plain))
    return base::fail(ErrorKind::refused, "the account's id cannot be the name of a directory");
  const std::string all = choice.data_directory + "/browser";
  const std::string name = "account-" + choice.container_id;
  const std::string profile = all + "/" + name;
  TRY(base::ensure_private_directory(profile));
  const std::string preferences = profile + "/Preferences";
  struct stat facts{};
  if (stat(preferences.c_str(), &facts) != 0) {
    const std::string text = TRY(first_preferences(choice));
    TRY(base::write_file_atomically(preferences, text));
  }
  return std::vector<std::string>{"--user-data-dir=" + all, "--profile-directory=" + name, "--no-first-run",
                                  "--no-default-browser-check"};
}

}  // namespace

bool is_browser_color(std::string_view color) {
  return std::ranges::find(kColors, color, &Color::name) != kColors.end();
}

std::string_view browser_color_of(std::string_view name) {
  std::uint32_t hash = 2'166'136'261;  // FNV-1a: the same on every machine, for ever
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619;
  return kColors[hash % kForAnyName].name;
}

BrowserWords plain_words(const secret::Bytes& url) {
  return {{}, secret::Bytes::concatenated(url, secret::Bytes::copy_of(kNul))};
}

base::Result<BrowserWords> words_in_container(const std::string& program, const secret::Bytes& url,
                                              const BrowserChoice& choice) {
  switch (family_of(program)) {
    case Family::firefox:
      return BrowserWords{{}, TRY(firefox_link(url, choice))};
    case Family::chromium: {
      auto words = plain_words(url);
      words.options = TRY(chromium_options(choice));
      return words;
    }
    case Family::neither:
      break;
  }
  return base::fail(
      ErrorKind::usage,
      base::printable(program, 200) + " has no containers and no profiles that kabuto knows how to ask for",
      "add --browser firefox or --browser chromium, or leave --container out");
}

}  // namespace deliver
