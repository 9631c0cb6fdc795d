#include "deliver/dotenv_file.h"

#include "aws/file_text.h"
#include "base/file.h"
#include "base/text.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace deliver {
namespace {

constexpr std::size_t kLargestFile = std::size_t{16} << 20;
constexpr base::Duration kPatience{10'000};
constexpr mode_t kOthers = 077;

using Change = std::function<base::Result<DotenvChange>(std::string_view text)>;
enum class Missing { made, refused };

/// Two of kabuto at once lose none of each other's keys. A place where no lock can be made is no reason to refuse: the
/// file is replaced whole all the same.
base::Result<std::optional<base::FileLock>> held(const std::string& path, base::Clock& clock) {
  auto lock = base::FileLock::acquire(path, clock, clock.monotonic() + kPatience);
  if (lock) return std::optional(std::move(*lock));
  if (access(path.c_str(), W_OK) == 0) return std::unexpected(std::move(lock).error());
  return std::nullopt;
}

bool readable_for_others(const std::string& path) {
  struct stat facts{};
  return stat(path.c_str(), &facts) == 0 && (facts.st_mode & kOthers) != 0;
}

base::Result<DotenvWritten> changed(const std::string& path, const std::string& lock_path, Missing missing,
                                    const Change& change, const DotenvCheck& check, base::Clock& clock) {
  const auto lock = TRY(held(lock_path, clock));
  const auto text = TRY(aws::FileText::read(path, kLargestFile));
  if (!text && missing == Missing::refused)
    return base::fail(base::ErrorKind::not_found, "there is no file " + base::printable(path));
  const auto old = text ? text->view() : std::string_view();
  auto made = change(old);
  if (!made) return std::unexpected(base::with_context(std::move(made).error(), base::printable(path)));
  if (auto checked = check(made->report); !checked)
    return std::unexpected(base::with_context(std::move(checked).error(), base::printable(path)));
  DotenvMode mode = DotenvMode::as_it_was;
  if (text && readable_for_others(path)) mode = DotenvMode::tightened;
  const auto replaced = old.substr(made->before.size(), old.size() - made->before.size() - made->after.size());
  const bool same = text && made->changed.view() == replaced;
  const std::array parts{made->before, made->changed.view(), made->after};
  if (!same || mode == DotenvMode::tightened) TRY(base::write_file_atomically(path, parts));
  return DotenvWritten{std::move(made->report), mode};
}

}  // namespace

base::Result<DotenvWritten> set_in_dotenv_file(const std::string& path, const std::string& lock,
                                               const aws::Credentials& credentials, const Recipient& recipient,
                                               const DotenvCheck& check, base::Clock& clock) {
  const Change change = [&](std::string_view text) { return dotenv_with(text, credentials, recipient); };
  return changed(path, lock, Missing::made, change, check, clock);
}

base::Result<DotenvWritten> remove_from_dotenv_file(const std::string& path, const std::string& lock,
                                                    const DotenvCheck& check, base::Clock& clock) {
  return changed(path, lock, Missing::refused, dotenv_without, check, clock);
}

}  // namespace deliver
