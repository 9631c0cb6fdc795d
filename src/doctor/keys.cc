#include "doctor/keys.h"

#include "base/shell_word.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ranges>
#include <utility>

namespace doctor {
namespace {

constexpr std::size_t kShownName = 100;
constexpr std::size_t kMostNamedAlike = 3;
constexpr std::size_t kMostNamed = 10;  // of one kind; a screen is no list of 700 accounts
// AWS refuses a signature that is five minutes off; one minute off is on its way there.
constexpr base::Duration kRefused = std::chrono::minutes{5};
constexpr base::Duration kNoticed = std::chrono::minutes{1};

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// A hint of an error as a command, where it is one: "run X", or "change one of them: run X".
std::string command_of(const base::Error& error) {
  constexpr std::string_view kRun = "run ";
  if (error.hint.starts_with(kRun)) return error.hint.substr(kRun.size());
  for (const std::string_view before_command : {": run ", "run kabuto "}) {
    const auto at = error.hint.find(before_command);
    if (at != std::string::npos) return error.hint.substr(error.hint.find(kRun, at) + kRun.size());
  }
  return error.hint;
}

/// Profiles that fail alike, in the order of the files: one key that is missing is one matter, however many roles it is
/// for.
using Alike = std::vector<const ProfileFact*>;

std::vector<Alike> failures_of(const std::vector<ProfileFact>& profiles) {
  std::vector<Alike> out;
  for (const auto& profile : profiles) {
    if (!profile.error) continue;
    const auto alike = std::ranges::find_if(out, [&](const Alike& others) {
      const base::Error& error = *others.front()->error;
      return error.what == profile.error->what && error.hint == profile.error->hint;
    });
    if (alike == out.end())
      out.push_back({&profile});
    else
      alike->push_back(&profile);
  }
  return out;
}

/// "dev leads", "dev, test, prod and 9 more lead"
std::string who_leads(const Alike& profiles) {
  std::vector<std::string> names;
  for (const auto* profile : profiles | std::views::take(kMostNamedAlike))
    names.push_back(base::printable(profile->name, kShownName));
  if (profiles.size() == 1) return names.front() + " leads";
  const std::size_t more = profiles.size() - names.size();
  if (more > 0) return fmt::format("{} and {} more lead", base::join(names, ", "), more);
  const std::string last = std::exchange(names.back(), {});
  names.pop_back();
  return fmt::format("{} and {} lead", base::join(names, ", "), last);
}

/// What takes the key or the session out of the clear: an import, where one does.
std::string mend_of(const ClearFact& fact) {
  if (!fact.other_mend.empty()) return fact.other_mend;
  std::string import = "kabuto import --from " + fact.tool;
  if (fact.kind == ClearKind::session)
    return (fact.portal.empty() ? "" : "kabuto login " + base::shell_word(fact.portal) + " && ") + import + " --clean";
  if (fact.name_beside.empty()) return import;
  return import + " --as " + base::shell_word(fact.profile + "=" + fact.name_beside);
}

}  // namespace

Findings check_profiles(const std::vector<ProfileFact>& profiles, const std::optional<base::Error>& files_error) {
  if (files_error) return {{Severity::problem, "profiles", files_error->what, "", command_of(*files_error)}};
  Findings out;
  const std::vector<Alike> failures = failures_of(profiles);
  for (const auto& failure : failures | std::views::take(kMostNamed)) {
    const auto& first = *failure.front();
    out.push_back({Severity::problem, "profiles", who_leads(failure) + " to no credentials: " + first.error->what,
                   base::printable(first.where), command_of(*first.error)});
  }
  if (failures.size() > kMostNamed) {
    std::size_t more = 0;
    for (const auto& failure : failures | std::views::drop(kMostNamed)) more += failure.size();
    out.push_back(
        {Severity::problem, "profiles", fmt::format("and {} more lead to none", more), "", "kabuto explain PROFILE"});
  }
  if (failures.empty() && !profiles.empty())
    out.push_back(
        {Severity::good, "profiles", counted(profiles.size(), "profile") + ", each with a way to credentials", "", ""});
  if (profiles.empty()) out.push_back({Severity::good, "profiles", "no profiles yet", "", "kabuto add NAME"});
  return out;
}

Findings check_oddities(const std::vector<Oddity>& oddities) {
  Findings out;
  for (const auto& one : oddities) {
    if (out.size() == kMostNamed) break;
    out.push_back({Severity::warning, "profiles", one.what, base::printable(one.where), ""});
  }
  return out;
}

Findings check_clear(const std::vector<ClearFact>& facts, base::Instant now) {
  Findings out;
  for (const auto& fact : facts) {
    if (fact.ends && *fact.ends <= now) continue;
    const bool is_key = fact.kind == ClearKind::long_term_key;
    std::string more;
    if (fact.ends) more = ", good until " + base::iso8601(*fact.ends);
    if (!fact.ends && !is_key) more = ", and does not say until when it is good";
    if (!fact.why_other.empty()) more += "; " + fact.why_other;
    out.push_back({is_key ? Severity::problem : Severity::warning, "clear", fact.what + " lies in clear" + more,
                   base::printable(fact.where), mend_of(fact)});
  }
  if (out.empty()) out.push_back({Severity::good, "clear", "no key lies in clear in AWS's files", "", ""});
  return out;
}

Findings check_other_stores(const std::vector<OtherStoreFact>& stores) {
  Findings out;
  for (const auto& store : stores) {
    const std::string where = base::printable(store.where);
    if (store.keys == 0 && !store.has_more)
      out.push_back({Severity::good, "leftovers",
                     fmt::format("nothing is left to import from {}'s files in {}", store.tool, where), where, ""});
    else
      out.push_back({Severity::warning, "leftovers",
                     store.keys > 0 ? fmt::format("{} still keeps {}", store.tool, counted(store.keys, "key"))
                                    : store.tool + " has left its files",
                     where, "kabuto import --from " + store.tool});
  }
  return out;
}

Findings check_sign_ins(const std::vector<SignInFact>& sign_ins) {
  Findings out;
  for (const auto& one : sign_ins)
    if (one.has_ended)
      out.push_back({Severity::warning, "sign-ins",
                     "the sign-in " + base::printable(one.name, kShownName) + " has ended", "",
                     "kabuto login " + base::shell_word(one.name)});
  if (out.empty() && !sign_ins.empty())
    out.push_back(
        {Severity::good, "sign-ins", counted(sign_ins.size(), "sign-in") + " of Identity Center, live", "", ""});
  return out;
}

Findings check_store(const StoreFact& store) {
  const std::string path = base::printable(store.path);
  if (store.error) return {{Severity::problem, "store", store.error->what, path, command_of(*store.error)}};
  if (!store.exists) return {{Severity::good, "store", "no store yet; the first key makes it", "", "kabuto add NAME"}};
  Findings out;
  if (store.slot_error)
    out.push_back({Severity::problem, "store",
                   "its slot (" + store.slot + ") cannot be opened here: " + store.slot_error->what, path,
                   store.slot_error->hint.empty() ? "kabuto store slots" : command_of(*store.slot_error)});
  else
    out.push_back({Severity::good, "store", counted(store.keys, "sealed key") + ", opened by " + store.slot, path, ""});
  if (store.damaged_sessions > 0)
    out.push_back(
        {Severity::warning, "store", counted(store.damaged_sessions, "damaged session file"), path, "kabuto clear"});
  return out;
}

Findings check_clock(const ClockFact& clock) {
  const std::string host = base::printable(clock.host, kShownName);
  if (clock.error) return {{Severity::warning, "clock", clock.error->what, host, command_of(*clock.error)}};
  const base::Duration off = std::chrono::abs(clock.ahead);
  if (off < kNoticed) return {{Severity::good, "clock", "AWS answers, and the clocks agree", host, ""}};
  const std::string what = fmt::format("this machine's clock is {} {} AWS's", base::human_duration(off),
                                       clock.ahead.count() > 0 ? "ahead of" : "behind");
  if (off < kRefused) return {{Severity::warning, "clock", what, host, "sudo timedatectl set-ntp true"}};
  return {{Severity::problem, "clock", what + ": it refuses such signatures", host, "sudo timedatectl set-ntp true"}};
}

Findings check_names(const std::vector<NameFact>& names) {
  Findings out;
  for (const auto& name : names) {
    for (std::size_t i = 1; i < name.paths.size(); ++i) {
      if (!name.is_ours[i] || name.is_ours[0]) continue;
      out.push_back(
          {Severity::warning, "names", name.name + " is another program, which stands before kabuto's in PATH",
           base::printable(name.paths[0]),
           "export PATH=" + base::shell_word(name.paths[i].substr(0, name.paths[i].rfind('/'))) + ":\"$PATH\""});
      break;
    }
  }
  return out;
}

}  // namespace doctor
