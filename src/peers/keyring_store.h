// The keyrings of tools that share one library: their items in encrypted files, in pass, and in the Secret Service. All
// three are listed without opening an item; opening one may ask for a passphrase, or let gpg or the desktop ask.
#pragma once

#include "peers/find.h"
#include "peers/finding.h"

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace peers {

/// Where one tool keeps its items. An empty place is none.
struct KeyringPlaces {
  Source source = Source::aws_vault;
  std::string file_directory;
  std::string passphrase_variable;
  std::string pass_command = "pass";
  std::string pass_directory;
  std::string pass_prefix;
  /// Without a prefix everything of a person stands beside the tool's items: only entries of these names are looked at.
  std::set<std::string, std::less<>> pass_names;
  std::string collection;
};

/// A key from an item that has been opened. `name` is the item's.
using KeyOfItem = std::function<base::Result<aws::Credentials>(secret::Bytes item, std::string_view name)>;
/// The item says its own name, and holds one key.
base::Result<aws::Credentials> key_of_item(secret::Bytes item, std::string_view name);

void find_in_files(const Machine& machine, const KeyringPlaces& places, Findings& out);
void find_in_pass(const Machine& machine, const KeyringPlaces& places, Findings& out);
/// Of all keyrings in one conversation.
void find_in_secret_service(const Machine& machine, const std::vector<KeyringPlaces>& keyrings, Findings& out);

/// One file of such a keyring, opened: its passphrase is asked for once for all files of the keyring that share
/// `asked`.
class FilePassphrase;
std::shared_ptr<FilePassphrase> file_passphrase(const Machine& machine, std::string variable, std::string directory);
base::Result<secret::Bytes> open_file_item(FilePassphrase& asked, const std::string& path);

}  // namespace peers
