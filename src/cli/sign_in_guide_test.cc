// What a person is shown while signing in, which links are refused before anything is shown or started, and whether a
// camera could read the QR code: zbarimg decodes a picture made of the printed blocks.
#include "cli/sign_in_guide.h"

#include "base/file.h"
#include "base/own_directory_for_test.h"
#include "base/text.h"
#include "cli/qr_code.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace cli {
namespace {

class RecordedScreen final : public Screen {
 public:
  bool has_person() override { return person; }
  std::optional<ScreenSize> size() override { return terminal; }
  void show(std::string_view text) override { shown += text; }
  void draw(std::string_view text) override { drawn += text; }

  bool person = true;
  std::optional<ScreenSize> terminal = ScreenSize{80, 50};
  std::string shown;
  std::string drawn;
};

const credentials::SsoSession kSession = {
    "corp", "https://d-1234567890.awsapps.com/start#/", "eu-west-1", {}, false, "/home/u/.aws/config line 1"};
constexpr auto kAuthorize = "https://oidc.eu-west-1.amazonaws.com/authorize?response_type=code&state=abc";

/// A machine whose browser writes what it was started with into `record`.
class Machine {
 public:
  Machine() {
    const std::string program = directory.path() + "/browser";
    std::ofstream(program) << "#!/bin/sh\nprintf '%s\\n' \"$#\" \"$@\" >'" << record() << ".new'\nmv '" << record()
                           << ".new' '" << record() << "'\n";
    chmod(program.c_str(), 0700);
    browser_ = "BROWSER=" + program;
    environment = {browser_, home, "PATH=/usr/bin:/bin", "LANG=C.UTF-8", "TERM=xterm", "DISPLAY=:0"};
  }
  std::string record() const { return directory.path() + "/started"; }
  bool started() const { return access(record().c_str(), F_OK) == 0; }
  /// A browser is started beside us: it is waited for, up to ten seconds.
  std::string what_started() const {
    for (int i = 0; i < 1000 && !started(); ++i) usleep(10'000);
    const auto text = base::read_file(record(), 1 << 16);
    return text && *text ? **text : "";
  }

  base::OwnDirectory directory;
  std::string home = "HOME=" + directory.path();
  base::Environment environment;

 private:
  std::string browser_;  // the environment only views it
};

aws::DeviceAuthorization device(const std::string& uri, const std::string& complete) {
  aws::DeviceAuthorization out;
  out.device_code = secret::Bytes::copy_of("device-code");
  out.user_code = "QWER-TYUI";
  out.verification_uri = uri;
  out.verification_uri_complete = complete;
  return out;
}

TEST(SignInGuide, says_session_portal_and_link_and_starts_the_browser_with_that_link_as_one_argument) {
  Machine machine;
  RecordedScreen screen;
  TerminalSignInGuide guide(machine.environment, screen);
  ASSERT_TRUE(guide.open(kAuthorize, kSession).has_value());
  EXPECT_NE(screen.shown.find("corp (https://d-1234567890.awsapps.com/start#/)"), std::string::npos) << screen.shown;
  EXPECT_NE(screen.shown.find(std::string("\n") + kAuthorize + "\n"), std::string::npos) << screen.shown;
  EXPECT_EQ(machine.what_started(), std::string("1\n") + kAuthorize + "\n");
}

TEST(SignInGuide, shows_the_devices_link_host_code_and_the_warning) {
  Machine machine;
  RecordedScreen screen;
  TerminalSignInGuide guide(machine.environment, screen);
  const std::string complete = "https://device.sso.eu-west-1.amazonaws.com/?user_code=QWER-TYUI";
  ASSERT_TRUE(guide.show_device_code(device("https://device.sso.eu-west-1.amazonaws.com/", complete), kSession));
  EXPECT_NE(screen.shown.find("\n" + complete + "\n"), std::string::npos) << screen.shown;
  EXPECT_NE(screen.shown.find("device.sso.eu-west-1.amazonaws.com and shows the code QWER-TYUI"), std::string::npos);
  EXPECT_NE(screen.shown.find("confirm it only if you have just started this yourself"), std::string::npos);
  EXPECT_FALSE(machine.started());
}

TEST(SignInGuide, a_device_link_of_the_portal_itself_is_shown_with_its_fragment) {
  Machine machine;
  RecordedScreen screen;
  TerminalSignInGuide guide(machine.environment, screen);
  const std::string page = "https://d-1234567890.awsapps.com/start/#/device";
  ASSERT_TRUE(guide.show_device_code(device(page, page + "?user_code=QWER-TYUI"), kSession));
  EXPECT_NE(screen.shown.find("\n" + page + "?user_code=QWER-TYUI\n"), std::string::npos) << screen.shown;
}

TEST(SignInGuide, a_link_that_leads_elsewhere_is_refused_before_anything_is_shown_or_started) {
  const std::vector<std::string> hostile = {"http://oidc.eu-west-1.amazonaws.com/authorize",
                                            "https://evil.example/$(id)",
                                            "https://oidc.eu-west-1.amazonaws.com.evil.example/",
                                            "https://oidc.eu-west-1.amazonaws.com@evil.example/",
                                            "https://evil.example#.amazonaws.com/",
                                            "https://evil.example\\@device.sso.eu-west-1.amazonaws.com/",
                                            "-flag",
                                            "--profile=/tmp/x",
                                            "file:///etc/passwd",
                                            "javascript:alert(1)",
                                            "https://device.sso.eu-west-1.amazonaws.com/ --flag",
                                            "https://device.sso.eu-west-1.amazonaws.com/\x1b]52;c;aWQ=\a",
                                            "https://device.sso.eu-west-1.amazonaws.com/\nhttps://evil.example/",
                                            "http://192.168.0.1/",
                                            ""};
  for (const auto& link : hostile) {
    Machine machine;
    RecordedScreen screen;
    TerminalSignInGuide guide(machine.environment, screen);
    const auto opened = guide.open(link, kSession);
    ASSERT_FALSE(opened.has_value()) << link;
    EXPECT_EQ(opened.error().kind, base::ErrorKind::refused) << link;
    EXPECT_EQ(opened.error().what.find('\x1b'), std::string::npos);
    EXPECT_FALSE(guide.show_device_code(device(link, ""), kSession).has_value()) << link;
    if (!link.empty()) {
      EXPECT_FALSE(guide.show_device_code(device("https://device.sso.eu-west-1.amazonaws.com/", link), kSession))
          << link;
    }
    EXPECT_EQ(screen.shown + screen.drawn, "") << link;
    EXPECT_FALSE(machine.started()) << link;
  }
}

TEST(SignInGuide, a_code_that_would_drive_the_terminal_is_shown_escaped) {
  Machine machine;
  RecordedScreen screen;
  TerminalSignInGuide guide(machine.environment, screen);
  auto hostile = device("https://device.sso.eu-west-1.amazonaws.com/", "");
  hostile.user_code = "AB\x1b[2J\r\nCD";
  ASSERT_TRUE(guide.show_device_code(hostile, kSession).has_value());
  EXPECT_EQ(screen.shown.find('\x1b'), std::string::npos);
  EXPECT_EQ(screen.shown.find('\r'), std::string::npos);
}

TEST(SignInGuide, where_no_browser_is_found_a_person_still_has_the_link_and_a_program_gets_the_error) {
  Machine machine;
  const base::Environment bare = {"BROWSER=no-such-browser-anywhere", "PATH=/proc", machine.home, "DISPLAY=:0"};
  RecordedScreen screen;
  TerminalSignInGuide guide(bare, screen);
  EXPECT_TRUE(guide.open(kAuthorize, kSession).has_value());
  EXPECT_NE(screen.shown.find("no browser was started"), std::string::npos);
  screen.person = false;
  EXPECT_FALSE(guide.open(kAuthorize, kSession).has_value());
}

TEST(SignInGuide, no_qr_code_where_it_cannot_be_shown) {
  Machine machine;
  const base::Environment ascii = {"LANG=C", "TERM=xterm", machine.home};
  const base::Environment overridden = {"LC_ALL=C", "LANG=C.UTF-8", "TERM=xterm", machine.home};
  const base::Environment dumb = {"LANG=C.UTF-8", "TERM=dumb", machine.home};
  const auto drawn_in = [](const base::Environment& environment, std::optional<ScreenSize> size) {
    RecordedScreen screen;
    screen.terminal = size;
    TerminalSignInGuide guide(environment, screen);
    EXPECT_TRUE(guide.show_device_code(device("https://device.sso.eu-west-1.amazonaws.com/", ""), kSession));
    return !screen.drawn.empty();
  };
  const ScreenSize large{80, 50};
  EXPECT_TRUE(drawn_in(machine.environment, large));
  EXPECT_FALSE(drawn_in(ascii, large));
  EXPECT_FALSE(drawn_in(overridden, large));
  EXPECT_FALSE(drawn_in(dumb, large));
  EXPECT_FALSE(drawn_in(machine.environment, std::nullopt));
  EXPECT_FALSE(drawn_in(machine.environment, ScreenSize{30, 50}));
  EXPECT_FALSE(drawn_in(machine.environment, ScreenSize{80, 10}));
}

TEST(QrCode, without_the_library_the_package_is_named) {
  const auto code = make_qr_code("text", "libno-such-library.so.4");
  ASSERT_FALSE(code.has_value());
  EXPECT_EQ(code.error().hint, "run sudo apt-get install libqrencode4");
}

TEST(QrCode, a_text_longer_than_any_code_holds_is_refused) {
  EXPECT_FALSE(make_qr_code(std::string(4000, 'x')).has_value());
}

/// A grey picture of the blocks as a terminal shows them, eight pixels a module. Knows the blocks and colours only.
std::string picture_of(const std::string& drawn) {
  constexpr std::size_t kPixels = 8;
  const std::string begin = "\x1b[97;40m";
  const std::string end = "\x1b[0m";
  std::vector<std::string> modules;  // '1' is light
  for (const auto line : base::split(drawn, '\n')) {
    if (line.empty()) continue;
    EXPECT_TRUE(line.starts_with(begin) && line.ends_with(end));
    auto cells = line.substr(begin.size(), line.size() - begin.size() - end.size());
    std::string upper;
    std::string lower;
    while (!cells.empty()) {
      const std::size_t length = cells[0] == ' ' ? 1 : 3;
      const auto cell = cells.substr(0, length);
      upper += cell == "█" || cell == "▀" ? '1' : '0';
      lower += cell == "█" || cell == "▄" ? '1' : '0';
      cells.remove_prefix(length);
    }
    modules.push_back(upper);
    modules.push_back(lower);
  }
  const std::size_t width = modules.empty() ? 0 : modules[0].size();
  std::string out =
      "P5\n" + std::to_string(width * kPixels) + " " + std::to_string(modules.size() * kPixels) + "\n255\n";
  for (const auto& row : modules)
    for (std::size_t y = 0; y < kPixels; ++y)
      for (const char module : row) out.append(kPixels, module == '1' ? '\xff' : '\0');
  return out;
}

std::string decoded(const std::string& picture) {
  const base::OwnDirectory directory;
  const std::string file = directory.path() + "/code.pgm";
  std::ofstream(file, std::ios::binary) << picture;
  const std::string command = "zbarimg --quiet --raw --nodbus -Sdisable -Sqrcode.enable '" + file + "'";
  std::FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "zbarimg cannot be run";
  std::string out;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) out += static_cast<char>(c);
  pclose(pipe);
  return out;
}

TEST(QrCode, what_is_drawn_is_read_by_another_decoder) {
  const std::vector<std::string> texts = {"https://device.sso.eu-west-1.amazonaws.com/?user_code=QWER-TYUI",
                                          "https://d-1234567890.awsapps.com/start/#/device?user_code=QWER-TYUI", "x",
                                          "https://signin.example/" + std::string(300, 'a')};
  for (const auto& text : texts) {
    const auto code = make_qr_code(text);
    ASSERT_TRUE(code.has_value());
    for (const std::size_t quiet : {4U, 2U}) {
      const std::string drawn = draw_qr_code(*code, quiet);
      EXPECT_EQ(std::ranges::count(drawn, '\n'), static_cast<std::ptrdiff_t>(qr_lines(*code, quiet)));
      EXPECT_EQ(decoded(picture_of(drawn)), text + "\n");
    }
  }
}

TEST(SignInGuide, the_qr_code_holds_the_link_with_the_code_in_it) {
  Machine machine;
  RecordedScreen screen;
  TerminalSignInGuide guide(machine.environment, screen);
  const std::string complete = "https://device.sso.eu-west-1.amazonaws.com/?user_code=QWER-TYUI";
  ASSERT_TRUE(guide.show_device_code(device("https://device.sso.eu-west-1.amazonaws.com/", complete), kSession));
  EXPECT_EQ(decoded(picture_of(screen.drawn)), complete + "\n");
}

}  // namespace
}  // namespace cli
