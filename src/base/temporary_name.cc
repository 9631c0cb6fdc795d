#include "base/temporary_name.h"

#include "base/text.h"

#include <sys/random.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <ctime>

namespace base {
namespace {

constexpr std::string_view kMark = ".kabuto-";
constexpr std::size_t kDigits = 16;
constexpr time_t kLongestWrite = 60;  // seconds

}  // namespace

std::string temporary_name(std::string_view target) {
  std::array<std::byte, kDigits / 2> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) std::abort();
  return std::string(target) + std::string(kMark) + hex(bytes);
}

bool is_temporary_name(std::string_view name, std::string_view target) {
  if (name.size() < kMark.size() + kDigits) return false;
  const auto written = name.substr(0, name.size() - kMark.size() - kDigits);
  return (target.empty() || written == target) && name.substr(written.size()).starts_with(kMark) &&
         from_hex(name.substr(name.size() - kDigits)).has_value();
}

bool is_abandoned(const std::string& path) {
  struct stat facts{};
  return lstat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_mtime + kLongestWrite < time(nullptr);
}

}  // namespace base
