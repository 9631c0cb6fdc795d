// An answer of AWS that says no: what the XML writer turns into <ErrorResponse>.
#pragma once

#include <expected>
#include <string>

namespace sim {

struct AwsError {
  int status = 400;
  std::string code;
  std::string message;
};

template <class T>
using Checked = std::expected<T, AwsError>;

inline std::unexpected<AwsError> refuse(int status, std::string code, std::string message) {
  return std::unexpected(AwsError{status, std::move(code), std::move(message)});
}

}  // namespace sim
