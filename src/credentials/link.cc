#include "credentials/link.h"

#include "base/shell_word.h"
#include "base/text.h"

namespace credentials {
namespace {

constexpr std::size_t kLongestName = 100;

}  // namespace

std::string Link::value(std::string_view key) const {
  return profile ? std::string(profile->value(key)) : std::string();
}

Reasoned Link::reasoned(std::string_view key) const {
  std::string text = value(key);
  if (text.empty()) return {};
  return {std::move(text), where(key)};
}

std::string Link::where(std::string_view key) const {
  if (!profile) return "the store";
  if (const auto setting = profile->get(key)) return setting->where();
  return profile->where();
}

std::string Link::called() const { return "profile \"" + base::printable(name, kLongestName) + "\""; }

std::string Link::word() const { return base::shell_word(base::printable(name, kLongestName)); }

Pair Link::pair_in_files() const {
  if (!profile) return Pair::none;
  const bool id = has("aws_access_key_id");
  const bool secret = profile->secret("aws_secret_access_key").has_value();
  if (id && secret) return Pair::whole;
  if (id) return Pair::no_secret;
  return secret ? Pair::no_id : Pair::none;
}

bool Link::takes_role_by_token() const {
  for (const auto key :
       {"web_identity_token_file", "web_identity_token_process", "saml_assertion_file", "saml_assertion_process"})
    if (has(key)) return true;
  return false;
}

bool Link::takes_role_by_certificate() const {
  for (const auto key : {"roles_anywhere_private_key", "roles_anywhere_certificate", "roles_anywhere_trust_anchor_arn",
                         "roles_anywhere_profile_arn"})
    if (has(key)) return true;
  return false;
}

void take_command(Hop& hop, const aws::Setting& setting) {
  hop.command_setting = setting.key;
  hop.command = setting.value;
  hop.command_path = setting.path;
}

}  // namespace credentials
