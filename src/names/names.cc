#include "names/names.h"

#include "names/tools.h"

#include <iterator>

namespace names {
namespace {

constexpr Name kNames[] = {
    {"aws-vault", run_aws_vault},
    {"aws-mfa", run_aws_mfa},
    {"aws2-wrap", run_aws2_wrap},
    {"assume-role", run_assume_role},
};

}  // namespace

const Name* called_as(std::string_view program) {
  // npos + 1 is the begin.
  const std::string_view last = program.substr(program.rfind('/') + 1);
  for (const auto& row : kNames)
    if (row.name == last) return &row;
  return nullptr;
}

std::size_t count_of_names() { return std::size(kNames); }

}  // namespace names
