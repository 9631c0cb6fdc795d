// What the calls of STS have in common. Only the files sts*.cc include it.
#pragma once

#include "aws/query_form.h"

#include <string>
#include <string_view>

namespace aws {

inline constexpr std::string_view kStsVersion = "2011-06-15";

inline void add_if_given(QueryForm& form, std::string_view name, const std::string& value) {
  if (!value.empty()) form.add(name, value);
}

/// Of any request that has policies and a duration.
inline void add_policies(QueryForm& form, const auto& request) {
  int number = 0;
  for (const auto& arn : request.policy_arns) form.add("PolicyArns.member." + std::to_string(++number) + ".arn", arn);
  add_if_given(form, "Policy", request.policy);
  if (request.duration) form.add("DurationSeconds", request.duration->count());
}

}  // namespace aws
