#include "credentials/first_step.h"

#include <array>

namespace credentials {
namespace {

// The order is that of the SDKs, which know no SAML and no keys of Roles Anywhere.
constexpr std::array kSources{
    roles_anywhere_step, credential_source_step, web_identity_step, saml_step,      identity_center_step,
    login_session_step,  own_process_step,       process_step,      file_keys_step,
};

}  // namespace

FoundStep first_step_of(const Facts& facts, const Link& link) {
  if (link.sealed) return sealed_key_step(link);
  for (const auto source : kSources)
    if (auto found = TRY(source(facts, link))) return found;
  return std::nullopt;
}

}  // namespace credentials
