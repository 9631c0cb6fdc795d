#include "aws/profile.h"

#include "aws/vectors_for_test.h"
#include "base/text.h"
#include "secret/text_for_test.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

namespace aws {
namespace {

using nlohmann::json;

/// The profile's keys in lower case with their values, those of secrets too.
json as_json(const Profile& profile) {
  json out = json::object();
  for (const Setting& setting : profile.settings()) {
    const auto value = profile.secret(setting.key);
    out[base::lower_ascii(setting.key)] = value ? text_of(*value) : std::string();
  }
  return out;
}

json all_profiles(const Profiles& profiles) {
  json out = json::object();
  for (const auto name : profiles.names()) out[std::string(name)] = as_json(*profiles.find(name).value());
  return out;
}

Profiles of(std::string_view config, std::string_view credentials = {}, Inherit inherit = Inherit::included_only) {
  auto profiles = Profiles::of_texts(config, credentials, inherit);
  if (!profiles) {
    ADD_FAILURE() << profiles.error().what;
    return {};
  }
  return std::move(*profiles);
}

std::string error_of(std::string_view config) {
  const auto profiles = Profiles::of_texts(config, {});
  return profiles ? "no error" : profiles.error().what;
}

TEST(ProfileVectors, the_reference_cases_of_the_grammar) {
  if (!vectors_present()) GTEST_SKIP();
  std::size_t ran = 0;
  const json file_of_vectors = vector_json("smithy-rs-aws-runtime/profile-parser-tests.json");
  for (const json& test : file_of_vectors.at("tests")) {
    ++ran;
    SCOPED_TRACE(test.at("name").get<std::string>());
    const json& input = test.at("input");
    const auto profiles = Profiles::of_texts(input.value("configFile", ""), input.value("credentialsFile", ""));
    const json& output = test.at("output");
    if (output.contains("errorContaining")) {
      ASSERT_FALSE(profiles.has_value());
      EXPECT_NE(profiles.error().what.find(output["errorContaining"].get<std::string>()), std::string::npos)
          << profiles.error().what;
      continue;
    }
    ASSERT_TRUE(profiles.has_value()) << profiles.error().what;
    EXPECT_EQ(all_profiles(*profiles), output.at("config").at("profiles"));
    json sessions = json::object();
    for (const auto name : profiles->sso_session_names())
      sessions[std::string(name)] = as_json(*profiles->sso_session(name));
    if (output["config"].contains("sso_sessions")) {
      EXPECT_EQ(sessions, output["config"]["sso_sessions"]);
    }
  }
  vectors_ran("smithy-rs-aws-runtime/profile-parser-tests.json", ran, 65);
}

TEST(ProfileVectors, file_locations_per_platform) {
  if (!vectors_present()) GTEST_SKIP();
  std::size_t ran = 0;
  const json file_of_vectors = vector_json("smithy-rs-aws-runtime/file-location-tests.json");
  for (const json& test : file_of_vectors.at("tests")) {
    ++ran;
    SCOPED_TRACE(test.at("name").get<std::string>());
    std::vector<std::string> entries;
    for (const auto& [name, value] : test.at("environment").items())
      entries.push_back(name + "=" + value.get<std::string>());
    base::Environment environment = [&]() -> base::Environment {
      switch (entries.size()) {
        case 1:
          return {entries[0]};
        case 2:
          return {entries[0], entries[1]};
        case 3:
          return {entries[0], entries[1], entries[2]};
        default:
          return {entries.at(0), entries.at(1), entries.at(2), entries.at(3)};
      }
    }();
    const auto found = locations(environment, test.at("platform") == "windows" ? Platform::windows : Platform::posix);
    EXPECT_EQ(found.config, test.at("configLocation").get<std::string>());
    EXPECT_EQ(found.credentials, test.at("credentialsLocation").get<std::string>());
  }
  vectors_ran("smithy-rs-aws-runtime/file-location-tests.json", ran, 9);
}

// botocore reads with Python's configparser. Where it and the grammar differ the grammar decides: botocore's several
// config files are no part of it (whole profiles, first file wins), so of "files" the first is read alone.
TEST(ProfileVectors, botocore_files) {
  if (!vectors_present()) GTEST_SKIP();
  std::size_t ran = 0;
  const json file_of_vectors = vector_json("derived/botocore-cfg-expected.json");
  for (const json& test : file_of_vectors.at("cases")) {
    ++ran;
    const std::string file = test.contains("file") ? test["file"] : test["files"][0];
    SCOPED_TRACE(file);
    const auto profiles = Profiles::of_texts(vector_text("botocore/cfg/" + file), {});
    if (test.contains("error")) {
      EXPECT_FALSE(profiles.has_value());
      continue;
    }
    ASSERT_TRUE(profiles.has_value()) << profiles.error().what;
    if (test.contains("profiles")) {
      std::set<std::string> names;
      for (const auto name : profiles->names()) names.emplace(name);
      EXPECT_EQ(json(names), test["profiles"]);
    }
    const auto has_values = [](const Profile& profile, const json& values) {
      for (const auto& [key, value] : values.items()) {
        if (value.is_string()) {
          EXPECT_EQ(text_of(profile.secret(key).value()), value.get<std::string>()) << key;
          continue;
        }
        for (const auto& [sub_key, sub_value] : value.items())
          EXPECT_EQ(profile.get(key, sub_key).value().value, sub_value.get<std::string>()) << key << '.' << sub_key;
      }
    };
    if (test.contains("default")) has_values(*profiles->find("default").value(), test["default"]);
    if (test.contains("raw")) has_values(*profiles->find("default").value(), test["raw"]);
    const json sso_sessions = test.value("sso_sessions", json::object());
    for (const auto& [name, values] : sso_sessions.items()) has_values(profiles->sso_session(name).value(), values);
    const json services = test.value("services", json::object());
    for (const auto& [name, values] : services.items()) has_values(profiles->services(name).value(), values);
    if (test.contains("merged")) has_values(*profiles->find("default").value(), test["merged"]["default"]);
  }
  vectors_ran("derived/botocore-cfg-expected.json", ran, 9);
}

// The Go SDK's files are no oracle: the reader must not fall over, and an error must name a line.
TEST(ProfileVectors, go_files_are_read_or_refused_with_a_line) {
  if (!vectors_present()) GTEST_SKIP();
  std::size_t valid = 0;
  std::size_t invalid = 0;
  std::set<std::string> refused;
  for (const std::string folder : {"valid", "invalid"}) {
    const std::string base = "aws-sdk-go-v1/internal/ini/testdata/" + folder;
    for (const auto& entry : std::filesystem::directory_iterator(std::string(KABUTO_VECTORS_DIR) + "/" + base)) {
      const std::string name = entry.path().filename();
      if (name.ends_with("_expected")) continue;
      ++(folder == "valid" ? valid : invalid);
      const auto profiles = Profiles::of_texts(vector_text(base + "/" + name), {});
      if (!profiles) {
        EXPECT_NE(profiles.error().what.find(" on line "), std::string::npos) << name;
        if (folder == "invalid") refused.insert(name);
      }
    }
  }
  vectors_ran("aws-sdk-go-v1/internal/ini/testdata/valid", valid, 19);
  vectors_ran("aws-sdk-go-v1/internal/ini/testdata/invalid", invalid, 6);
  EXPECT_EQ(refused, (std::set<std::string>{"incomplete_section_profile", "syntax_error_comment"}));
}

TEST(Profiles, credentials_win_over_config_key_by_key_and_say_where) {
  const Profiles profiles = of("[profile a]\nregion = eu-west-1\nrole_arn = x\n", "[a]\nregion = us-east-1\n");
  const Profile a = *profiles.find("a").value();
  EXPECT_EQ(a.value("REGION"), "us-east-1");
  EXPECT_EQ(a.get("region")->where(), "credentials line 2");
  EXPECT_EQ(a.get("role_arn")->where(), "config line 3");
  EXPECT_EQ(a.where(), "config line 1");
  EXPECT_FALSE(a.get("output").has_value());
}

TEST(Profiles, secrets_leave_only_as_bytes) {
  const Profiles profiles = of({}, "[a]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = sesame\n");
  const Profile a = *profiles.find("a").value();
  EXPECT_EQ(a.value("aws_access_key_id"), "AKIDEXAMPLE");
  EXPECT_EQ(a.get("aws_secret_access_key")->value, "");
  EXPECT_EQ(text_of(*a.secret("AWS_Secret_Access_Key")), "sesame");
  EXPECT_FALSE(a.secret("aws_session_token").has_value());
  for (const Setting& setting : a.settings()) EXPECT_NE(setting.value, "sesame");
}

TEST(Profiles, quoted_names_may_hold_spaces) {
  const Profiles profiles =
      of("[profile \"my profile\"]\nregion = a\n[profile 'b c']\n[sso-session \"d e\"]\n"
         "[profile \"x\" \"y\"]\n[profile \"open]\n[profile a b]\n");
  EXPECT_EQ(profiles.names(), (std::vector<std::string_view>{"my profile", "b c"}));
  EXPECT_EQ(profiles.find("my profile").value()->value("region"), "a");
  EXPECT_TRUE(profiles.sso_session("d e").has_value());
}

TEST(Profiles, a_missing_profile_is_nullopt) { EXPECT_FALSE(of("[default]\n").find("x").value().has_value()); }

TEST(Profiles, include_profile_fills_unset_keys_along_the_chain) {
  const Profiles profiles =
      of("[default]\noutput = json\n"
         "[profile a]\ninclude_profile = b\nregion = one\n"
         "[profile b]\ninclude_profile = c\nregion = two\nmfa_serial = m\naws_access_key_id = AKID\n"
         "[profile c]\nmfa_serial = n\nsource_profile = s\n");
  const Profile a = *profiles.find("a").value();
  EXPECT_EQ(a.value("region"), "one");
  EXPECT_EQ(a.value("mfa_serial"), "m");
  EXPECT_EQ(a.value("source_profile"), "s");
  EXPECT_FALSE(a.get("aws_access_key_id").has_value());
  EXPECT_FALSE(a.get("output").has_value());
}

TEST(Profiles, default_is_inherited_only_where_asked) {
  const std::string_view config = "[default]\nregion = r\naws_access_key_id = AKID\n[profile a]\n";
  EXPECT_FALSE(of(config).find("a").value()->get("region").has_value());
  const Profiles inherited = of(config, {}, Inherit::included_and_default);
  EXPECT_EQ(inherited.find("a").value()->value("region"), "r");
  EXPECT_FALSE(inherited.find("a").value()->get("aws_access_key_id").has_value());
}

TEST(Profiles, a_key_put_over_the_files_comes_before_them_and_says_who_wants_it) {
  Profiles profiles = of("[default]\nregion = r\n[profile a]\nmfa_serial = file\n[profile b]\n");
  profiles.put_over("", "MFA_serial", "variable", "AWS_MFA_SERIAL");
  profiles.put_over("b", "role_arn", "arn", "AWS_ROLE_ARN");
  const auto a = profiles.find("a").value();
  EXPECT_EQ(a->value("mfa_serial"), "variable");
  EXPECT_EQ(a->get("mfa_serial")->where(), "AWS_MFA_SERIAL");
  EXPECT_EQ(a->value("role_arn"), "");
  EXPECT_EQ(profiles.find("b").value()->value("role_arn"), "arn");
  EXPECT_FALSE(profiles.find("c").value().has_value()) << "no profile is made by it";
}

TEST(Profiles, a_circle_of_includes_is_named) {
  const Profiles profiles = of("[profile a]\ninclude_profile = b\n[profile b]\ninclude_profile = a\n");
  const auto found = profiles.find("a");
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().what, "include_profile leads in a circle: a -> b -> a (config line 4)");
}

TEST(Profiles, a_way_of_includes_without_end_is_refused) {
  std::string config;
  for (int i = 0; i < 200; ++i)
    config += "[profile p" + std::to_string(i) + "]\ninclude_profile = p" + std::to_string(i + 1) + "\n";
  const Profiles profiles = of(config + "[profile p200]\nregion = r\n");
  EXPECT_EQ(profiles.find("p0").error().what, "include_profile leads over more than 100 profiles (config line 200)");
  EXPECT_EQ(profiles.find("p101").value()->value("region"), "r");
}

TEST(Profiles, a_missing_include_is_named) {
  const Profiles profiles = of("[profile a]\ninclude_profile = b\n");
  const auto found = profiles.find("a");
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().kind, base::ErrorKind::not_found);
  EXPECT_EQ(found.error().what, "profile b, included by a (config line 2), does not exist");
}

