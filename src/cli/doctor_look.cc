#include "cli/doctor_look.h"

#include "agent/place.h"
#include "aws/endpoint.h"
#include "aws/profile.h"
#include "base/file.h"
#include "base/temporary_name.h"
#include "base/text.h"
#include "cli/context.h"
#include "cli/doctor_clear.h"
#include "cli/old_names.h"
#include "credentials/broker.h"
#include "credentials/sign_in.h"
#include "deliver/temporary_profile.h"
#include "doctor/files.h"
#include "doctor/keys.h"
#include "doctor/variables.h"
#include "http/client.h"
#include "secret/names_index.h"
#include "secret/places.h"
#include "secret/secret_service.h"
#include "secret/session_file.h"
#include "secret/slot.h"
#include "secret/store.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

namespace cli {
namespace {

// Somebody waits for the screen.
constexpr base::Duration kClockPatience = std::chrono::seconds{3};
// No item has this name: what is asked is whether the service answers.
constexpr const char* kNoStore = "doctor";
constexpr const char* kTpmDevice = "/dev/tpmrm0";

void add(doctor::Findings& out, doctor::Findings more) { std::ranges::move(more, std::back_inserter(out)); }

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

doctor::FileFact fact_of(std::string path, std::string role, doctor::Secrecy secrecy) {
  doctor::FileFact fact;
  fact.path = std::move(path);
  fact.role = std::move(role);
  fact.secrecy = secrecy;
  struct stat seen{};
  if (stat(fact.path.c_str(), &seen) != 0) {
    if (errno != ENOENT) fact.error = base::errno_text(errno);
    return fact;
  }
  fact.exists = true;
  fact.is_directory = S_ISDIR(seen.st_mode);
  fact.mode = seen.st_mode & 07777;
  fact.owner = seen.st_uid;
  fact.is_readable = access(fact.path.c_str(), R_OK | (fact.is_directory ? X_OK : 0)) == 0;
  return fact;
}

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

doctor::Findings look_at_files(Context& context) {
  using doctor::Secrecy;
  const auto& environment = context.environment();
  std::vector<doctor::FileFact> facts;
  const auto locations = aws::locations(environment);
  if (!locations.config.empty()) {
    facts.push_back(fact_of(folder_of(locations.config), "the directory of AWS's files", Secrecy::anybody_may_read));
    facts.push_back(fact_of(locations.config, "AWS's config file", Secrecy::anybody_may_read));
    facts.push_back(fact_of(locations.credentials, "AWS's credentials file", Secrecy::owner_only));
  }
  if (const auto runtime = environment.get_nonempty("XDG_RUNTIME_DIR"))
    facts.push_back(fact_of(std::string(*runtime), "the runtime directory", Secrecy::owner_only));
  if (const auto places = context.places()) {
    facts.push_back(fact_of((*places)->directory, "kabuto's directory", Secrecy::owner_only));
    facts.push_back(fact_of((*places)->store(), "the store", Secrecy::owner_only));
    facts.push_back(
        fact_of(agent::find_place(environment, **places).directory, "the agent's directory", Secrecy::owner_only));
  }
  doctor::Findings out = doctor::check_files(facts, geteuid());
  if (!locations.config.empty()) return out;
  std::erase_if(out, [](const auto& finding) { return finding.severity == doctor::Severity::good; });
  out.push_back({doctor::Severity::problem, "files", "there is no home directory, so no AWS files are looked at",
                 "HOME", "export HOME=\"$(getent passwd \"$(id -u)\" | cut -d: -f6)\""});
  return out;
}

/// What base::write_file_atomically leaves where its writer is killed, beside the files that kabuto writes.
doctor::Findings look_at_temporary_files(Context& context) {
  std::set<std::string> folders;
  const auto locations = aws::locations(context.environment());
  for (const auto& path : {locations.config, locations.credentials})
    if (!path.empty()) folders.insert(folder_of(path));
  if (const auto places = context.places()) folders.insert((*places)->directory);
  std::vector<std::string> found;
  for (const auto& folder : folders) {
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(folder, failed), end; !failed && entry != end;
         entry.increment(failed))
      if (base::is_temporary_name(entry->path().filename().string()) && base::is_abandoned(entry->path().string()))
        found.push_back(entry->path().string());
  }
  std::ranges::sort(found);
  return doctor::check_temporary_files(found);
}

doctor::Findings look_at_written_profiles(Context& context) {
  const auto profiles = context.profiles();
  if (!profiles) return {};
  const auto& file = (*profiles)->credentials();
  return doctor::check_written_profiles(deliver::leftover_profiles(file, context.clock().now()), file.path());
}

bool is_profile(Context& context, std::string_view name) {
  if (const auto profiles = context.profiles(); profiles && (*profiles)->contains(name)) return true;
  const auto places = context.places();
  if (!places) return false;
  const auto index = secret::read_names(**places);
  return index && *index && (*index)->find(name) != nullptr;
}

doctor::Findings look_at_variables(Context& context) {
  const doctor::VariableFacts facts{context.environment(), context.clock().now(),
                                    [&](std::string_view name) { return is_profile(context, name); },
                                    [](std::string_view path) { return exists(std::string(path)); },
                                    [](std::string_view url) { return aws::is_loopback_url(url); }};
  doctor::Findings out = doctor::check_credential_variables(facts);
  add(out, doctor::check_endpoint_variables(facts));
  add(out, doctor::check_proxies(context.environment()));
  return out;
}

std::vector<doctor::EndpointSetting> endpoint_settings(const aws::Profiles& profiles) {
  std::vector<doctor::EndpointSetting> out;
  for (const auto name : profiles.names()) {
    const auto profile = profiles.find(name);
    if (!profile || !*profile) continue;
    if (const auto url = (*profile)->get("endpoint_url"); url && !url->value.empty())
      out.push_back({std::string(url->value), url->where(), aws::is_loopback_url(url->value)});
  }
  return out;
}

/// Each way as the chain plans it: nothing of it is performed.
std::vector<doctor::ProfileFact> ways_of(Context& context, const aws::Profiles& profiles) {
  std::vector<doctor::ProfileFact> out;
  for (const auto name : profiles.names()) {
    doctor::ProfileFact fact{std::string(name), {}, {}};
    const auto profile = profiles.find(name);
    if (profile && *profile) fact.where = (*profile)->where();
    if (const auto broker = context.broker(name)) {
      credentials::Request request;
      request.profile = fact.name;
      if (const auto chain = (*broker)->explain(request); !chain) fact.error = chain.error();
    } else {
      fact.error = broker.error();
    }
    out.push_back(std::move(fact));
  }
  return out;
}

doctor::Findings look_at_profiles(Context& context) {
  const auto profiles = context.profiles();
  if (!profiles) return doctor::check_profiles({}, profiles.error());
  if (aws::locations(context.environment()).config.empty() && (*profiles)->names().empty())
    return {};  // none looked at
  doctor::Findings out = doctor::check_profiles(ways_of(context, **profiles), std::nullopt);
  std::vector<doctor::Oddity> oddities;
  for (const auto& warning : (*profiles)->warnings())
    oddities.push_back({fmt::format("{} line {}", warning.path, warning.line), warning.what});
  add(out, doctor::check_oddities(oddities));
  add(out, doctor::check_endpoint_settings(endpoint_settings(**profiles)));
  return out;
}

/// Whether what opens the slot is there; it is not opened.
std::optional<base::Error> slot_error(const secret::SlotHeader& slot, base::Clock& clock) {
  switch (slot.kind) {
    case secret::SlotKind::passphrase:
      return std::nullopt;
    case secret::SlotKind::key_file: {
      const auto checked = base::check_only_owner_reads(slot.key_file, "key file");
      return checked ? std::nullopt : std::optional(checked.error());
    }
    case secret::SlotKind::secret_service: {
      const auto answer = secret::DesktopSecretService(clock).find(kNoStore);
      return answer ? std::nullopt : std::optional(answer.error());
    }
    case secret::SlotKind::tpm2:
      if (access(kTpmDevice, R_OK | W_OK) == 0) return std::nullopt;
      return base::Error{base::ErrorKind::failure, std::string(kTpmDevice) + ": " + base::errno_text(errno), ""};
  }
  return std::nullopt;
}

doctor::Findings look_at_store(Context& context) {
  doctor::StoreFact fact;
  const auto places = context.places();
  if (!places) {
    fact.error = places.error();
    return doctor::check_store(fact);
  }
  fact.path = (*places)->store();
  if (const auto sessions = secret::list_sessions(**places)) fact.damaged_sessions = sessions->damaged;
  const auto store = context.store();
  if (!store) {
    if (store.error().kind != base::ErrorKind::not_found) fact.error = store.error();
    return doctor::check_store(fact);
  }
  fact.exists = true;
  fact.keys = (*store)->keys().size();
  for (const auto& slot : (*store)->slots()) {
    if (slot.id != (*store)->chosen_slot()) continue;
    fact.slot = secret::name_of(slot.kind);
    fact.slot_error = slot_error(slot, context.clock());
  }
  return doctor::check_store(fact);
}

doctor::Findings look_at_sign_ins(Context& context) {
  const auto sign_ins = context.sign_ins();
  if (!sign_ins) return {};
  const auto list = (*sign_ins)->list();
  if (!list) return {};
  std::vector<doctor::SignInFact> facts;
  for (const auto& status : *list) facts.push_back({status.id, !is_live(status, context.clock())});
  return doctor::check_sign_ins(facts);
}

/// One question to STS that anybody may ask; its answer, whatever it is, carries AWS's time.
doctor::Findings look_at_clock(Context& context) {
  const auto profiles = context.profiles();
  const aws::SettingSources from{context.environment(), profiles ? *profiles : nullptr, nullptr, {}, {}};
  doctor::ClockFact fact;
  const auto endpoint = aws::resolve_endpoint(aws::Service::sts, from);
  if (!endpoint) {
    fact.error = endpoint.error();
    return doctor::check_clock(fact);
  }
  fact.host = endpoint->url;
  http::Request request;
  request.method = "GET";
  request.url = endpoint->url + "/";
  http::Limits limits;
  limits.total = limits.connect = kClockPatience;
  const auto bundle = aws::ca_bundle(from);
  const auto client = http::make_client(context.environment(), {bundle ? bundle->value : ""});
  const auto reply = client->send(request, limits);
  if (!reply) {
    fact.error = reply.error();
    return doctor::check_clock(fact);
  }
  const auto date = base::parse_http_date(reply->header("date").value_or(""));
  if (date)
    fact.ahead = context.clock().now() - *date;
  else
    fact.error = base::Error{base::ErrorKind::failure, "the answer says no time: is it AWS who answers?", ""};
  return doctor::check_clock(fact);
}

doctor::Findings look_at_names(Context& context) {
  std::error_code failed;
  const auto own = std::filesystem::canonical("/proc/self/exe", failed);
  std::vector<doctor::NameFact> facts;
  std::vector<std::string_view> names(kOldNames.begin(), kOldNames.end());
  names.emplace_back("kabuto");
  for (const auto name : names) {
    doctor::NameFact fact{std::string(name), {}, {}};
    for (const auto folder : base::split(context.environment().get("PATH").value_or(""), ':')) {
      if (!folder.starts_with('/')) continue;
      const std::string path = std::string(folder) + "/" + std::string(name);
      if (access(path.c_str(), X_OK) != 0) continue;
      fact.paths.push_back(path);
      fact.is_ours.push_back(std::filesystem::canonical(path, failed) == own);
    }
    facts.push_back(std::move(fact));
  }
  return doctor::check_names(facts);
}

}  // namespace

doctor::Findings look_at_everything(Context& context, Network network) {
  doctor::Findings out = look_at_files(context);
  add(out, look_at_clear(context));
  add(out, look_at_profiles(context));
  add(out, look_at_store(context));
  add(out, look_at_sign_ins(context));
  add(out, look_at_variables(context));
  if (network == Network::asked) add(out, look_at_clock(context));
  add(out, look_at_names(context));
  add(out, look_at_temporary_files(context));
  add(out, look_at_written_profiles(context));
  return out;
}

}  // namespace cli
