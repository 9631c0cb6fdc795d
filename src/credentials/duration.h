// How long a session is asked for, and why: the caps of STS against what the command line and the files want. What the
// files want too long is cut with a reason; what a person demands too long is an error that names the cap.
#pragma once

#include "base/result.h"
#include "credentials/source.h"

#include <chrono>
#include <optional>
#include <string>

namespace credentials {

struct AskedDuration {
  std::chrono::seconds seconds{0};
  std::string why;
};

/// What a role's profile says.
struct ConfiguredDuration {
  std::string text;   // empty: nothing
  std::string where;  // "/home/u/.aws/config line 9"
};

/// Who signs the AssumeRole: AWS caps a role assumed with temporary credentials at 1 h.
enum class SignedBy { long_term_key, temporary };
/// Whether the command line's wishes are meant for this hop.
enum class Place { last, on_the_way };

/// Errors: usage (outside 15 min to 12 h), failure (a cap). `warning` is set where the file's value was not usable.
base::Result<AskedDuration> role_duration(const Request& request, const ConfiguredDuration& configured, SignedBy signer,
                                          Place place, std::optional<std::string>& warning);
base::Result<AskedDuration> session_token_duration(const Request& request, Place place);

/// Whether the wishes for the role add up to more than AWS gives a chained role.
bool wants_more_than_chaining_gives(const Request& request, const ConfiguredDuration& configured);

/// The time that a cached session must have left, and why; `planned` is how long the last session is asked for, zero
/// for one whose length is unknown.
AskedDuration needed_ttl(const Request& request, std::chrono::seconds planned);

}  // namespace credentials