TEST(Profiles, warnings_name_file_and_line) {
  const auto warnings = of("[default]\n[profile default]\na = 1\nA = 2\n[odd]\n[plugins]\n[profile b]\n[profile b]\n",
                           "[profile c]\nx y = 1\n")
                            .warnings();
  std::vector<std::string> lines;
  for (const Warning& w : warnings) lines.push_back(w.path + " " + std::to_string(w.line) + ": " + w.what);
  EXPECT_EQ(lines,
            (std::vector<std::string>{
                "config 1: [default] is ignored because there is a [profile default]",
                "config 4: A comes twice in [profile default]: the later one counts; the AWS CLI refuses such a file",
                "config 5: [odd] is ignored: no such kind of section, or not a valid name",
                "config 8: [profile b] comes twice: the AWS CLI refuses such a file",
                "credentials 1: [profile c] is ignored: no such kind of section, or not a valid name",
            }));
}

// Each line is a file that two readers understand differently; ours is the reading of the SDKs' common grammar.
TEST(Profiles, where_readers_differ_the_grammar_decides) {
  // The AWS CLI keeps comments behind a value, Go strips quotes, both JavaScript and the grammar cut after white space.
  EXPECT_EQ(of("[default]\na = 1 # x\nb = \"q\"\n").find("default").value()->value("a"), "1");
  EXPECT_EQ(of("[default]\na = 1 # x\nb = \"q\"\n").find("default").value()->value("b"), "\"q\"");
  // The AWS CLI refuses duplicates; here the later one counts (and warnings() says so).
  EXPECT_EQ(of("[default]\na = 1\n[default]\nA = 2\n").find("default").value()->value("a"), "2");
  // The AWS CLI takes ':' for '=' and [DEFAULT] for defaults of every section.
  EXPECT_EQ(error_of("[default]\na : 1\n"), "error parsing config on line 2: Expected an '=' sign defining a property");
  EXPECT_TRUE(of("[DEFAULT]\na = 1\n").names().empty());
  // The AWS CLI takes an indented comment for a comment; the grammar for a part of the value.
  EXPECT_EQ(of("[default]\na = 1\n # x\n").find("default").value()->value("a"), "1\n# x");
  // JavaScript ignores lines without '='; Go accepts properties before any section.
  EXPECT_EQ(error_of("a = 1\n"), "error parsing config on line 1: Expected a profile definition");
  // Rust takes [] of the credentials file for a profile without a name.
  EXPECT_TRUE(of("", "[]\na = 1\n").names().empty());
}

