// The way from a profile to credentials as data: where the first key comes from, then every call in order, each with
// its reasons. plan() is a pure function: it asks nobody, calls nothing and opens no secret, so `explain` can print
// what it returns and the broker performs exactly that.
#pragma once

#include "aws/container.h"
#include "aws/endpoint.h"
#include "aws/imds_settings.h"
#include "aws/profile.h"
#include "aws/settings.h"
#include "aws/sts.h"
#include "base/environment.h"
#include "base/result.h"
#include "credentials/roles_anywhere_source.h"
#include "credentials/source.h"
#include "credentials/sso_session.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace credentials {

enum class HopKind {
  environment,      // AWS_ACCESS_KEY_ID and its fellows
  file_keys,        // aws_access_key_id of the files, in clear
  sealed_keys,      // the store
  process,          // credential_process
  web_identity,     // sts:AssumeRoleWithWebIdentity, with a token of a file or a program
  saml,             // sts:AssumeRoleWithSAML, with an assertion of a file or a program
  container,        // the credentials endpoint of a container or pod
  instance,         // the instance metadata service
  roles_anywhere,   // rolesanywhere:CreateSession, signed by a certificate's key
  login_session,    // the sign-in file of `aws login`, renewed where it must be
  identity_center,  // sso:GetRoleCredentials, with the token of a sign-in
  session_token,    // sts:GetSessionToken
  assume_role,      // sts:AssumeRole
};

/// "environment", "file_keys", …: the words of explain --json.
std::string_view name_of(HopKind kind);
/// Whether the hop is a call that a key signs: session_token and assume_role.
bool is_call(HopKind kind);
/// Whether the hop is a key pair that lies ready: environment, file_keys and sealed_keys.
bool is_key(HopKind kind);

/// A value and who or what made it so: "config line 12", "the default", "role chaining".
struct Reasoned {
  std::string value;
  std::string why;
};

/// A fact of a step for people: "token file", "/var/run/token", "AWS_WEB_IDENTITY_TOKEN_FILE".
struct Detail {
  std::string name;
  std::string value;
  std::string why;
};

/// A sign-in of `aws login`.
struct LoginSource {
  std::string session;  // the ARN of who signed in
  std::string file;     // where the AWS CLI keeps it
};

/// One step. The first gives credentials; each later one is a call signed by what the one before it gave.
struct Hop {
  // Written once, in hop.cc: each is 20 KiB of code, and the compiler would set it beside whoever copies a hop.
  Hop();
  Hop(const Hop&);
  Hop(Hop&&) noexcept;
  Hop& operator=(const Hop&);
  Hop& operator=(Hop&&) noexcept;
  ~Hop();

  HopKind kind = HopKind::environment;
  std::string profile;          // whose section says so; empty for the environment
  std::string where;            // "/home/u/.aws/config line 12", "the store", "the environment"
  std::string why;              // why this step is taken
  std::string title;            // the step in a few words
  std::string action;           // "AssumeRole", as the log of calls names it; empty: the step is no call of AWS
  std::string gives;            // what it gives, to the one who reads who signs the next call
  std::string cached_as;        // what `status` calls it
  std::vector<Detail> details;  // what only a step of its kind has to tell
  std::vector<std::string> cache_fields;  // what only a step of its kind has that changes the answer
  std::string access_key_id;              // of keys; empty for what only the step itself can tell
  std::string signed_by;                  // of calls: whose key signs, for people

  std::string command;          // the program that the step runs; empty: none
  std::string command_setting;  // "credential_process"
  std::string command_path;     // the file that holds the command: nobody else may write it

  std::optional<SsoRole> sso;                       // of identity_center
  std::optional<aws::ContainerEndpoint> container;  // of container
  std::optional<aws::ImdsSettings> imds;            // of instance
  std::string token_file;                           // of web_identity and saml; empty where a program gives it
  std::string provider_arn;                         // of saml
  std::string length_why;                           // who else decides how long it lasts; empty: we ask
  std::optional<RolesAnywhereSource> anywhere;      // of roles_anywhere
  std::optional<LoginSource> login;                 // of login_session

  std::string role_arn;
  Reasoned session_name;
  std::string external_id;
  Reasoned source_identity;
  std::vector<aws::Tag> tags;
  std::vector<std::string> transitive_tag_keys;
  std::vector<std::string> policy_arns;
  std::string policy_file;
  std::string policy;

  Reasoned mfa_serial;   // empty: no code is sent
  Reasoned mfa_process;  // empty: a person is asked
  std::string mfa_process_path;

  std::chrono::seconds duration{0};  // of calls; always sent
  std::string duration_why;
  Reasoned region;
  aws::Endpoint endpoint;

  bool cached = false;    // whether the result is kept, sealed, until it expires
  std::string cache_why;  // why, or why not
  std::string cache_key;  // hex; everything that changes the answer, this step's and all before it
};

struct Chain {
  std::string profile;  // empty: the environment alone
  Reasoned profile_choice;
  Reasoned region;  // for the child; empty where nobody says
  std::vector<Hop> hops;
  std::string priming;        // whether GetSessionToken comes first, and why; empty where it cannot matter
  base::Duration min_ttl{0};  // a cached result with less left is renewed
  std::string min_ttl_why;
  std::vector<std::string> warnings;
};

/// What the store tells about a sealed key without being unlocked.
struct SealedKey {
  std::string access_key_id;
};

/// All that a plan is made from.
struct Facts {
  const aws::Profiles& profiles;
  const base::Environment& environment;
  /// nullopt where the store holds no key of that profile, or there is no store.
  std::function<base::Result<std::optional<SealedKey>>(std::string_view profile)> sealed_key;
  /// The MFA device that a person chose for a profile whose files name none; empty: none.
  std::function<base::Result<std::string>(std::string_view profile)> remembered_mfa_serial;
  /// The text of a session policy file.
  std::function<base::Result<std::string>(const std::string& path)> policy_text;
  /// A fingerprint of the token in a file, for the cache key; empty where it cannot be read, which its use will tell.
  std::function<std::string(const std::string& path)> token_digest = [](const std::string&) { return std::string(); };
};

/// Errors: not_found (no such profile, key or source profile), refused (region, endpoint), failure (cycle,
/// contradiction, a duration no cap allows, a source that is not built yet); each names the profile and the line.
base::Result<Chain> plan(const Facts& facts, const Request& request);

}  // namespace credentials
