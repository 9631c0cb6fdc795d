#include "cli/recent.h"

#include "base/file.h"
#include "base/text.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

namespace cli {
namespace {

constexpr std::string_view kFirstLine = "kabuto recent 1\n";
constexpr std::string_view kProfile = "profile";
constexpr std::string_view kRole = "role";
constexpr std::size_t kRoleWords = 4;
constexpr std::size_t kLongestName = 1024;
constexpr std::size_t kLargestFile = std::size_t{64} * 1024;
constexpr std::size_t kMostKept = 300;
constexpr double kThousandths = 1000;
constexpr std::chrono::duration<double> kHalfLife = std::chrono::weeks{1};

/// %XX back to bytes; nullopt for anything that base::percent_encode does not write.
std::optional<std::string> decoded(std::string_view text) {
  auto out = base::percent_decode(text);
  if (out && base::percent_encode(*out) != text) return std::nullopt;
  return out;
}

double aged(double weight, base::Duration age) {
  if (age.count() <= 0) return weight;
  return weight * std::exp2(-std::chrono::duration<double>(age) / kHalfLife);
}

std::string line_of(const RecentUses::Use& use) {
  return fmt::format("{} {} {}\n", use.last.time_since_epoch().count(), std::lround(use.weight * kThousandths),
                     use.what);
}

/// The file, opened for appending; made where it is missing.
base::Descriptor open_to_append(const secret::Places& places) {
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  base::Descriptor file(open(places.recent().c_str(), kFlags, 0600));
  if (file.valid() || errno != ENOENT) return file;
  if (!base::ensure_private_directory(places.directory)) return file;
  return base::Descriptor(open(places.recent().c_str(), kFlags, 0600));
}

}  // namespace

std::string used_profile(std::string_view name) { return fmt::format("{} {}", kProfile, base::percent_encode(name)); }

std::string used_role(std::string_view session, std::string_view account_id, std::string_view role) {
  return fmt::format("{} {} {} {}", kRole, base::percent_encode(session), base::percent_encode(account_id),
                     base::percent_encode(role));
}

std::vector<std::string> parts_of_used(std::string_view what) {
  const auto words = base::split(what, ' ');
  if (words.size() != (words[0] == kProfile ? 2 : kRoleWords) || (words[0] != kProfile && words[0] != kRole)) return {};
  std::vector<std::string> parts;
  for (std::size_t i = 1; i < words.size(); ++i) {
    auto part = decoded(words[i]);
    if (!part || part->empty()) return {};
    parts.push_back(std::move(*part));
  }
  return parts;
}

RecentUses RecentUses::parse(std::string_view text) {
  RecentUses recent;
  for (const auto line : base::split(text, '\n')) {
    const auto first = line.find(' ');
    const auto second = first == std::string_view::npos ? first : line.find(' ', first + 1);
    if (second == std::string_view::npos) continue;
    const auto when = base::parse_integer(line.substr(0, first));
    const auto weight = base::parse_integer(line.substr(first + 1, second - first - 1));
    const auto what = line.substr(second + 1);
    if (!when || !weight || *when < 0 || *weight <= 0 || parts_of_used(what).empty()) continue;
    recent.add(std::string(what), base::Instant(base::Duration(*when)), static_cast<double>(*weight) / kThousandths);
  }
  return recent;
}

void RecentUses::add(std::string what, base::Instant when, double weight) {
  Sum& sum = uses_[std::move(what)];
  const base::Instant last = std::max(sum.last, when);
  sum.weight = aged(sum.weight, last - sum.last) + aged(weight, last - when);
  sum.last = last;
}

std::vector<RecentUses::Use> RecentUses::ranked(base::Instant now) const {
  std::vector<std::pair<double, Use>> scored;
  scored.reserve(uses_.size());
  for (const auto& [what, sum] : uses_)
    scored.emplace_back(aged(sum.weight, now - sum.last), Use{what, sum.last, sum.weight});
  std::ranges::sort(scored, [](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first > b.first;
    if (a.second.last != b.second.last) return a.second.last > b.second.last;
    return a.second.what < b.second.what;
  });
  std::vector<Use> out;
  out.reserve(scored.size());
  for (auto& [score, use] : scored) out.push_back(std::move(use));
  return out;
}

std::string RecentUses::text(base::Instant now, std::size_t most) const {
  std::string out(kFirstLine);
  auto uses = ranked(now);
  if (uses.size() > most) uses.resize(most);
  for (auto& use : uses) {
    // Kept as of now, a use from the future would stay ahead of all others.
    if (use.last > now) use.last = now;
    if (std::lround(use.weight * kThousandths) > 0) out += line_of(use);
  }
  return out;
}

RecentUses read_recent(const secret::Places& places) {
  // Twice what a writer lets it grow to: the writer that found it too large may have been killed.
  const auto text = base::read_file(places.recent(), 2 * kLargestFile);
  return text && *text ? RecentUses::parse(**text) : RecentUses();
}

void note_use(const secret::Places& places, const std::string& what, base::Instant now) {
  if (what.size() > kLongestName || parts_of_used(what).empty()) return;
  const base::Descriptor file = open_to_append(places);
  struct stat facts{};
  if (!file.valid() || fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return;
  if (facts.st_size > static_cast<off_t>(kLargestFile)) {
    RecentUses recent = read_recent(places);
    recent.add(what, now, 1);
    (void)base::write_file_atomically(places.recent(), recent.text(now, kMostKept));
    return;
  }
  const std::string line = (facts.st_size == 0 ? std::string(kFirstLine) : "") + line_of({what, now, 1});
  (void)base::write_all(file.get(), std::as_bytes(std::span(line)));
}

bool used_by_person() { return isatty(STDERR_FILENO) != 0 || isatty(STDIN_FILENO) != 0; }

}  // namespace cli
