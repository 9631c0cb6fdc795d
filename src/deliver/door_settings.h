// What a tool must be told to come through the two-key door: as variables, or as its own config file. Holds the pair of
// the run, which is worth nothing elsewhere and nothing afterwards.
#pragma once

#include "aws/credentials.h"
#include "base/environment.h"
#include "base/result.h"
#include "secret/bytes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deliver {

enum class DoorFormat { env, json, s3cmd, rclone };

/// "env", "json", "s3cmd", "rclone"; nullopt for any other word.
std::optional<DoorFormat> door_format_named(std::string_view name);

struct DoorAddress {
  std::uint16_t port = 0;
  std::string service;
  std::string region;

  std::string host() const;  // "127.0.0.1:4711"
  std::string url() const;
};

/// The variables for a command ("NAME=value") besides the pair: endpoint, and that no proxy stands before it.
std::vector<std::string> door_variables(const DoorAddress& address, const base::Environment& parent);

/// The whole text, line ends included.
base::Result<secret::Bytes> door_text(DoorFormat format, const aws::Credentials& pair, const DoorAddress& address);

/// Writes it, mode 0600, over what is there. Errors: as write_file_atomically's.
base::Result<void> write_door_file(const std::string& path, const secret::Bytes& text);

}  // namespace deliver
