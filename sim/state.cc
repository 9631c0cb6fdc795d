// Look-ups in the simulated AWS, and the names under which a caller is known.
#include "state.h"

#include "crypto.h"

#include <algorithm>

namespace sim {
namespace {

constexpr std::string_view kSecretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kSecretLength = 40;

}  // namespace

const std::string& Caller::account() const { return is_role() ? session->role->account : user->account; }

std::string Caller::arn() const {
  if (is_federated()) return "arn:aws:sts::" + user->account + ":federated-user/" + session->name;
  if (!is_role()) return user->arn;
  return "arn:aws:sts::" + session->role->account + ":assumed-role/" + session->role->name + "/" + session->name;
}

std::string Caller::user_id() const {
  if (is_federated()) return user->account + ":" + session->name;
  return is_role() ? session->role->id + ":" + session->name : user->id;
}

PrincipalNames Caller::names() const {
  if (!is_role()) return {.account = user->account, .arn = arn(), .session_arn = {}};
  return {.account = session->role->account, .arn = session->role->arn, .session_arn = arn()};
}

User* State::find_user(std::string_view name) const {
  User* found = nullptr;
  for (const auto& [arn, user] : users) {
    if (user->account + "/" + user->name == name || arn == name) return user.get();
    if (user->name != name) continue;
    if (found != nullptr) return nullptr;
    found = user.get();
  }
  return found;
}

User* State::owner_of(std::string_view key_id) const {
  for (const auto& [arn, user] : users)
    if (find_key(*user, key_id) != nullptr) return user.get();
  return nullptr;
}

Role* State::find_role(const std::string& arn) const {
  const auto found = roles.find(arn);
  return found == roles.end() ? nullptr : found->second.get();
}

AccessKey* find_key(User& user, std::string_view key_id) {
  const auto found = std::ranges::find(user.keys, key_id, &AccessKey::id);
  return found == user.keys.end() ? nullptr : &*found;
}

AccessKey make_key(const User& user, base::Instant created, base::Instant known_from) {
  return {.id = make_access_key_id("AKIA", user.account),
          .secret = random_text(kSecretLength, kSecretAlphabet),
          .status = KeyStatus::active,
          .created = created,
          .known_from = known_from};
}

void forget_sessions(State& state, base::Instant before) {
  std::erase_if(state.sessions, [&](const auto& entry) { return entry.second->expires < before; });
}

}  // namespace sim
