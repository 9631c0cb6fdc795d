#include "credentials/assertion_text.h"

#include "base/text.h"
#include "credentials/program.h"
#include "secret/read_secret.h"

namespace credentials {
namespace {

// AWS takes assertions of 100,000 characters; line ends come on top.
constexpr std::size_t kMostBytes = std::size_t{128} * 1024;

}  // namespace

std::string assertion_source(const Hop& hop) {
  if (!hop.command.empty())
    return "what " + hop.command_setting + " of profile " + base::printable(hop.profile, 100) + " prints";
  return std::string(hop.kind == HopKind::saml ? "the assertion" : "the token") + " in " +
         base::printable(hop.token_file);
}

base::Result<secret::Bytes> assertion_text(const Errand& errand, const Hop& hop) {
  if (!hop.command.empty()) {
    const ProgramCall call{.setting = hop.command_setting,
                           .profile = hop.profile,
                           .command = hop.command,
                           .path = hop.command_path,
                           .most_bytes = kMostBytes};
    return run_program(call, errand.around.environment, errand.around.clock);
  }
  const Detail& named = hop.details.front();
  auto text = secret::read_token_file(hop.token_file, kMostBytes, named.name);
  if (!text) return std::unexpected(base::with_context(std::move(text).error(), named.why));
  return text;
}

}  // namespace credentials
