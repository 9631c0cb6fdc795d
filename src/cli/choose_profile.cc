#include "cli/choose_profile.h"

#include "aws/arn.h"
#include "aws/profile.h"
#include "base/process.h"
#include "base/text.h"
#include "cli/context.h"
#include "cli/fzf.h"
#include "cli/picker_screen.h"
#include "cli/recent.h"
#include "cli/session_owner.h"
#include "credentials/assignments.h"
#include "credentials/sso_session.h"
#include "secret/names_index.h"
#include "secret/places.h"
#include "secret/session_file.h"
#include "secret/terminal.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace cli {
namespace {

constexpr std::size_t kShownName = 200;
constexpr std::string_view kTerminal = "/dev/tty";
constexpr std::string_view kOwn = "own";
constexpr std::string_view kFzf = "fzf";

/// The rows, and what their columns are made of when they are shown.
class Choices {
 public:
  static base::Result<Choices> gather(Context& context);

  std::size_t count() const { return rows_.size(); }
  const Choice& at(std::size_t row) const { return rows_[row]; }
  PickerCells cells(std::size_t row) const;

 private:
  void add_profiles(const std::optional<secret::NamesIndex>& index);
  void add_roles(const secret::Places& places);
  void used_first(const RecentUses& recent);
  std::string left(const std::string& owner) const;
  PickerCells cells_of_profile(const std::string& name) const;
  std::string account_shown(const std::string& id) const;

