#include "doctor/finding.h"

namespace doctor {

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::problem:
      return "problem";
    case Severity::warning:
      return "warning";
    case Severity::good:
      break;
  }
  return "good";
}

}  // namespace doctor
