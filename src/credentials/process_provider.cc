// credential_process: another program is the source. No shell, capped in time and size, from own files only.
#include "base/text.h"
#include "credentials/process_answer.h"
#include "credentials/program.h"
#include "credentials/providers.h"

namespace credentials {

base::Result<Given> process_credentials(const Errand& errand, const Hop& hop) {
  const ProgramCall call{
      .setting = hop.command_setting, .profile = hop.profile, .command = hop.command, .path = hop.command_path};
  secret::Bytes output = TRY(run_program(call, errand.around.environment, errand.around.clock));
  auto credentials = read_process_answer(std::move(output), errand.around.clock.now());
  if (!credentials)
    return std::unexpected(base::with_context(
        std::move(credentials).error(),
        "the answer of credential_process of profile " + base::printable(hop.profile, 100) + " (" + hop.where + ")"));
  if (credentials->account_id.empty())
    if (const auto profile = TRY(errand.profiles.find(hop.profile)))
      credentials->account_id = profile->value("aws_account_id");
  return Given{std::move(*credentials)};
}

}  // namespace credentials
