#include "credentials/first_step.h"

#include <array>

namespace credentials {
namespace {

using base::ErrorKind;
using base::fail;

/// A source that SDKs know and this version does not, where the profile names it.
FoundStep login_session_step(const Facts&, const Link& link) {
  if (!link.has("login_session")) return std::nullopt;
  return fail(ErrorKind::failure, link.called() + " takes its credentials from a console sign-in" +
                                      link.said_by("login_session") + ", which this version cannot do yet");
}

// The order is that of the SDKs, which know no SAML.
constexpr std::array kSources{
    credential_source_step, web_identity_step, saml_step,      identity_center_step,
    login_session_step,     process_step,      file_keys_step,
};

}  // namespace

FoundStep first_step_of(const Facts& facts, const Link& link) {
  if (link.sealed) return sealed_key_step(link);
  for (const auto source : kSources)
    if (auto found = TRY(source(facts, link))) return found;
  return std::nullopt;
}

}  // namespace credentials
