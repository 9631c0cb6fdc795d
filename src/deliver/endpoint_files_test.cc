#include "deliver/endpoint_files.h"

#include "base/own_directory_for_test.h"
#include "deliver/handover.h"
#include "secret/text_for_test.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace deliver {
namespace {

using secret::text_of;

ServedProfile profile_of(const std::string& name) {
  ServedProfile out;
  out.name = name;
  out.path = "/" + name;
  out.region = "eu-central-1";
  out.token = secret::Bytes::copy_of(std::string_view("TOKEN"));
  out.renewal = {"renew", "--", name};
  out.lease.credentials.access_key_id = "ASIAEXAMPLE";
  out.lease.credentials.secret_access_key = secret::Bytes::copy_of(std::string_view("SECRET"));
  out.lease.left = base::Duration(1000);
  return out;
}

TEST(EndpointFiles, variables_are_for_shells_or_for_files) {
  EXPECT_EQ(text_of(*endpoint_variables(EndpointKind::container, profile_of("dev"), 4711, VariableForm::shell)),
            "export AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:4711/dev\n"
            "export AWS_CONTAINER_AUTHORIZATION_TOKEN=TOKEN\n"
            "export AWS_REGION=eu-central-1\nexport AWS_DEFAULT_REGION=eu-central-1\n");
  const auto file = text_of(*endpoint_variables(EndpointKind::metadata, profile_of("dev"), 4711, VariableForm::file));
  EXPECT_NE(file.find("\nAWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:4711/\n"), std::string::npos);
  EXPECT_EQ(file.find("TOKEN\n"), std::string::npos);
  auto hostile = profile_of("dev");
  hostile.region = "x$(id)";
  EXPECT_FALSE(endpoint_variables(EndpointKind::container, hostile, 4711, VariableForm::shell));
}

TEST(EndpointFiles, a_config_names_files_and_holds_no_token) {
  std::vector<ServedProfile> profiles;
  profiles.push_back(profile_of("dev"));
  profiles.push_back(profile_of("default"));
  profiles.push_back(profile_of("with space"));
  const auto files = endpoint_config(profiles, 4711, "/home/u/a b/config");
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 4U);
  const auto text = text_of(files->back().text);
  EXPECT_EQ(text.find("TOKEN"), std::string::npos);
  EXPECT_NE(text.find("[profile dev]\nregion = eu-central-1\n"
                      "credential_process = curl --disable --config \"/home/u/a b/config.curl-1\"\n"),
            std::string::npos);
  EXPECT_NE(text.find("[default]\n"), std::string::npos);
  EXPECT_NE(text.find("[profile \"with space\"]\n"), std::string::npos);
  const auto curl = text_of(files->front().text);
  EXPECT_NE(curl.find("url = \"http://127.0.0.1:4711/dev/credential-process\"\n"), std::string::npos);
  EXPECT_NE(curl.find("header = \"Authorization: TOKEN\"\n"), std::string::npos);
}

TEST(EndpointFiles, what_a_config_cannot_hold_is_refused) {
  for (const std::string name : {"a]", "a\"b", "a\nb", "", "a;b"}) {
    std::vector<ServedProfile> profiles;
    profiles.push_back(profile_of(name));
    EXPECT_FALSE(endpoint_config(profiles, 4711, "/x")) << name;
  }
  std::vector<ServedProfile> profiles;
  profiles.push_back(profile_of("dev"));
  for (const std::string path : {"/a\"b", "/a$b", "/a`b", "/a\\b", "/a'b", "/a\nb"})
    EXPECT_FALSE(endpoint_config(profiles, 4711, path)) << path;
}