  const aws::Profiles* profiles_ = nullptr;
  base::Instant now_;
  std::vector<Choice> rows_;
  bool several_sign_ins_ = false;
  std::unordered_map<std::string, base::Instant> session_ends_;  // by owner
  std::unordered_map<std::string, std::string> account_names_;   // by id
};

/// As SsoSession::id().
std::string_view sign_in_of(const aws::Profile& profile) {
  const std::string_view session = profile.value("sso_session");
  return session.empty() ? profile.value("sso_start_url") : session;
}

std::string key_of(const Choice& choice) {
  return choice.profile.empty() ? used_role(choice.session, choice.account_id, choice.role)
                                : used_profile(choice.profile);
}

base::Result<Choices> Choices::gather(Context& context) {
  const secret::Places* const places = TRY(context.places());
  Choices choices;
  choices.profiles_ = TRY(context.profiles());
  choices.now_ = context.clock().now();
  choices.add_profiles(TRY(secret::read_names(*places)));
  choices.add_roles(*places);
  choices.used_first(read_recent(*places));
  for (const auto& session : TRY(secret::list_sessions(*places)).sessions) {
    auto& end = choices.session_ends_[owner_of(session.header)];
    end = std::max(end, session.header.expires);
  }
  return choices;
}

void Choices::add_profiles(const std::optional<secret::NamesIndex>& index) {
  const auto names = profiles_->names();
  rows_.reserve(names.size());
  for (const auto name : names)
    rows_.push_back({.profile = std::string(name), .session = {}, .account_id = {}, .role = {}});
  if (!index) return;
  for (const auto& key : index->keys)
    if (!profiles_->contains(key.profile))
      rows_.push_back({.profile = key.profile, .session = {}, .account_id = {}, .role = {}});
}

void Choices::add_roles(const secret::Places& places) {
  std::vector<credentials::Assignments> all;
  for (const auto& session : credentials::all_sso_sessions(*profiles_))
    if (auto kept = credentials::read_assignments(places, session.id()); kept && *kept)
      all.push_back(std::move(**kept));
  if (all.empty()) return;
  several_sign_ins_ = all.size() > 1;
  std::unordered_set<std::string> named;
  for (const auto name : profiles_->names())
    if (const auto profile = profiles_->find(name); profile && *profile)
      named.insert(
          used_role(sign_in_of(**profile), (*profile)->value("sso_account_id"), (*profile)->value("sso_role_name")));
  for (const auto& assignments : all) {
    for (const auto& account : assignments.accounts) {
      account_names_.emplace(account.id, account.name);
      for (const auto& role : account.roles)
        if (!named.contains(used_role(assignments.session, account.id, role)))
          rows_.push_back({.profile = {}, .session = assignments.session, .account_id = account.id, .role = role});
    }
  }
}

void Choices::used_first(const RecentUses& recent) {
  std::unordered_map<std::string, std::size_t> ranks;
  for (const auto& use : recent.ranked(now_)) ranks.emplace(use.what, ranks.size());
  if (ranks.empty()) return;
  std::vector<std::pair<std::size_t, Choice>> used;
  std::erase_if(rows_, [&](Choice& choice) {
    const auto found = ranks.find(key_of(choice));
    if (found == ranks.end()) return false;
    used.emplace_back(found->second, std::move(choice));
    return true;
  });
  std::ranges::sort(used, {}, [](const auto& pair) { return pair.first; });
  std::vector<Choice> ordered;
  ordered.reserve(used.size() + rows_.size());
  for (auto& [rank, choice] : used) ordered.push_back(std::move(choice));
  std::ranges::move(rows_, std::back_inserter(ordered));
  rows_ = std::move(ordered);
}

std::string Choices::account_shown(const std::string& id) const {
  const auto found = account_names_.find(id);
  if (found == account_names_.end() || found->second.empty()) return base::printable(id, kShownName);
  return base::printable(found->second, kShownName) + " " + base::printable(id, kShownName);
}

std::string Choices::left(const std::string& owner) const {
  const auto end = session_ends_.find(owner);
  return end != session_ends_.end() && end->second > now_ ? base::human_duration(end->second - now_) : "";
}

PickerCells Choices::cells_of_profile(const std::string& name) const {
  PickerCells cells;
  cells[0] = base::printable(name, kShownName);
  std::string owner = name;
  const auto profile = profiles_->find(name);
  if (profile && *profile) {
    const auto value = [&](std::string_view key) { return std::string((*profile)->value(key)); };
    if (const auto role = aws::parse_arn(value("role_arn"))) {
      cells[1] = account_shown(role->account);
      cells[2] = base::printable(role->name(), kShownName);
    } else {
      cells[1] = account_shown(value("sso_account_id"));
      cells[2] = base::printable(value("sso_role_name"), kShownName);
      if (!value("sso_role_name").empty())
        owner = owner_of_role(sign_in_of(**profile), value("sso_account_id"), value("sso_role_name"));
    }
    cells[3] = base::printable(value("region"), kShownName);
  }
  cells[4] = left(owner);
  return cells;
}

PickerCells Choices::cells(std::size_t row) const {
  const Choice& choice = rows_[row];
  if (!choice.profile.empty()) return cells_of_profile(choice.profile);
  std::string account = account_shown(choice.account_id);
  if (several_sign_ins_) account += " of " + base::printable(choice.session, kShownName);
  return {"", std::move(account), base::printable(choice.role, kShownName), "",
          left(owner_of_role(choice.session, choice.account_id, choice.role))};
}

base::Result<std::string> picker_wanted(Context& context, const std::optional<std::string>& given) {
  std::string wanted = given ? *given : std::string(context.environment().get_nonempty("KABUTO_PICKER").value_or(kOwn));
  if (wanted == kOwn || wanted == kFzf) return wanted;
  return base::fail(base::ErrorKind::usage, "no picker named " + base::printable(wanted, 40),
                    "use --picker own or fzf");
}

}  // namespace

base::Result<Choice> choose_profile(Context& context, const std::optional<std::string>& given) {
  const std::string wanted = TRY(picker_wanted(context, given));
  TRY(secret::open_terminal(std::string(kTerminal)));
  if (context.environment().get("TERM") == "dumb")
    return std::unexpected(secret::nobody_to_ask("this terminal cannot show a list"));
  const Choices choices = TRY(Choices::gather(context));
  if (choices.count() == 0)
    return base::fail(base::ErrorKind::not_found, "no profiles to choose from", "run kabuto add NAME");
  const auto cells_of = [&](std::size_t row) { return choices.cells(row); };
  if (wanted == kFzf) {
    const auto program = base::find_program(std::string(kFzf), context.environment().get("PATH").value_or(""));
    if (program) return choices.at(TRY(run_fzf(*program, context.environment(), choices.count(), cells_of)));
    context.output().warn("fzf is not installed: this is kabuto's own list");
  }
  Picker picker(choices.count(), cells_of);
  return choices.at(TRY(run_picker(picker, std::string(kTerminal))));
}

}  // namespace cli
