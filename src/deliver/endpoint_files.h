// What leads a program to a local endpoint, as text: lines for a shell, files of variables (dotenv, compose), and an
// AWS config file with one section for each profile. All of it holds tokens and is built in locked memory.
#pragma once

#include "base/file.h"
#include "base/result.h"
#include "deliver/handover.h"
#include "secret/bytes.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace deliver {

enum class VariableForm { shell, file };

/// "http://127.0.0.1:4711/dev", or with "/" alone for the metadata service.
std::string endpoint_uri(EndpointKind kind, const ServedProfile& profile, std::uint16_t port);

/// `export NAME=value` lines, or `NAME=value` as docker, compose and dotenv read them. Error: refused (a region that
/// cannot be written so).
base::Result<secret::Bytes> endpoint_variables(EndpointKind kind, const ServedProfile& profile, std::uint16_t port,
                                               VariableForm form);

/// A file to write: 0600, and removed when the endpoint ends.
struct EndpointFile {
  std::string path;
  secret::Bytes text;
  std::string lock;  // held by its endpoint; files that belong together have one
};

/// The lock of a file, beside it.
std::string endpoint_lock(const std::string& path);

/// The AWS config file at `path` and, beside it, for each profile a file that curl reads its URL and token from: a
/// section's credential_process names that file, so no token is an argument and no kabuto is needed where it is used.
/// Error: refused (a name or path that AWS's grammar cannot hold).
base::Result<std::vector<EndpointFile>> endpoint_config(const std::vector<ServedProfile>& profiles, std::uint16_t port,
                                                        const std::string& path);

/// The name of a profile as a file's name: "dev", "444444444444%2FReadOnly".
std::string file_name_of(std::string_view profile);

/// Whether `path` may be written, as far as that can be seen: before anybody is asked for a code. Nothing is written.
/// Errors: refused (it was not made by kabuto serve, or another one that lives keeps it); of files.
base::Result<void> check_endpoint_file(const std::string& path);

/// Writes them, 0600 and each atomically, and gives the locks, which say whose they are for as long as they are held.
/// What a killed endpoint has left is replaced. Errors: as above; then none of them is left behind.
base::Result<std::vector<base::FileLock>> write_endpoint_files(const std::vector<EndpointFile>& files);

}  // namespace deliver
