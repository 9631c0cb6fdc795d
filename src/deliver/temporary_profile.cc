#include "deliver/temporary_profile.h"

#include "aws/config_writer.h"
#include "aws/written_profile.h"
#include "base/text.h"
#include "deliver/environment.h"
#include "deliver/value.h"

#include <dirent.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <iterator>
#include <memory>
#include <utility>

namespace deliver {
namespace {

using aws::WrittenProfile;
using base::ErrorKind;

constexpr std::size_t kOwnerBytes = 8;
constexpr std::string_view kLockMark = ".kabuto-writer-";
constexpr time_t kLockYouth = 60;  // seconds
constexpr std::size_t kShownName = 100;

std::string lock_path(const std::string& file, std::string_view owner) {
  return file + std::string(kLockMark) + std::string(owner);
}

/// A lock that cannot be looked at counts as held: better a section too many than one taken from under a command.
bool owner_lives(const std::string& file, const WrittenProfile& written) {
  if (!written.has_owner()) return false;
  const std::string path = lock_path(file, written.owner);
  if (access(path.c_str(), F_OK) != 0 && errno == ENOENT) return false;
  const auto lock = base::FileLock::try_acquire(path);
  return !lock || !lock->has_value();
}

std::string called(std::string_view name, std::string_view file) {
  return "[" + base::printable(name, kShownName) + "] in " + base::printable(file);
}

std::string new_owner() {
  std::array<std::byte, kOwnerBytes> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) return {};
  return base::hex(bytes);
}

/// A view of the file's facts under the lock, or before it.
struct Found {
  const aws::Section* foreign = nullptr;
  std::optional<WrittenProfile> written;
};

Found look_for(const aws::ConfigFile& file, std::string_view name) {
  Found out;
  for (const aws::Section* section : file.sections(aws::SectionKind::profile, name))
    if (!aws::is_written(file, *section) && out.foreign == nullptr) out.foreign = section;
  for (WrittenProfile& written : aws::written_profiles(file))
    if (written.name == name) out.written = std::move(written);
  return out;
}

base::Result<void> check_free(const aws::ConfigFile& file, const std::string& name, std::string_view owner,
                              Foreign foreign) {
  const Found found = look_for(file, name);
  if (found.foreign != nullptr && foreign == Foreign::refused)
    return base::fail(ErrorKind::refused,
                      called(name, file.path()) + " line " + std::to_string(found.foreign->line) +
                          " is not kabuto's; it is left as it is",
                      "name another with --to, or add --overwrite, which loses what is there");
  if (found.written && found.written->owner != owner && owner_lives(file.path(), *found.written))
    return base::fail(ErrorKind::failure, called(name, file.path()) + " is kept by another kabuto write",
                      "end that one, or name another with --to");
  return {};
}

std::vector<aws::Edit> removing(const std::vector<WrittenProfile>& profiles) {
  std::vector<aws::Edit> out;
  for (const auto& profile : profiles) std::ranges::move(aws::remove_edits(profile.name), std::back_inserter(out));
  return out;
}

/// The locks of owners that died before they had written anything, or after they had taken it out.
void forget_dead_locks(const std::string& file) {
  const auto slash = file.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : file.substr(0, std::max<std::size_t>(slash, 1));
  const std::string prefix = file.substr(slash + 1) + std::string(kLockMark);
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(opendir(directory.c_str()), closedir);
  if (!listing) return;
  while (const dirent* entry = readdir(listing.get())) {
    const std::string_view name = entry->d_name;
    if (!name.starts_with(prefix) || !base::from_hex(name.substr(prefix.size()))) continue;
    const std::string path = directory + "/" + std::string(name);
    struct stat facts{};
    // A young one may be about to be locked.
    if (lstat(path.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_mtime + kLockYouth > time(nullptr))
      continue;
    const auto lock = base::FileLock::try_acquire(path);
    if (lock && lock->has_value()) (void)unlink(path.c_str());
  }
}

void forget_locks(const std::string& file, const std::vector<WrittenProfile>& profiles) {
  for (const auto& profile : profiles)
    if (profile.has_owner()) (void)unlink(lock_path(file, profile.owner).c_str());
  forget_dead_locks(file);
}

std::vector<std::string> names_of(const std::vector<WrittenProfile>& profiles) {
  std::vector<std::string> out;
  out.reserve(profiles.size());
  for (const auto& profile : profiles) out.push_back(profile.name);
  return out;
}

std::vector<WrittenProfile> leftovers_of(const aws::ConfigFile& file, base::Instant now) {
  return aws::leftovers(file, now, [&](const WrittenProfile& written) { return owner_lives(file.path(), written); });
}

base::Result<void> edit(const std::string& path, const aws::EditPlan& plan, base::Clock& clock) {
  return aws::edit_file(path, aws::FileKind::credentials, plan, clock);
}

}  // namespace

base::Result<TemporaryProfile> TemporaryProfile::open(std::string file, std::string name, Foreign foreign,
                                                      base::Clock& clock) {
  if (!aws::is_identifier(name))
    return base::fail(ErrorKind::usage, base::printable(name, kShownName) + " cannot be a profile's name here",
                      "name another with --to: letters, digits and _ - / . % @ : +");
  const auto now = TRY(aws::ConfigFile::read(file, aws::FileKind::credentials));
  TRY(check_free(now, name, {}, foreign));
  return TemporaryProfile(std::move(file), std::move(name), foreign, clock);
}

base::Result<void> TemporaryProfile::own() {
  const std::string owner = new_owner();
  if (owner.empty()) return base::fail(ErrorKind::failure, "the kernel gives no randomness");
  const auto slash = file_.rfind('/');
  if (slash != std::string::npos && slash > 0) {
    const std::string directory = file_.substr(0, slash);
    if (access(directory.c_str(), F_OK) != 0) TRY(base::ensure_private_directory(directory));
  }
  auto lock = TRY(base::FileLock::try_acquire(lock_path(file_, owner)));
  if (!lock) return base::fail(ErrorKind::failure, "another process holds a lock of the same random name");
  lock_ = std::move(lock);
  owner_ = owner;
  return {};
}

base::Result<void> TemporaryProfile::write(const aws::Credentials& credentials, std::string_view region) {
  TRY(check_values(credentials, {name_, std::string(region)}));
  std::vector<WrittenProfile> left;
  const aws::EditPlan plan = [&](const aws::ConfigFile& file) -> base::Result<std::vector<aws::Edit>> {
    TRY(check_free(file, name_, owner_, foreign_));
    left = leftovers_of(file, clock_.now());
    std::erase_if(left, [&](const WrittenProfile& written) { return written.name == name_; });
    auto edits = removing(left);
    if (look_for(file, name_).foreign != nullptr)
      std::ranges::move(aws::remove_edits(name_), std::back_inserter(edits));
    std::ranges::move(aws::write_edits({name_, owner_.empty() ? aws::kWithoutOwner : owner_, credentials, region}),
                      std::back_inserter(edits));
    return edits;
  };
  TRY(edit(file_, plan, clock_));
  forget_locks(file_, left);
  // Written once, it is ours: what a person then puts there under that name is not.
  foreign_ = Foreign::refused;
  return {};
}

base::Result<void> TemporaryProfile::remove() {
  const aws::EditPlan plan = [&](const aws::ConfigFile& file) -> base::Result<std::vector<aws::Edit>> {
    const Found found = look_for(file, name_);
    const std::string_view ours = owner_.empty() ? aws::kWithoutOwner : std::string_view(owner_);
    // Gone already, or another's by now.
    if (found.foreign != nullptr || !found.written || found.written->owner != ours) return std::vector<aws::Edit>{};
    return aws::remove_edits(name_);
  };
  TRY(edit(file_, plan, clock_));
  drop_lock();
  return {};
}

base::Result<void> TemporaryProfile::leave() {
  const aws::EditPlan plan = [&](const aws::ConfigFile& file) -> base::Result<std::vector<aws::Edit>> {
    const Found found = look_for(file, name_);
    if (!found.written || found.written->owner != owner_) return std::vector<aws::Edit>{};
    return aws::leave_edits(name_);
  };
  TRY(edit(file_, plan, clock_));
  drop_lock();
  return {};
}

void TemporaryProfile::drop_lock() {
  if (owner_.empty()) return;
  (void)unlink(lock_path(file_, owner_).c_str());
  lock_.reset();
  owner_.clear();
}

base::Result<std::vector<std::string>> remove_temporary_profiles(const std::string& file,
                                                                 const std::vector<std::string>& names,
                                                                 base::Clock& clock) {
  std::vector<WrittenProfile> gone;
  const aws::EditPlan plan = [&](const aws::ConfigFile& config) -> base::Result<std::vector<aws::Edit>> {
    gone = aws::written_profiles(config);
    if (!names.empty())
      std::erase_if(gone, [&](const WrittenProfile& w) { return std::ranges::find(names, w.name) == names.end(); });
    for (const auto& name : names) {
      if (std::ranges::find(gone, name, &WrittenProfile::name) != gone.end()) continue;
      if (config.sections(aws::SectionKind::profile, name).empty())
        return base::fail(ErrorKind::not_found, "there is no " + called(name, config.path()));
      return base::fail(ErrorKind::refused, called(name, config.path()) + " is not kabuto's; it is left as it is");
    }
    for (const auto& written : gone)
      if (owner_lives(config.path(), written))
        return base::fail(ErrorKind::refused, called(written.name, config.path()) + " is kept by a kabuto write",
                          "end that one; it takes the profile along");
    return removing(gone);
  };
  TRY(edit(file, plan, clock));
  forget_locks(file, gone);
  return names_of(gone);
}

std::vector<std::string> leftover_profiles(const aws::ConfigFile& file, base::Instant now) {
  return names_of(leftovers_of(file, now));
}

base::Result<std::vector<std::string>> remove_leftover_profiles(const std::string& file, base::Clock& clock) {
  // Looked at without the lock first: nearly always there is nothing to do.
  const auto now = TRY(aws::ConfigFile::read(file, aws::FileKind::credentials));
  if (leftovers_of(now, clock.now()).empty()) return std::vector<std::string>{};
  std::vector<WrittenProfile> left;
  const aws::EditPlan plan = [&](const aws::ConfigFile& config) -> base::Result<std::vector<aws::Edit>> {
    left = leftovers_of(config, clock.now());
    return removing(left);
  };
  TRY(edit(file, plan, clock));
  forget_locks(file, left);
  return names_of(left);
}

}  // namespace deliver
