// SAML 2.0 responses: read into what they say, and written for the providers that the simulator plays. What is read is
// the signed element, and nothing beside it.
#pragma once

#include "base/clock.h"
#include "signing_key.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

constexpr std::string_view kSamlAudience = "https://signin.aws.amazon.com/saml";
constexpr std::string_view kAttributePrefix = "https://aws.amazon.com/SAML/Attributes/";

struct SamlAssertion {
  std::string issuer, subject, subject_type, recipient;
  std::vector<std::string> audiences;
  std::map<std::string, std::vector<std::string>> attributes;  // by name
  std::optional<base::Instant> issued, not_before;
  std::optional<base::Instant> not_on_or_after;  // the earliest of those that it gives
  std::optional<base::Instant> session_end;      // SessionNotOnOrAfter
};

struct ReadSaml {
  SamlAssertion assertion;
  bool is_signed = false;  // with the key given: the assertion, or the response around it
};

/// The one assertion of a response that says success; nullopt where the XML is anything else.
std::optional<ReadSaml> read_saml_response(std::string_view xml, const SigningKey& key);

/// What a response shall say; "foreign" signs it with another key.
struct SamlWishes {
  SamlAssertion assertion;
  enum class Signed { assertion, response, foreign, nothing } how = Signed::assertion;
};
/// The response, signed.
std::string write_saml_response(const SamlWishes& wishes, const SigningKey& key);

}  // namespace sim
