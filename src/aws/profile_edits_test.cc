#include "aws/profile_edits.h"

#include <gtest/gtest.h>

namespace aws {
namespace {

std::string renamed(std::string_view text, std::string_view from, std::string_view to,
                    FileKind kind = FileKind::config) {
  const auto file = ConfigFile::parse(FileText::copy_of(text), "config", kind);
  if (!file) return "error: " + file.error().what;
  const auto edits = rename_edits(*file, from, to);
  if (!edits) return "error: " + edits.error().what;
  const auto out = edited(text, kind, *edits);
  return out ? std::string(out->view()) : "error: " + out.error().what;
}

TEST(ProfileEdits, renaming_takes_the_references_along) {
  EXPECT_EQ(renamed("[profile a]\nregion = x\n[profile b]\nsource_profile = a # why\n[profile c]\n"
                    "include_profile=a\nsource_profile = aa\n",
                    "a", "z"),
            "[profile z]\nregion = x\n[profile b]\nsource_profile = z # why\n[profile c]\n"
            "include_profile = z\nsource_profile = aa\n");
}

TEST(ProfileEdits, a_profile_that_is_its_own_source_is_renamed_whole) {
  EXPECT_EQ(renamed("[profile a]\nsource_profile = a\n", "a", "two words"),
            "[profile \"two words\"]\nsource_profile = two words\n");
}

TEST(ProfileEdits, a_credentials_file_has_bare_headers) {
  EXPECT_EQ(renamed("[a]\nk = v\n", "a", "b", FileKind::credentials), "[b]\nk = v\n");
  EXPECT_EQ(renamed("[a]\nk = v\n", "c", "b", FileKind::credentials), "[a]\nk = v\n");
}

TEST(ProfileEdits, a_name_that_is_taken_is_refused) {
  EXPECT_EQ(renamed("[profile a]\n[profile b]\n", "a", "b"), "error: there is a profile b in config already");
}

TEST(ProfileEdits, gives_looks_at_the_one_file_only) {
  const auto file =
      ConfigFile::parse(FileText::copy_of("[profile a]\nRegion = x\ns3 =\n  b = c\n"), "config", FileKind::config);
  EXPECT_TRUE(gives(*file, "a", "region"));
  EXPECT_TRUE(gives(*file, "a", "s3", "b"));
  EXPECT_FALSE(gives(*file, "a", "s3", "c"));
  EXPECT_FALSE(gives(*file, "a", "output"));
  EXPECT_FALSE(gives(*file, "b", "region"));
}

}  // namespace
}  // namespace aws
