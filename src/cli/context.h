// What a command may use, made on first use: nothing is opened, asked or loaded for a command that does not ask for it.
#pragma once

#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"
#include "cli/output.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agent {
class Client;
}
namespace aws {
class Client;
class Profile;
class Profiles;
struct SettingSources;
}  // namespace aws
namespace credentials {
class Broker;
class SignIns;
}  // namespace credentials
namespace http {
class Client;
struct ClientSettings;
}  // namespace http
namespace secret {
class DataKey;
class Prompt;
class Store;
struct Places;
struct Unlocker;
}  // namespace secret

namespace cli {

/// Options that every command takes.
struct CommonOptions {
  bool verbose = false;
  bool no_agent = false;
  std::string passphrase_fd;  // as typed; empty: not given
};

/// What differs under the name of a tool that kabuto replaces.
struct Manner {
  std::string program = "kabuto";        // the name under which we start ourselves anew
  std::vector<std::string> words = {};   // what such a process must be told besides its own words
  std::string passphrase_variable = {};  // the tool's own, after ours; empty: none
  /// Makes who is asked in the terminal's place; without it the terminal.
  std::function<std::unique_ptr<secret::Prompt>()> make_prompt = {};
  /// AWS's files as that tool reads them; without it as AWS's SDKs do.
  std::function<base::Result<aws::Profiles>(const base::Environment&)> load_profiles = {};
};

class Context {
 public:
  Context(base::Clock& clock, const base::Environment& environment, Output& output, Manner manner = {});
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  base::Clock& clock() { return clock_; }
  const base::Environment& environment() const { return environment_; }
  Output& output() { return output_; }
  const Manner& manner() const { return manner_; }
  CommonOptions& options() { return options_; }
  /// A line on standard error with --verbose, nothing without; never a secret.
  void debug(std::string_view text);

  /// The environment that a chain from this profile is planned in: without what an enclosing `kabuto exec` set, where a
  /// profile is named.
  const base::Environment& environment_for(std::string_view profile);

  /// AWS's files, both together. The error names file and line.
  base::Result<const aws::Profiles*> profiles();
  /// A client for calls of our own (whoami, add, rotate), with the CA bundle that `from` chooses at the first call. It
  /// loads libcurl at the first request.
  aws::Client& aws_client(const aws::SettingSources& from);
  /// What plans and performs chains, in environment_for(profile). One command asks for one profile.
  base::Result<credentials::Broker*> broker(std::string_view profile);

  /// The Identity Center sign-ins; a window opens in `browser` where one is named. One command, one browser.
  base::Result<credentials::SignIns*> sign_ins(const std::string& browser = {});

  /// The agent of this store, which may not run. Errors: usage, for a KABUTO_AGENT that is none.
  base::Result<agent::Client*> agent();

  /// The terminal.
  secret::Prompt& prompt();
  /// From here on nobody is asked anything: what would ask fails as where there is no terminal. For work that goes on
  /// behind the person's back.
  void ask_nobody();
  /// From here on no call to AWS goes on for longer than this, all together.
  void hurry(base::Duration at_most);
  base::Result<const secret::Places*> places();
  /// Opens the store without unlocking it. not_found where there is none.
  base::Result<secret::Store*> store();
  /// Who may be asked for the passphrase: --passphrase-fd, KABUTO_PASSPHRASE_FILE, the manner's variable, the terminal.
  base::Result<secret::Unlocker*> unlocker();
  /// The same for what the agent can do as well: where it was unlocked while this process waited for its turn to ask,
  /// unlocking fails and nobody is asked.
  base::Result<secret::Unlocker*> unlocker_or_agent();
  /// Whether that is a file or a variable, which answers by itself.
  bool has_given_passphrase() const;
  /// Opens the store and unlocks it. Drop the key as soon as it is used.
  base::Result<secret::DataKey> data_key();

 private:
  struct Made;

  std::unique_ptr<http::Client> make_http(http::ClientSettings settings);
  http::Client& http_client(const aws::SettingSources& from);

  base::Clock& clock_;
  const base::Environment& environment_;
  Output& output_;
  Manner manner_;
  CommonOptions options_;
  std::unique_ptr<Made> made_;
};

}  // namespace cli