TEST(ConfigFile, errors_name_the_line_and_never_show_it) {
  EXPECT_EQ(error_of("[default]\na = 1\nsecret-without-sign\n"),
            "error parsing config on line 3: Expected an '=' sign defining a property");
  EXPECT_EQ(error_of("\n[default\n"), "error parsing config on line 2: Profile definition must end with ']'");
  EXPECT_EQ(error_of("\xEF\xBB\xBF[default]\n"),
            "error parsing config on line 1: Expected a profile definition, found a "
            "byte order mark: save the file without it");
  EXPECT_EQ(error_of("[default]\n# caf\xE9\n"), "error parsing config on line 2: The line is not UTF-8");
  EXPECT_EQ(error_of(std::string_view("[default]\na = b\0c\n", 18)),
            "error parsing config on line 2: The line holds a NUL byte");
}

TEST(ConfigFile, a_missing_file_is_empty_and_a_directory_is_an_error) {
  EXPECT_TRUE(ConfigFile::read("/proc/no-such-directory/config", FileKind::config).value().sections().empty());
  EXPECT_TRUE(ConfigFile::read("", FileKind::config).value().sections().empty());
  EXPECT_FALSE(ConfigFile::read("/", FileKind::config).has_value());
}

TEST(ConfigFile, a_megabyte_line_is_read) {
  const std::string value(1024 * 1024, 'x');
  EXPECT_EQ(of("[default]\nk = " + value + "\n").find("default").value()->value("k").size(), value.size());
}

