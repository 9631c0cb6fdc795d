#include "aws/config_writer.h"

#include "aws/profile.h"
#include "aws/vectors_for_test.h"
#include "base/own_directory_for_test.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace aws {
namespace {

using nlohmann::json;

std::string result_of(std::string_view text, const std::vector<Edit>& edits, FileKind kind = FileKind::config) {
  const auto out = edited(text, kind, edits);
  return out ? std::string(out->view()) : "error: " + out.error().what;
}

Edit set(SectionName section, std::string key, std::string value) {
  return {.action = Edit::Action::set, .section = std::move(section), .key = std::move(key), .value = std::move(value)};
}
Edit unset(SectionName section, std::string key, std::string sub_key = {}) {
  return {.action = Edit::Action::unset,
          .section = std::move(section),
          .key = std::move(key),
          .sub_key = std::move(sub_key)};
}
Edit rename(SectionName from, SectionName to) {
  return {.action = Edit::Action::rename_section, .section = std::move(from), .new_section = std::move(to)};
}

const SectionName kDefault{"", "default"};
const SectionName kDev{"profile", "dev"};

TEST(WriterVectors, lossless_edits) {
  if (!vectors_present()) GTEST_SKIP();
  std::size_t ran = 0;
  const json file = vector_json("derived/config-file-writer.json");
  for (const json& test : file.at("cases")) {
    ++ran;
    SCOPED_TRACE(test.at("name").get<std::string>());
    SectionName section = kDefault;
    std::vector<Edit> edits;
    const json update = test.at("update");
    if (update.contains("__section__")) {
      const std::string name = update["__section__"];
      const auto space = name.find(' ');
      section = space == std::string::npos ? SectionName{"", name}
                                           : SectionName{name.substr(0, space), name.substr(space + 1)};
    }
    for (const auto& [key, value] : update.items()) {
      if (key == "__section__") continue;
      if (value.is_string()) {
        edits.push_back(set(section, key, value));
        continue;
      }
      for (const auto& [sub_key, sub_value] : value.items()) {
        edits.push_back(set(section, key, sub_value));
        edits.back().sub_key = sub_key;
      }
    }
    EXPECT_EQ(result_of(test.at("original").get<std::string>(), edits), test.at("expected").get<std::string>());
  }
  vectors_ran("derived/config-file-writer.json", ran, 23);
}

TEST(Writer, a_comment_on_the_line_and_the_spelling_of_the_key_stay) {
  EXPECT_EQ(result_of("[profile dev]\r\nRegion=a  # home\r\nx = 1\r\n", {set(kDev, "region", "b")}),
            "[profile dev]\r\nRegion = b  # home\r\nx = 1\r\n");
  EXPECT_EQ(result_of("[profile dev]\r\n", {set(kDev, "region", "b")}), "[profile dev]\r\nregion = b\r\n");
}

TEST(Writer, the_last_of_two_counts_and_both_go) {
  const std::string_view text = "[profile dev]\na = 1\n[x]\n[profile dev]\na = 2\n b\nb = 3\n";
  EXPECT_EQ(result_of(text, {set(kDev, "a", "9")}), "[profile dev]\na = 1\n[x]\n[profile dev]\na = 9\nb = 3\n");
  EXPECT_EQ(result_of(text, {unset(kDev, "A")}), "[profile dev]\n[x]\n[profile dev]\nb = 3\n");
}

TEST(Writer, default_goes_where_it_counts) {
  EXPECT_EQ(result_of("[default]\na = 1\n[profile default]\na = 2\n", {set(kDefault, "a", "3")}),
            "[default]\na = 1\n[profile default]\na = 3\n");
  EXPECT_EQ(result_of("[default]\na = 1\n", {set({"profile", "default"}, "a", "3")}), "[default]\na = 3\n");
}

TEST(Writer, nested_values_are_unset_and_the_empty_parent_with_the_last) {
  const std::string_view text = "[profile dev]\ns3 =\n  a = 1\n\n  b = 2\nx = 1\n";
  EXPECT_EQ(result_of(text, {unset(kDev, "s3", "a")}), "[profile dev]\ns3 =\n\n  b = 2\nx = 1\n");
  EXPECT_EQ(result_of(text, {unset(kDev, "s3", "a"), unset(kDev, "s3", "b")}), "[profile dev]\n\nx = 1\n");
  EXPECT_EQ(result_of(text, {unset(kDev, "gone")}), text);
}

TEST(Writer, a_plain_value_is_not_turned_into_a_parent) {
  Edit edit = set(kDev, "s3", "v");
  edit.sub_key = "a";
  EXPECT_EQ(result_of("[profile dev]\ns3 = x\n", {edit}), "error: s3 has a plain value; it cannot hold a below it");
}

TEST(Writer, sections_are_added_removed_and_renamed) {
  const std::string_view text = "# top\n[profile dev] # mine\na = 1\n\n# about b\n[profile b]\n";
  EXPECT_EQ(result_of(text, {{.action = Edit::Action::remove_section, .section = kDev}}),
            "# top\n# about b\n[profile b]\n");
  EXPECT_EQ(result_of(text, {{.action = Edit::Action::add_section, .section = {"profile", "two  words"}}}),
            std::string(text) + "[profile \"two  words\"]\n");
  EXPECT_EQ(result_of(text, {rename(kDev, {"profile", "prod x"})}),
            "# top\n[profile \"prod x\"] # mine\na = 1\n\n# about b\n[profile b]\n");
  EXPECT_EQ(result_of(text, {rename(kDev, kDefault)}), "# top\n[default] # mine\na = 1\n\n# about b\n[profile b]\n");
  EXPECT_EQ(result_of(text, {rename(kDev, {"profile", "b"})}), "error: there is a section [profile b] already");
  EXPECT_EQ(result_of(text, {rename({"profile", "c"}, {"profile", "d"})}), "error: there is no section [profile c]");
}

TEST(Writer, what_would_not_read_back_is_refused_and_never_repeated) {
  const std::string_view text = "[profile dev]\na = 1\n";
  for (const std::string& value :
       {std::string("canary\n[profile e]\ncredential_process=x"), std::string("canary\r"), std::string("canary\0", 7),
        std::string("canary # cut"), std::string("canary\t;x"), std::string("#canary"), std::string(" canary"),
        std::string("canary\t"), std::string("canary\x1b[0m"), std::string("canary\xff")}) {
    const auto out = edited(text, FileKind::config, std::vector{set(kDev, "a", value)});
    ASSERT_FALSE(out.has_value()) << value;
    EXPECT_EQ(out.error().kind, base::ErrorKind::refused);
    EXPECT_EQ(out.error().what.find("canary"), std::string::npos);
  }
  for (const std::string key : {"", "a b", "a=b", "a:b", "#a", "[a", "a\nb", "\xc3\xa4"})
    EXPECT_FALSE(edited(text, FileKind::config, std::vector{set(kDev, key, "v")}).has_value()) << key;
  for (const std::string name : {"", "a\nb", "a]b", "a\"b", "a#b", " a", "a\rb", "a\\b"})
    EXPECT_FALSE(edited(text, FileKind::config, std::vector{set({"profile", name}, "k", "v")}).has_value()) << name;
  EXPECT_FALSE(edited(text, FileKind::credentials, std::vector{set({"", "two words"}, "k", "v")}).has_value());
}

TEST(Writer, odd_values_read_back_byte_by_byte) {
  for (const std::string value : {"", "=x", "a=b", "a#b", "a;b", "'\"$()`\\!%", "a\tb", "\xe2\x80\xa8x", "[x]",
                                  "arn:aws:iam::1:role/x", "\xc2\x85", "-x", "a\\"}) {
    const std::string out = result_of("[default]\nx = 1\n[profile dev]\na = 1 ; old\n b\n", {set(kDev, "a", value)});
    const auto profiles = Profiles::of_texts(out, {});
    ASSERT_TRUE(profiles.has_value()) << out;
    EXPECT_EQ(profiles->find("dev").value()->value("a"), value);
  }
}

// The fuzz corpus: no crash, and what a rewrite leaves alone reads the same the second time.
TEST(WriterVectors, the_fuzz_corpus_survives_a_rewrite) {
  if (!vectors_present()) GTEST_SKIP();
  for (const auto& [folder, kind] : {std::pair("parse_config_profile", FileKind::config),
                                     std::pair("parse_credentials_profile", FileKind::credentials)}) {
    const std::string base = std::string("aws-c-auth-fuzz-corpus/corpus/") + folder;
    std::size_t ran = 0;
    for (const auto& entry : std::filesystem::directory_iterator(std::string(KABUTO_VECTORS_DIR) + "/" + base)) {
      ++ran;
      const std::string text = vector_text(base + "/" + entry.path().filename().string());
      const auto parsed = ConfigFile::parse(FileText::copy_of(text), "f", kind);
      const SectionName section = SectionName::of_profile("kabuto-test", kind);
      const auto out = edited(text, kind, std::vector{set(section, "kabuto_test", "value")});
      ASSERT_EQ(parsed.has_value(), out.has_value()) << entry.path();
      if (!out) continue;
      EXPECT_EQ(result_of(out->view(), {{.action = Edit::Action::remove_section, .section = section}}, kind),
                text.empty() || text.ends_with('\n')
                    ? text
                    : text + std::string(text.find("\r\n") < text.find('\n') ? "\r\n" : "\n"));
    }
    vectors_ran(base, ran, 40);
  }
}

class WriterFile : public testing::Test {
 protected:
  std::string read() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  base::SystemClock clock_;
  const base::OwnDirectory own_;
  const std::string directory_ = own_.path();
  const std::string path_ = directory_ + "/.aws/config";
};

TEST_F(WriterFile, is_made_private_and_kept_when_nothing_changes) {
  ASSERT_TRUE(edit_file(path_, FileKind::config, std::vector{set(kDev, "a", "1")}, clock_).has_value());
  EXPECT_EQ(read(), "[profile dev]\na = 1\n");
  struct stat facts{};
  ASSERT_EQ(stat(path_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
  ASSERT_EQ(stat((directory_ + "/.aws").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0700U);
  const auto before = std::filesystem::last_write_time(path_);
  ASSERT_TRUE(edit_file(path_, FileKind::config, std::vector{set(kDev, "a", "1")}, clock_).has_value());
  EXPECT_EQ(std::filesystem::last_write_time(path_), before);
}

TEST_F(WriterFile, a_refused_edit_leaves_the_file) {
  ASSERT_TRUE(edit_file(path_, FileKind::config, std::vector{set(kDev, "a", "1")}, clock_).has_value());
  EXPECT_FALSE(
      edit_file(path_, FileKind::config, std::vector{set(kDev, "a", "2"), set(kDev, "b", "x\ny")}, clock_).has_value());
  EXPECT_EQ(read(), "[profile dev]\na = 1\n");
}

TEST_F(WriterFile, a_link_stays_a_link) {
  std::filesystem::create_directories(directory_ + "/.aws");
  std::ofstream(directory_ + "/real") << "[default]\n";
  std::filesystem::create_symlink(directory_ + "/real", path_);
  ASSERT_TRUE(edit_file(path_, FileKind::config, std::vector{set(kDefault, "a", "1")}, clock_).has_value());
  EXPECT_TRUE(std::filesystem::is_symlink(path_));
  EXPECT_EQ(read(), "[default]\na = 1\n");
}

TEST_F(WriterFile, sixty_parallel_writers_all_apply) {
  constexpr int kWriters = 60;
  std::vector<pid_t> children;
  for (int i = 0; i < kWriters; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      const SectionName section{"profile", "p" + std::to_string(i)};
      const auto done = edit_file(path_, FileKind::config, std::vector{set(section, "n", std::to_string(i))}, clock_,
                                  std::chrono::minutes(2));
      _exit(done ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  const auto profiles = Profiles::load(Locations{path_, {}});
  ASSERT_TRUE(profiles.has_value());
  EXPECT_EQ(profiles->names().size(), static_cast<std::size_t>(kWriters));
  for (int i = 0; i < kWriters; ++i)
    EXPECT_EQ(profiles->find("p" + std::to_string(i)).value()->value("n"), std::to_string(i));
}

TEST(Writer, a_secret_is_set_as_any_value_and_refused_without_being_said) {
  const auto value = secret::Bytes::copy_of("s/e+c=#x");
  const SectionName dev{"", "dev"};
  const std::vector<Edit> edits = {
      {.action = Edit::Action::set, .section = dev, .key = "aws_secret_access_key", .secret = &value}};
  EXPECT_EQ(result_of("", edits, FileKind::credentials), "[dev]\naws_secret_access_key = s/e+c=#x\n");
  EXPECT_EQ(result_of("[dev]\naws_secret_access_key=old # why\na = b", edits, FileKind::credentials),
            "[dev]\naws_secret_access_key = s/e+c=#x # why\na = b");
  const auto hostile = secret::Bytes::copy_of("canary\n[e]");
  const std::vector<Edit> refused = {
      {.action = Edit::Action::set, .section = dev, .key = "aws_session_token", .secret = &hostile}};
  EXPECT_EQ(result_of("", refused, FileKind::credentials),
            "error: the value of aws_session_token must not hold a line end or a NUL byte");
}

}  // namespace
}  // namespace aws
