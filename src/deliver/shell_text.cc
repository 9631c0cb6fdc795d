#include "deliver/shell_text.h"

#include "base/text.h"
#include "deliver/quoting.h"
#include "deliver/value.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>
#include <utility>

namespace deliver {
namespace {

constexpr std::size_t kMostText = std::size_t{8} << 20;
constexpr std::string_view kOpensStore = "KABUTO_PASSPHRASE";
// The credentials themselves: all of them are the role's, whether it has a value for each or not.
constexpr std::array<std::string_view, 5> kCredentials = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                                          "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION",
                                                          "AWS_SESSION_EXPIRATION"};

// What else is the role's.
constexpr std::array<std::string_view, 4> kRole = {"AWS_REGION", "AWS_DEFAULT_REGION", "KABUTO_REGION",
                                                   "KABUTO_PROFILE"};

struct Difference {
  std::vector<std::string_view> set;  // NAME=value
  std::vector<std::string_view> drop;
};

std::pair<std::string_view, std::string_view> parts_of(std::string_view entry) {
  const auto equals = entry.find('=');
  return {entry.substr(0, equals), equals == std::string_view::npos ? std::string_view() : entry.substr(equals + 1)};
}

/// A shell's variable can have no other name.
bool is_identifier(std::string_view name) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
  return !name.empty() && kLetters.find(name[0]) != std::string_view::npos && std::ranges::all_of(name, [&](char c) {
    return kLetters.find(c) != std::string_view::npos || (c >= '0' && c <= '9');
  });
}

bool is_credential(std::string_view name) { return std::ranges::find(kCredentials, name) != kCredentials.end(); }

bool is_role(std::string_view name) { return std::ranges::find(kRole, name) != kRole.end(); }

Difference difference(const base::Environment& parent, const EnvironmentBlock& child, ShellTurn turn) {
  Difference out;
  std::set<std::string_view> kept;
  for (char* const* entry = child.pointers(); *entry != nullptr; ++entry) {
    const auto [name, value] = parts_of(*entry);
    kept.insert(name);
    if (turn == ShellTurn::renewal && !is_credential(name)) continue;
    // The role's own is set also where it is the same: a shell that exports nothing would print all that it has.
    if ((is_credential(name) || is_role(name) || parent.get(name) != value) && is_identifier(name))
      out.set.emplace_back(*entry);
  }
  const auto drop = [&](std::string_view name) {
    if (kept.insert(name).second && is_identifier(name)) out.drop.push_back(name);
  };
  for (const auto name : kCredentials) drop(name);
  if (turn == ShellTurn::renewal) return out;
  // The shell goes on to ask us for the same: it keeps what opens the store.
  for (const auto entry : parent.entries())
    if (const auto name = parts_of(entry).first; !name.starts_with(kOpensStore)) drop(name);
  return out;
}

std::string epoch_seconds(base::Instant when) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(when).time_since_epoch().count());
}

}  // namespace

base::Result<secret::Bytes> shell_text(const base::Environment& parent, const EnvironmentBlock& child,
                                       const ShellOrder& order) {
  for (const auto& word : order.words) TRY(check_value(word, "command line"));
  const Difference found = difference(parent, child, order.turn);
  secret::Buffer out(kMostText);
  const auto line = [&](std::string_view text) {
    append_text(out, text);
    append_text(out, "\n");
  };
  line(order.turn == ShellTurn::use ? "kabuto use 1" : "kabuto renewal 1");
  line(order.due ? epoch_seconds(*order.due) : "never");
  line(std::to_string(order.words.size()));
  line(std::to_string(found.drop.size()));
  for (const auto& word : order.words) line("=" + word);
  for (const auto name : found.drop) line(name);
  for (const auto entry : found.set) line(entry);
  return std::move(out).take();
}

std::optional<std::string> shell_text_without_role(const base::Environment& parent) {
  if (!parent.get_nonempty("KABUTO_PROFILE")) return std::nullopt;
  std::set<std::string_view> kept;
  const base::Environment without = without_outer_role(parent);
  for (const auto entry : without.entries()) kept.insert(parts_of(entry).first);
  std::string out = "kabuto off 1\n";
  for (const auto entry : parent.entries()) {
    const auto name = parts_of(entry).first;
    const bool is_ours = name == "KABUTO_PROFILE" || name == "KABUTO_REGION" || !kept.contains(name);
    if (is_ours && is_identifier(name)) out += std::string(name) + "\n";
  }
  return out;
}

}  // namespace deliver
