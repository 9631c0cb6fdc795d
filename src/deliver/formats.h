// Credentials as text for shells, SDKs and files. Every value is quoted so that the reader gets back the exact bytes;
// what a format cannot carry is refused, never changed. The text is built in locked memory; writing it is write_out's.
#pragma once

#include "aws/credentials.h"
#include "base/result.h"
#include "deliver/environment.h"
#include "secret/bytes.h"

#include <optional>
#include <string_view>
#include <vector>

namespace deliver {

enum class Format { env, env_no_export, fish, powershell, cmd, json, process, ini, dotenv };

/// "env", "env-no-export", …; also "windows-cmd", the AWS CLI's name for cmd. nullopt for any other word.
std::optional<Format> format_named(std::string_view name);
/// The names in the order of the help page.
const std::vector<std::string_view>& format_names();

/// The whole text, line ends included. Errors: refused, naming the field and never its value.
base::Result<secret::Bytes> text_of(Format format, const aws::Credentials& credentials, const Recipient& recipient);

}  // namespace deliver
