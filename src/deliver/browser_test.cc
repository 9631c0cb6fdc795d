#include "deliver/browser.h"

#include "base/file.h"
#include "base/own_directory_for_test.h"
#include "base/text.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

namespace deliver {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using Words = std::vector<std::string>;

constexpr const char* kUrl = "https://signin.aws.amazon.com/federation?Action=login&SigninToken=T";

/// A directory of fake browsers, each of which records its words and its environment.
struct Desk {
  base::OwnDirectory own;
  std::string path = "PATH=" + own.path() + ":/usr/bin:/bin";

  void program(const std::string& name, const std::string& ending = "") {
    const std::string file = own.path() + "/" + name;
    std::ofstream(file) << "#!/bin/sh\nprintf '%s\\n' \"$@\" >'" << record("words") << "'\nenv >'" << record("env")
                        << "'\nls -l /proc/self/fd >'" << record("fds") << "'\n"
                        << ending << "\n";
    ASSERT_EQ(chmod(file.c_str(), 0755), 0);
  }
  std::string record(const std::string& name) const { return own.path() + "/recorded." + name; }
  std::string text(const std::string& name) const {
    const auto all = base::read_file(record(name), 1 << 16);
    return all && *all ? **all : "";
  }
  Words words() const {
    const std::string all = text("words");
    Words out;
    for (const auto line : base::split(all, '\n'))
      if (!line.empty()) out.emplace_back(line);
    return out;
  }
  bool started() const { return fs::exists(record("words")); }
};

TEST(Browser, the_systems_program_gets_the_url_as_its_one_argument) {
  Desk desk;
  desk.program("xdg-open");
  const base::Environment environment{desk.path};
  ASSERT_TRUE(open_browser(kUrl, {}, {}, environment));
  EXPECT_EQ(desk.words(), Words{kUrl});
}

TEST(Browser, a_hostile_url_starts_nothing) {
  Desk desk;
  desk.program("xdg-open");
  const base::Environment environment{desk.path};
  for (const auto* const url : {"https://h/$(id)", "-flag", "file:///etc/passwd", "javascript:alert(1)",
                                "https://signin.aws.amazon.com/a b", "https://example.com/"})
    EXPECT_EQ(open_browser(url, {}, {}, environment).error().kind, ErrorKind::refused) << url;
  EXPECT_FALSE(desk.started());
}

TEST(Browser, credentials_and_passphrases_do_not_reach_it) {
  Desk desk;
  desk.program("xdg-open");
  const base::Environment environment{desk.path, "AWS_SECRET_ACCESS_KEY=canary", "AWS_SESSION_TOKEN=canary",
                                      "KABUTO_PASSPHRASE_FILE=canary", "DISPLAY=:7"};
  ASSERT_TRUE(open_browser(kUrl, {}, {}, environment));
  EXPECT_EQ(desk.text("env").find("canary"), std::string::npos);
  EXPECT_NE(desk.text("env").find("DISPLAY=:7"), std::string::npos);
}

TEST(Browser, it_has_no_descriptor_of_ours) {
  Desk desk;
  desk.program("xdg-open");
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const base::Environment environment{desk.path};
  ASSERT_TRUE(open_browser(kUrl, {}, {}, environment));
  EXPECT_EQ(desk.text("fds").find("pipe:"), std::string::npos) << desk.text("fds");
  close(ends[0]);
  close(ends[1]);
}

TEST(Browser, the_order_is_option_own_variable_browser_variable_system) {
  for (const auto* const name : {"chosen", "own", "first", "wslview", "xdg-open"}) {
    Desk desk;
    desk.program(name);
    const std::string chosen = name == std::string("chosen") ? "chosen" : "";
    std::vector<std::string_view> entries = {desk.path};
    if (name == std::string("own") || !chosen.empty()) entries.emplace_back("KABUTO_BROWSER=own");
    if (name != std::string("xdg-open") && name != std::string("wslview"))
      entries.emplace_back("BROWSER=first --new-tab %s; touch x:second");
    if (name != std::string("xdg-open")) entries.emplace_back("WSL_DISTRO_NAME=Debian");
    const auto opened = open_browser(kUrl, {}, {.browser = chosen}, base::Environment::of_entries(entries));
    EXPECT_TRUE(opened) << name << ": " << opened.error().what;
    EXPECT_EQ(desk.words(), Words{kUrl}) << name;
  }
}

TEST(Browser, one_that_others_can_replace_is_not_started) {
  Desk desk;
  desk.program("own-browser");
  const base::Environment environment{desk.path};
  const BrowserChoice choice{.browser = "own-browser"};
  ASSERT_EQ(chmod((desk.own.path() + "/own-browser").c_str(), 0777), 0);
  EXPECT_EQ(open_browser(kUrl, {}, choice, environment).error().kind, ErrorKind::refused);
  ASSERT_EQ(chmod((desk.own.path() + "/own-browser").c_str(), 0755), 0);
  ASSERT_EQ(chmod(desk.own.path().c_str(), 0777), 0);
  EXPECT_EQ(open_browser(kUrl, {}, choice, environment).error().kind, ErrorKind::refused);
  EXPECT_FALSE(desk.started());
}

TEST(Browser, none_and_one_that_fails_are_told) {
  Desk desk;
  const base::Environment environment{desk.path, "BROWSER=no-such-browser"};
  const auto none = open_browser(kUrl, {}, {}, environment);
  EXPECT_EQ(none.error().kind, ErrorKind::not_found);
  EXPECT_NE(none.error().what.find("BROWSER names no-such-browser"), std::string::npos) << none.error().what;
  desk.program("failing", "exit 4");
  const auto failed = open_browser(kUrl, {}, {.browser = "failing"}, environment);
  EXPECT_EQ(failed.error().kind, ErrorKind::failure);
}

TEST(Browser, one_that_goes_on_running_is_left_alone) {
  Desk desk;
  desk.program("xdg-open", "sleep 3; touch '" + desk.record("late") + "'");
  const base::Environment environment{desk.path};
  ASSERT_TRUE(open_browser(kUrl, {}, {}, environment));
  EXPECT_FALSE(fs::exists(desk.record("late")));
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "it must not be our child";
}

TEST(Browser, a_firefox_container_is_asked_for_in_one_argument) {
  Desk desk;
  desk.program("firefox-esr");
  const base::Environment environment{desk.path};
  const BrowserChoice choice{.browser = "firefox-esr", .container = "people & co", .color = "red", .container_id = "1"};
  ASSERT_TRUE(open_browser(kUrl, {}, choice, environment));
  EXPECT_EQ(desk.words(),
            Words{"ext+granted-containers:name=people%20%26%20co&url=https%3A%2F%2Fsignin.aws.amazon.com%2Ffederation"
                  "%3FAction%3Dlogin%26SigninToken%3DT&color=red&icon=fingerprint"});
}

TEST(Browser, a_chrome_profile_is_made_once_with_name_and_colour) {
  Desk desk;
  desk.program("chromium");
  const base::Environment environment{desk.path};
  BrowserChoice choice{.browser = "chromium",
                       .container = "people \"x\"",
                       .color = "red",
                       .container_id = "111111111111",
                       .data_directory = desk.own.path() + "/data"};
  ASSERT_TRUE(open_browser(kUrl, {}, choice, environment));
  const std::string all = desk.own.path() + "/data/browser";
  EXPECT_EQ(desk.words(), (Words{"--user-data-dir=" + all, "--profile-directory=account-111111111111", "--no-first-run",
                                 "--no-default-browser-check", kUrl}));
  const std::string preferences = all + "/account-111111111111/Preferences";
  EXPECT_EQ(nlohmann::json::parse(std::ifstream(preferences))["profile"]["name"], "people \"x\"");
  std::ofstream(preferences) << "chromium's own";
  ASSERT_TRUE(open_browser(kUrl, {}, choice, environment));
  EXPECT_EQ(base::read_file(preferences, 100).value(), "chromium's own");
  choice.container_id = "../x";
  EXPECT_EQ(open_browser(kUrl, {}, choice, environment).error().kind, ErrorKind::refused);
}

TEST(Browser, a_browser_without_containers_says_so) {
  Desk desk;
  desk.program("xdg-open");
  const base::Environment environment{desk.path};
  EXPECT_EQ(open_browser(kUrl, {}, {.container = "people"}, environment).error().kind, ErrorKind::usage);
  EXPECT_FALSE(desk.started());
}

TEST(Browser, colours_are_stable_spread_and_never_red) {
  EXPECT_EQ(browser_color_of("111111111111"), browser_color_of("111111111111"));
  std::set<std::string_view> seen;
  for (int i = 0; i < 200; ++i) seen.insert(browser_color_of(std::to_string(100'000'000'000 + i)));
  EXPECT_EQ(seen.size(), 7U);
  EXPECT_FALSE(seen.contains("red"));
  for (const auto color : seen) EXPECT_TRUE(is_browser_color(color)) << color;
}

TEST(Browser, over_ssh_there_is_no_window) {
  EXPECT_FALSE(has_browser({"DISPLAY=:0", "SSH_CONNECTION=1 2 3 4"}));
  EXPECT_FALSE(has_browser({"DISPLAY=:0", "container=podman"}));
  EXPECT_FALSE(has_browser({}));
  EXPECT_TRUE(has_browser({"KABUTO_BROWSER=firefox", "SSH_CONNECTION=1 2 3 4"}));
}

}  // namespace
}  // namespace deliver
