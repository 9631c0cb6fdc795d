// The body of a call of AWS's query protocol, built in locked memory because it may hold an MFA code. It knows the
// encoding, not the services.
#pragma once

#include "secret/bytes.h"

#include <cstdint>
#include <string_view>

namespace aws {

class QueryForm {
 public:
  QueryForm(std::string_view action, std::string_view version);
  /// Both are percent-encoded; lists are named "Tags.member.1.Key".
  QueryForm& add(std::string_view name, std::string_view value);
  QueryForm& add(std::string_view name, std::int64_t value);
  QueryForm& add_secret(std::string_view name, const secret::Bytes& value);
  /// "Action=…&Version=…&…".
  secret::Bytes take() &&;

 private:
  void append(std::string_view text);
  void append_encoded(std::string_view text);
  secret::Buffer body_;
};

}  // namespace aws
