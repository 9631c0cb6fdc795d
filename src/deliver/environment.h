// The environment of a child that runs under a role: the parent's, without anything that selects credentials, plus the
// new ones. The block holds secrets, so it is built in locked memory and nothing of it is copied elsewhere.
#pragma once

#include "aws/credentials.h"
#include "base/environment.h"
#include "base/result.h"
#include "secret/bytes.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deliver {

/// Whether AWS_SECURITY_TOKEN is set too, which programs of boto 2's time read.
enum class OlderNames { no, yes };

/// The parts of an answer that are handed to another program besides the credentials.
struct Recipient {
  std::string profile;
  std::string region;                       // empty where none is known: then the parent's variables stay
  std::vector<std::string> variables = {};  // "NAME=value", in the place of the parent's of that name
  OlderNames older_names = OlderNames::no;
};

enum class EndpointKind { container, metadata };

/// Where a program gets credentials instead of having them: a local endpoint of ours.
struct EndpointOffer {
  EndpointKind kind = EndpointKind::container;
  std::string uri;
  const secret::Bytes* token = nullptr;  // of a container endpoint
  bool hides_files = false;              // the AWS files' own default profile would come before the endpoint
};

/// An environment for execve. The pointers are good as long as this object lives.
class EnvironmentBlock {
 public:
  char* const* pointers() const { return pointers_.data(); }
  /// PATH as the child gets it; nullopt where it is unset.
  const std::optional<std::string>& search_path() const { return search_path_; }

 private:
  friend class EnvironmentMaker;
  secret::Bytes text_;
  std::vector<char*> pointers_;
  std::optional<std::string> search_path_;
};

/// Whether a child must not inherit the variable: it selects credentials or a profile, or opens our store.
bool is_scrubbed(std::string_view name);

/// The parent's entries without those: for programs that get no credentials (a browser).
std::vector<std::string> scrubbed_variables(const base::Environment& parent);

/// Errors: refused where a value holds NUL, CR or LF.
base::Result<EnvironmentBlock> child_environment(const base::Environment& parent, const aws::Credentials& credentials,
                                                 const Recipient& recipient);

/// The same without any, for a child that reads AWS's files itself: `recipient.variables` name its profile.
base::Result<EnvironmentBlock> child_environment(const base::Environment& parent, const Recipient& recipient);

/// The same with an endpoint for the credentials.
base::Result<EnvironmentBlock> child_environment(const base::Environment& parent, const EndpointOffer& offer,
                                                 const Recipient& recipient);

/// As is_scrubbed, for what an enclosing `kabuto exec` set: inside it a named profile must not be answered with the
/// outer role's keys or region. Views the parent's entries.
base::Environment without_outer_role(const base::Environment& parent);

}  // namespace deliver
