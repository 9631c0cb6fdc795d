// The keyrings' items in pass, the standard Unix password manager: one entry per item. pass is run and answers with the
// entry's text; its exit code alone says whether it could.
#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "credentials/key_input.h"
#include "peers/keyring_listing.h"
#include "peers/keyring_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

namespace peers {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::size_t kLargestEntry = std::size_t{1024} * 1024;
constexpr std::size_t kMostEntries = 10'000;
constexpr std::string_view kExtension = ".gpg";
// Somebody may have to type the passphrase of a key.
constexpr base::Duration kPatience = std::chrono::minutes{2};
// What opens our store, or another tool's, is nobody else's.
constexpr std::string_view kNotForPass[] = {
    "KABUTO_PASSPHRASE",
    "AWS_VAULT_FILE_PASSPHRASE=", "CF_KEYRING_FILE_PASSWORD=", "AWS_SSO_FILE_PASSWORD=", "PASSWORD_STORE_DIR="};

class LockedSink final : public base::OutputSink {
 public:
  std::span<std::byte> room() override { return buffer_.room(); }
  void filled(std::size_t count) override { buffer_.filled(count); }
  secret::Bytes take() { return std::move(buffer_).take(); }

 private:
  secret::Buffer buffer_{kLargestEntry};
};

/// A program is named by its name alone, or by its full path.
base::Result<void> check_command(const std::string& command) {
  const bool has_slash = command.find('/') != std::string::npos;
  if (!command.empty() && command.front() != '-' && (!has_slash || command.front() == '/') &&
      base::printable(command, command.size()) == command)
    return {};
  return fail(ErrorKind::refused, "this is no name for pass: " + base::printable(command, 100),
              "set AWS_VAULT_PASS_CMD to a name or a full path");
}

base::Result<secret::Bytes> show(const Machine& machine, const KeyringPlaces& places, const std::string& entry) {
  TRY(check_command(places.pass_command));
  std::vector<std::string> environment;
  for (const auto one : machine.environment.entries())
    if (std::ranges::none_of(kNotForPass, [&](std::string_view name) { return one.starts_with(name); }))
      environment.emplace_back(one);
  environment.push_back("PASSWORD_STORE_DIR=" + places.pass_directory);
  LockedSink sink;
  const auto outcome =
      TRY(base::run({places.pass_command, "show", "--", entry}, environment, sink, machine.clock, {.time = kPatience}));
  if (outcome.status == 0) return sink.take();
  const std::string_view said = base::trim_lines(outcome.error_text);
  return fail(ErrorKind::store_locked,
              fmt::format("{} ended with {}{}{}", base::printable(places.pass_command), outcome.status,
                          said.empty() ? "" : ": ", base::printable(said.substr(0, said.find('\n')), 200)),
              "see what gpg says: run pass show " + base::printable(entry, 100));
}

/// The entries below the directory, without their extension; links are not followed.
std::vector<std::string> entries_below(const std::filesystem::path& directory) {
  std::vector<std::string> out;
  std::error_code problem;
  for (std::filesystem::recursive_directory_iterator at(directory, problem), end; !problem && at != end;
       at.increment(problem)) {
    if (out.size() >= kMostEntries) break;
    if (at->path().extension() != kExtension || !at->is_regular_file(problem)) continue;
    std::string name = at->path().lexically_relative(directory).string();
    name.resize(name.size() - kExtension.size());
    out.push_back(std::move(name));
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace

void find_in_pass(const Machine& machine, const KeyringPlaces& places, Findings& out) {
  const bool has_prefix = !places.pass_prefix.empty();
  const std::string directory = has_prefix ? places.pass_directory + "/" + places.pass_prefix : places.pass_directory;
  std::vector<std::string> names;
  if (has_prefix) {
    names = entries_below(directory);
  } else {
    std::error_code problem;
    for (const auto& name : places.pass_names)
      if (credentials::check_profile_name(name) && name.find("..") == std::string::npos &&
          std::filesystem::is_regular_file(directory + "/" + name + std::string(kExtension), problem))
        names.push_back(name);
  }
  KeyringListing listing(places.source, "pass " + (has_prefix ? places.pass_prefix : directory), out);
  for (const auto& name : names) {
    const std::string entry = has_prefix ? places.pass_prefix + "/" + name : name;
    listing.add(name, "pass " + entry, [machine, places, entry] { return show(machine, places, entry); });
  }
}

}  // namespace peers
