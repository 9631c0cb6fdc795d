// What `kabuto import` does with what was found: one step per finding. Pure: printed as a dry run, and carried out by
// cli/ in the order seal, read back, only then take out. Which edits of AWS's files follow is import_edits.h's.
#pragma once

#include "aws/profile.h"
#include "base/result.h"
#include "peers/finding.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace peers {

enum class ForOtherTools : std::uint8_t {
  sessions,  // credential_process gives sessions of the key
  keys,      // the long-term key itself
  nothing,
};
enum class Sessions : std::uint8_t { left, removed };

struct ImportOptions {
  std::map<std::string, std::string, std::less<>> renames;  // the profile of a key, and the name it is sealed under
  ForOtherTools for_other_tools = ForOtherTools::sessions;
  Sessions sessions = Sessions::left;
};

enum class Action : std::uint8_t {
  seal,         // into the store
  same,         // the store has this key; what lies in clear is taken out
  add_session,  // an [sso-session …] section
  set_profile,  // a profile is given what kabuto and the SDKs read
  remove_file,  // a session in clear
  leave,
};
/// "seal", "same", …: the words of --json.
std::string_view name_of(Action action);

struct Step {
  Action action = Action::leave;
  Source source = Source::aws;
  std::string name;           // the name a key is sealed under, a profile, a session
  std::string access_key_id;  // empty: none, or not known yet
  std::string where;
  std::string text;                              // what will happen, one line
  std::size_t finding = 0;                       // its place in its list of the Findings
  ForOtherTools gives = ForOtherTools::nothing;  // of a key: what the credential_process gives that its profile gets
  std::optional<base::ErrorKind> trouble;
  std::string by_hand;  // why no import helps before somebody edits the file; empty where one does
};

/// An sso-session that is to be written.
struct NewSession {
  std::string name;
  std::string region;
};

struct ImportPlan {
  std::vector<Step> steps;
  std::optional<base::Error> refusal;                           // nothing at all is done
  std::map<std::string, NewSession, std::less<>> new_sessions;  // by start URL
  bool has_work() const;
};

/// What the plan has to know beside the findings.
struct Surroundings {
  const aws::Profiles& files;
  /// The id of the key that the store holds under a name.
  std::function<std::optional<std::string>(std::string_view name)> sealed_id;
  /// Whether kabuto itself is signed in to a portal, so that another tool's copy is of no more use.
  std::function<bool(std::string_view start_url)> signed_in;
};

/// Two keys of one id are one key, and have one secret: which of two it is, only a person knows. `step` is about the
/// one, `holder` is where the other lies.
base::Error two_secrets(const Step& step, std::string_view holder);

/// The sso-session of a portal, in the files or to be written by the plan; empty where there is none.
std::string session_of(std::string_view start_url, const ImportPlan& plan, const aws::Profiles& files);

ImportPlan plan_import(const Findings& findings, const Surroundings& around, const ImportOptions& options);

/// The credential_process that lets other tools have a profile's credentials; nullopt for a name that no quoting of all
/// SDKs carries.
std::optional<std::string> process_line(std::string_view profile, ForOtherTools gives);

/// Whether an import has written this credential_process for the profile.
bool is_process_line(std::string_view profile, std::string_view line);

}  // namespace peers
