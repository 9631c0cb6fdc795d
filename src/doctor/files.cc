#include "doctor/files.h"

#include "base/shell_word.h"
#include "base/text.h"

#include <fmt/format.h>

#include <optional>

namespace doctor {
namespace {

constexpr unsigned kWritableByOthers = 022;
constexpr unsigned kOpenToOthers = 077;
constexpr unsigned kRoot = 0;
constexpr std::size_t kShownName = 100;

std::optional<Finding> flaw_of(const FileFact& file, unsigned user) {
  const std::string name = base::shell_word(file.path);
  const auto problem = [&](const std::string& what, const std::string& mend) {
    return Finding{Severity::problem, "files", file.role + " " + what, base::printable(file.path), mend};
  };
  if (!file.error.empty()) return problem("cannot be looked at: " + file.error, "ls -ld " + name);
  if (!file.exists) return std::nullopt;
  if (file.owner != user && (file.owner != kRoot || file.secrecy == Secrecy::owner_only))
    return problem(fmt::format("belongs to another user (id {})", file.owner),
                   fmt::format("sudo chown {} {}", user, name));
  if ((file.mode & kWritableByOthers) != 0)
    return problem(fmt::format("may be written by others (mode {:04o})", file.mode), "chmod go-w " + name);
  if (file.secrecy == Secrecy::owner_only && (file.mode & kOpenToOthers) != 0)
    return problem(fmt::format("may be read by others (mode {:04o})", file.mode), "chmod go= " + name);
  if (!file.is_readable)
    return problem("cannot be read", "chmod u+r" + std::string(file.is_directory ? "x " : " ") + name);
  return std::nullopt;
}

}  // namespace

Findings check_files(const std::vector<FileFact>& files, unsigned user) {
  Findings out;
  std::size_t sound = 0;
  for (const auto& file : files) {
    if (auto flaw = flaw_of(file, user))
      out.push_back(std::move(*flaw));
    else if (file.exists)
      ++sound;
  }
  if (out.empty() && sound > 0)
    out.push_back({Severity::good, "files", "files and directories are yours, and closed to others", "", ""});
  return out;
}

Findings check_temporary_files(const std::vector<std::string>& paths) {
  Findings out;
  for (const auto& path : paths)
    out.push_back({Severity::warning, "leftovers", "a write that was cut short has left its temporary file",
                   base::printable(path), "rm " + base::shell_word(path)});
  return out;
}

Findings check_written_profiles(const std::vector<std::string>& names, const std::string& path) {
  Findings out;
  for (const auto& name : names)
    out.push_back({Severity::warning, "leftovers",
                   "an ended kabuto write has left [" + base::printable(name, kShownName) + "]", base::printable(path),
                   "kabuto clear"});
  return out;
}

}  // namespace doctor
