#include "credentials/assignments.h"

#include "base/file.h"
#include "base/own_directory_for_test.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace credentials {
namespace {

using base::ErrorKind;

Assignments example(const std::string& session = "corp") {
  Assignments out;
  out.session = session;
  out.fetched = *base::parse_iso8601("2030-01-01T00:00:00Z");
  out.accounts = {{"111111111111", "people", "p@example.com", {"Admin", "ReadOnly"}, true},
                  {"222222222222", "Prod", "prod@example.com", {"Admin"}, true},
                  {"333333333333", "preprod", "pre@example.com", {"Admin", "admin-lite"}, true}};
  out.complete = true;
  return out;
}

std::string only_file(const secret::Places& places) {
  const auto in = std::filesystem::directory_iterator(places.directory + "/assignments");
  return in->path();
}

TEST(Assignments, are_read_as_they_were_written_and_nobody_else_reads_them) {
  const base::OwnDirectory own;
  const secret::Places places{own.path()};
  EXPECT_FALSE(*read_assignments(places, "corp"));
  ASSERT_TRUE(write_assignments(places, example()));
  const auto read = *read_assignments(places, "corp");
  ASSERT_TRUE(read);
  EXPECT_EQ(text_of(*read), text_of(example()));
  EXPECT_FALSE(*read_assignments(places, "other"));
  struct stat facts{};
  ASSERT_EQ(stat(only_file(places).c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
  ASSERT_TRUE(forget_assignments(places, "corp"));
  EXPECT_FALSE(*read_assignments(places, "corp"));
  EXPECT_TRUE(forget_assignments(places, "corp"));
}

TEST(Assignments, an_unfinished_listing_never_hides_a_whole_one) {
  const base::OwnDirectory own;
  const secret::Places places{own.path()};
  ASSERT_TRUE(write_assignments(places, example()));
  Assignments half = example();
  half.complete = false;
  half.accounts.pop_back();
  ASSERT_TRUE(write_assignments(places, half));
  EXPECT_EQ((*read_assignments(places, "corp"))->accounts.size(), 3U);
  EXPECT_EQ((*read_unfinished(places, "corp"))->accounts.size(), 2U);
  ASSERT_TRUE(write_assignments(places, example()));
  EXPECT_FALSE(*read_unfinished(places, "corp"));
}

TEST(Assignments, a_damaged_file_is_as_if_it_were_not_there) {
  const base::OwnDirectory own;
  const secret::Places places{own.path()};
  ASSERT_TRUE(write_assignments(places, example()));
  const std::string good = text_of(example());
  const auto text_with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[]"), good.substr(0, good.size() / 2),
        text_with("111111111111", "1"), text_with("ReadOnly", "x\\ny"), text_with("true", "1"),
        text_with("\"version\":1", "\"version\":2"), text_with("\"fetched\":", "\"fetched\":1e19,\"x\":"),
        text_with("\"fetched\":", "\"fetched\":-"), text_with("\"fetched\":", "\"fetched\":99999"),
        text_with("\"accounts\":[", "\"accounts\":[7,"), std::string(1000, '['),
        text_with("people", std::string(600, 'x'))}) {
    ASSERT_TRUE(base::write_file_atomically(only_file(places), text));
    const auto read = read_assignments(places, "corp");
    ASSERT_TRUE(read) << text;
    EXPECT_FALSE(*read) << text;
  }
}

TEST(FindRole, takes_an_id_a_name_in_any_case_or_a_part_that_fits_one) {
  const std::vector<Assignments> all = {example()};
  EXPECT_EQ(find_role(all, "222222222222", "Admin")->account.name, "Prod");
  EXPECT_EQ(find_role(all, "prod", "admin")->account.id, "222222222222");
  EXPECT_EQ(find_role(all, "peop", "read")->role, "ReadOnly");
  EXPECT_EQ(find_role(all, "prod", "")->role, "Admin");
}

TEST(FindRole, names_the_candidates_where_several_fit) {
  const std::vector<Assignments> all = {example()};
  const auto account = find_role(all, "p", "Admin");
  ASSERT_FALSE(account);
  EXPECT_EQ(account.error().kind, ErrorKind::usage);
  EXPECT_NE(account.error().what.find("people (111111111111), Prod (222222222222)"), std::string::npos);
  const auto role = find_role(all, "people", "");
  ASSERT_FALSE(role);
  EXPECT_NE(role.error().what.find("Admin, ReadOnly"), std::string::npos);
  const auto sessions = find_role({example("a"), example("b")}, "prod", "Admin");
  ASSERT_FALSE(sessions);
  EXPECT_NE(sessions.error().hint.find("--session a"), std::string::npos);
}

TEST(FindRole, says_what_there_is_where_nothing_fits) {
  const std::vector<Assignments> all = {example()};
  EXPECT_EQ(find_role(all, "nowhere", "Admin").error().kind, ErrorKind::not_found);
  const auto role = find_role(all, "people", "Owner");
  ASSERT_FALSE(role);
  EXPECT_EQ(role.error().kind, ErrorKind::not_found);
  EXPECT_NE(role.error().what.find("Admin, ReadOnly"), std::string::npos);
}

}  // namespace
}  // namespace credentials
