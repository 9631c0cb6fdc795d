// A .env file's text with a profile's credentials set or taken out, and every other byte as it was: comments, order,
// quotes, `export`, line ends. Pure. Where python-dotenv and docker compose would read one of our lines differently,
// the edit is refused; what is written both read the same.
#pragma once

#include "aws/credentials.h"
#include "aws/file_text.h"
#include "base/result.h"
#include "deliver/environment.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deliver {

struct DotenvDuplicate {
  std::string name;
  std::vector<unsigned> lines;
};

/// What a person should know of an edit.
struct DotenvReport {
  std::vector<std::string> removed;         // names of keys whose lines are gone
  std::vector<std::string> lost_ids;        // of long-term keys that are in the text no more: perhaps their only copy
  std::vector<DotenvDuplicate> duplicates;  // all of them were set, as readers differ in which one counts
  std::optional<unsigned> refused_by_compose;  // the line at which docker compose gives the whole file up
  std::optional<unsigned> names_profile;       // the line of an AWS_PROFILE, which some SDKs take before keys
};

/// The new text is `before`, `changed`, `after`. Most of a file stays where it was read: `before` and `after` are views
/// of the old text and live no longer.
struct DotenvChange {
  std::string_view before;
  aws::FileText changed;
  std::string_view after;
  DotenvReport report;

  aws::FileText whole() const;
};

/// The names that kabuto owns in such a file.
bool is_dotenv_key_of_ours(std::string_view name);

/// Sets the credentials, and the region where one is known. What these credentials have not (a token, an end) is taken
/// out. Errors: refused, with the line and never a value.
base::Result<DotenvChange> dotenv_with(std::string_view text, const aws::Credentials& credentials,
                                       const Recipient& recipient);

/// Takes the credentials out; the region, which is no secret and may be a person's, stays.
base::Result<DotenvChange> dotenv_without(std::string_view text);

}  // namespace deliver
