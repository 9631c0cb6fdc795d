// kabuto doctor: one screen of what is wrong and how to mend it. It mends nothing itself.
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/doctor_look.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <memory>

namespace cli {
namespace {

using doctor::Finding;
using doctor::Findings;
using doctor::Severity;
using Json = nlohmann::ordered_json;

struct Options {
  bool json = false;
  bool offline = false;
  bool quiet = false;
};

std::size_t count_of(const Findings& findings, Severity severity) {
  return static_cast<std::size_t>(std::ranges::count(findings, severity, &Finding::severity));
}

std::string text_of(const Findings& findings, bool quiet) {
  std::string out;
  for (const auto severity : {Severity::problem, Severity::warning, Severity::good}) {
    if (quiet && severity == Severity::good) continue;
    for (const auto& finding : findings) {
      if (finding.severity != severity) continue;
      out += fmt::format("{:<8}{}\n", doctor::name_of(severity), finding.what);
      if (!finding.where.empty() && severity != Severity::good) out += fmt::format("{:<8}{}\n", "", finding.where);
      if (!finding.mend.empty()) out += fmt::format("{:<8}-> {}\n", "", finding.mend);
    }
  }
  if (quiet) return out;
  const auto problems = count_of(findings, Severity::problem);
  const auto warnings = count_of(findings, Severity::warning);
  return out + (problems + warnings == 0 ? "\nnothing is wrong\n"
                                         : fmt::format("\n{} problem{}, {} warning{}\n", problems,
                                                       problems == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s"));
}

Json text_or_null(const std::string& value) { return value.empty() ? Json() : Json(value); }

std::string json_of(const Findings& findings) {
  Json out = {{"problems", count_of(findings, Severity::problem)},
              {"warnings", count_of(findings, Severity::warning)},
              {"findings", Json::array()}};
  for (const auto& finding : findings)
    out["findings"].push_back({{"severity", doctor::name_of(finding.severity)},
                               {"topic", finding.topic},
                               {"what", finding.what},
                               {"where", text_or_null(finding.where)},
                               {"mend", text_or_null(finding.mend)}});
  return out.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace

Action declare_doctor(Arguments& arguments) {
  const auto options = std::make_shared<Options>();  // shared: the action outlives this call
  arguments.flag("--json", options->json, "one JSON object, every field present");
  arguments.flag("--offline", options->offline, "leave out the clock, for which AWS is asked");
  arguments.flag("-q,--quiet", options->quiet, "say only what is wrong, and nothing where nothing is");
  return [options](Context& context) -> base::Result<int> {
    context.ask_nobody();
    const Findings findings = look_at_everything(context, options->offline ? Network::left_out : Network::asked);
    const std::string text = options->json ? json_of(findings) : text_of(findings, options->quiet);
    if (!text.empty()) TRY(context.output().answer(text));
    return count_of(findings, Severity::problem) == 0 ? 0 : base::exit_code(base::ErrorKind::failure);
  };
}

}  // namespace cli