TEST(ConfigFile, ten_thousand_profiles_are_found_by_name_before_and_after_the_index) {
  std::string config;
  for (int i = 0; i < 10'000; ++i)
    config += "[profile p" + std::to_string(i) + "]\nrole_arn = arn:aws:iam::123456789012:role/r" + std::to_string(i) +
              "\nsource_profile = base\nregion = eu-west-1\n";
  const auto start = std::chrono::steady_clock::now();
  const Profiles profiles = of(config);
  const Profile last = *profiles.find("p9999").value();
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(last.value("role_arn"), "arn:aws:iam::123456789012:role/r9999");
  std::printf("10,000 profiles, %zu bytes: %.2f ms\n", config.size(),
              std::chrono::duration<double, std::milli>(took).count());
  EXPECT_EQ(profiles.names().size(), 10'000U);
  for (int i = 0; i < 10'000; ++i) {
    const std::string name = "p" + std::to_string(i);
    ASSERT_EQ(profiles.find(name).value()->where(), "config line " + std::to_string(i * 4 + 1));
  }
}

TEST(Profiles, a_made_profile_comes_before_the_files_and_says_its_origin) {
  Profiles profiles = *Profiles::of_texts("[profile prod/Admin]\nregion = x\n[sso-session corp]\nsso_region = y\n", "");
  profiles.add_made("prod/Admin", {{"sso_session", "corp"}, {"sso_role_name", "Admin"}}, "--account");
  const Profiles moved = std::move(profiles);
  EXPECT_TRUE(moved.contains("prod/Admin"));
  const auto found = *moved.find("prod/Admin");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->value("sso_role_name"), "Admin");
  EXPECT_EQ(found->value("region"), "");
  EXPECT_EQ(found->where(), "--account");
  EXPECT_EQ(found->get("SSO_SESSION")->where(), "--account");
}

}  // namespace
}  // namespace aws
