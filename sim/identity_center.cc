// Look-ups in an instance, its roles in the accounts, and its rate limit.
#include "identity_center.h"

#include "crypto.h"
#include "state.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace sim {
namespace {

constexpr std::size_t kRoleSuffix = 16;
constexpr std::size_t kIdTail = 17;
constexpr std::string_view kIdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::int64_t kLongestRoleSession = 43'200;

/// Only the portal opens sessions of these roles.
nlohmann::json portal_trust(const std::string& account, std::string_view center) {
  return {{"Version", "2012-10-17"},
          {"Statement",
           {{"Effect", "Allow"},
            {"Principal",
             {{"Federated", fmt::format("arn:aws:iam::{}:saml-provider/AWSSSO_{}_DO_NOT_DELETE", account,
                                        sha256_hex(center).substr(0, kRoleSuffix))}}},
            {"Action", {"sts:AssumeRoleWithSAML", "sts:TagSession"}},
            {"Condition", {{"StringEquals", {{"SAML:aud", "https://signin.aws.amazon.com/saml"}}}}}}}};
}

}  // namespace

bool RateLimit::allows(base::Instant now) {
  if (per_second_ <= 0) return true;
  const double seconds = std::chrono::duration<double>(now - last_).count();
  left_ = std::min(burst_, left_ + std::max(0.0, seconds) * per_second_);
  last_ = now;
  if (left_ < 1) return false;
  left_ -= 1;
  return true;
}

std::string IdentityCenter::name() const {
  const std::size_t begin = start_url.find("//") + 2;
  return start_url.substr(begin, start_url.find_first_of("./", begin) - begin);
}

std::string plain_start_url(std::string_view url) {
  url = url.substr(0, url.find('#'));
  while (url.ends_with('/')) url.remove_suffix(1);
  return std::string(url);
}

IdentityCenter* find_center(const State& state, std::string_view start_url) {
  const auto found = std::ranges::find(state.identity_centers, plain_start_url(start_url), &IdentityCenter::start_url);
  return found == state.identity_centers.end() ? nullptr : found->get();
}

CenterAndUser find_center_user(const State& state, std::string_view name) {
  CenterAndUser found;
  for (const auto& center : state.identity_centers)
    for (const auto& [user_name, user] : center->users) {
      if (name != user_name && name != center->name() + "/" + user_name) continue;
      if (found.user != nullptr) return {};
      found = {.center = center.get(), .user = user.get()};
    }
  return found;
}

Role& permission_set_role(State& state, const IdentityCenter& center, const PermissionSet& set,
                          const std::string& account, base::Instant now) {
  // In us-east-1 the path has no region.
  const std::string region = center.region == "us-east-1" ? "" : center.region + "/";
  const std::string suffix = sha256_hex(center.start_url + " " + account + " " + set.name).substr(0, kRoleSuffix);
  auto role = std::make_unique<Role>();
  role->account = account;
  role->name = "AWSReservedSSO_" + set.name + "_" + suffix;
  role->path = "/aws-reserved/sso.amazonaws.com/" + region;
  role->arn = "arn:aws:iam::" + account + ":role" + role->path + role->name;
  if (Role* known = state.find_role(role->arn); known != nullptr) return *known;
  role->id = "AROA" + random_text(kIdTail, kIdAlphabet);
  role->description = "permission set " + set.name;
  role->created = now;
  role->policies = set.policies;
  role->max_session_seconds = kLongestRoleSession;
  const nlohmann::json trust = portal_trust(account, center.start_url);
  role->trust = parse_policy(trust).value();
  role->trust_text = trust.dump();
  auto& slot = state.roles[role->arn];
  slot = std::move(role);
  return *slot;
}

}  // namespace sim