TEST(EndpointFiles, files_are_private_and_never_replace_another_s) {
  const base::OwnDirectory directory;
  std::vector<EndpointFile> files;
  const std::string one = directory.path() + "/one";
  files.push_back({one, *endpoint_variables(EndpointKind::container, profile_of("dev"), 1, VariableForm::file),
                   endpoint_lock(one)});
  ASSERT_TRUE(write_endpoint_files(files));
  struct stat info{};
  ASSERT_EQ(stat(files[0].path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  ASSERT_TRUE(write_endpoint_files(files)) << "what an earlier run has left behind is ours";
  std::ofstream(directory.path() + "/two") << "mine\n";
  const std::string two = directory.path() + "/two";
  files.push_back({two, secret::Bytes::copy_of(std::string_view("x")), endpoint_lock(two)});
  EXPECT_FALSE(check_endpoint_file(two));
  EXPECT_FALSE(write_endpoint_files(files));
  EXPECT_NE(access(endpoint_lock(two).c_str(), F_OK), 0) << "a lock is left behind";
}

TEST(EndpointFiles, what_a_living_one_keeps_is_another_s) {
  const base::OwnDirectory directory;
  std::vector<ServedProfile> profiles;
  profiles.push_back(profile_of("dev"));
  const auto files = *endpoint_config(profiles, 4711, directory.path() + "/config");
  {
    const auto locks = write_endpoint_files(files);
    ASSERT_TRUE(locks);
    EXPECT_EQ(locks->size(), 1U) << "what belongs together has one lock";
    const auto second = write_endpoint_files(files);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().what, directory.path() + "/config is kept by another kabuto serve");
    EXPECT_EQ(second.error().kind, base::ErrorKind::refused);
    EXPECT_FALSE(check_endpoint_file(files.back().path));
    EXPECT_EQ(access(files.front().path.c_str(), F_OK), 0) << "and stays";
    EXPECT_EQ(access(files.front().lock.c_str(), F_OK), 0);
  }
  EXPECT_TRUE(check_endpoint_file(files.back().path));
  EXPECT_TRUE(write_endpoint_files(files)) << "the owner is dead";
}

TEST(EndpointFiles, a_lock_that_was_taken_away_keeps_nobody_off) {
  const base::OwnDirectory directory;
  const std::string path = directory.path() + "/lock";
  const auto lock = base::FileLock::try_acquire(path);
  ASSERT_TRUE(lock && *lock);
  EXPECT_TRUE((*lock)->stands_at(path));
  unlink(path.c_str());
  EXPECT_FALSE((*lock)->stands_at(path));
  const auto next = base::FileLock::try_acquire(path);
  EXPECT_TRUE(next && *next && (*next)->stands_at(path));
  EXPECT_FALSE((*lock)->stands_at(path));
}

TEST(EndpointFiles, names_of_files_hold_no_slash) {
  EXPECT_EQ(file_name_of("444444444444/ReadOnly"), "444444444444%2FReadOnly");
  EXPECT_EQ(file_name_of(".."), "..");
}

TEST(Handover, a_setup_comes_out_as_it_went_in) {
  EndpointSetup setup;
  setup.kind = EndpointKind::metadata;
  setup.hop_limit = 2;
  setup.files = {"/a", "/b"};
  setup.profiles.push_back(profile_of("dev"));
  const auto pipe = pipe_with(packed(setup));
  ASSERT_TRUE(pipe);
  const auto out = unpacked_setup(*read_pipe(pipe->get()));
  ASSERT_TRUE(out);
  EXPECT_EQ(out->kind, EndpointKind::metadata);
  EXPECT_EQ(out->hop_limit, 2);
  EXPECT_EQ(out->files, setup.files);
  ASSERT_EQ(out->profiles.size(), 1U);
  EXPECT_EQ(out->profiles[0].renewal, setup.profiles[0].renewal);
  EXPECT_EQ(text_of(out->profiles[0].lease.credentials.secret_access_key), "SECRET");
  EXPECT_EQ(out->profiles[0].lease.left, base::Duration(1000));
  EXPECT_FALSE(out->profiles[0].lease.credentials.expiration);
}

TEST(Handover, an_error_comes_out_as_it_went_in_and_a_part_is_nothing) {
  const base::Result<Lease> failure = base::fail(base::ErrorKind::sign_in_needed, "what", "hint");
  const auto bytes = packed(failure);
  const auto out = unpacked_lease(bytes);
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().kind, base::ErrorKind::sign_in_needed);
  EXPECT_EQ(out.error().what, "what");
  EXPECT_EQ(out.error().hint, "hint");
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto part = bytes.reveal([&](auto all) { return secret::Bytes::copy_of(all.first(size)); });
    EXPECT_EQ(unpacked_lease(part).error().kind, base::ErrorKind::failure) << size;
    EXPECT_FALSE(unpacked_setup(part));
  }
}

}  // namespace
}  // namespace deliver
