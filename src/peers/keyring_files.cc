// The file store of the keyrings: one JWE per item, the item's name is the file's.
#include "base/file.h"
#include "base/hex_escapes.h"
#include "base/text.h"
#include "credentials/key_input.h"
#include "peers/keyring_item.h"
#include "peers/keyring_listing.h"
#include "peers/keyring_store.h"
#include "secret/jwe.h"
#include "secret/read_secret.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

namespace peers {

using base::ErrorKind;
using base::fail;

namespace {

constexpr std::size_t kLargestFile = std::size_t{1024} * 1024;
constexpr std::size_t kMostFiles = 10'000;
constexpr int kMostTries = 3;
constexpr std::string_view kWhat = "item";

}  // namespace

/// A passphrase that is asked for when the first file is opened. A wrong one is asked for again until one file opened.
class FilePassphrase {
 public:
  FilePassphrase(const Machine& machine, std::string variable, std::string directory)
      : machine_(machine), variable_(std::move(variable)), directory_(std::move(directory)) {}

  base::Result<secret::Bytes> open(const secret::Bytes& token) {
    for (int tries = 1;; ++tries) {
      const secret::Bytes* const passphrase = TRY(get());
      auto text = secret::open_jwe(token, *passphrase);
      if (text) is_right_ = true;
      const bool wrong = !text && text.error().kind == ErrorKind::store_locked;
      if (!wrong) return text;
      if (is_right_ || !is_typed_ || tries >= kMostTries) {
        text.error().hint =
            is_typed_ ? "" : "set " + variable_ + " to the passphrase of " + base::printable(directory_);
        return text;
      }
      passphrase_.reset();
      TRY(machine_.prompt.tell("that passphrase does not open it"));
    }
  }

 private:
  base::Result<const secret::Bytes*> get() {
    if (passphrase_) return &*passphrase_;
    if (const auto value = machine_.environment.get(variable_)) {
      passphrase_ = secret::Bytes::copy_of(*value);
      return &*passphrase_;
    }
    if (!machine_.prompt.ready())
      return fail(ErrorKind::sign_in_needed, "nobody can be asked for the passphrase of " + base::printable(directory_),
                  "set " + variable_);
    passphrase_ = TRY(machine_.prompt.ask_secret("Passphrase of " + base::printable(directory_)));
    is_typed_ = true;
    return &*passphrase_;
  }

  Machine machine_;
  std::string variable_;
  std::string directory_;
  std::optional<secret::Bytes> passphrase_;
  bool is_typed_ = false;
  bool is_right_ = false;
};

std::shared_ptr<FilePassphrase> file_passphrase(const Machine& machine, std::string variable, std::string directory) {
  return std::make_shared<FilePassphrase>(machine, std::move(variable), std::move(directory));
}

base::Result<secret::Bytes> open_file_item(FilePassphrase& asked, const std::string& path) {
  const auto token = TRY(secret::read_secret_file_of_tool(path, kLargestFile, kWhat));
  if (!token) return fail(ErrorKind::not_found, "the file is gone");
  return asked.open(*token);
}

void find_in_files(const Machine& machine, const KeyringPlaces& places, Findings& out) {
  std::error_code problem;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator at(places.file_directory, problem), end; !problem && at != end;
       at.increment(problem))
    if (names.size() < kMostFiles && at->is_regular_file(problem)) names.push_back(at->path().filename().string());
  if (problem && problem != std::errc::no_such_file_or_directory && problem != std::errc::not_a_directory)
    out.remarks.push_back({places.source, base::printable(places.file_directory),
                           "cannot be read: " + base::errno_text(problem.value()), ErrorKind::failure});
  std::ranges::sort(names);
  // shared: every key of the directory asks the same person for the same passphrase
  const auto asked = file_passphrase(machine, places.passphrase_variable, places.file_directory);
  KeyringListing listing(places.source, places.file_directory, out);
  for (const auto& file : names) {
    const std::string path = places.file_directory + "/" + file;
    listing.add(base::hex_unescaped(file, '%'), path, [asked, path] { return open_file_item(*asked, path); });
  }
}

}  // namespace peers
