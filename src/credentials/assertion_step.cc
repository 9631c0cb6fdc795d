#include "credentials/assertion_step.h"

#include "base/text.h"

namespace credentials {
namespace {

using base::ErrorKind;
using base::fail;

}  // namespace

void take_role(Hop& hop, const std::string& role_arn, const AssertionKeys& keys) {
  hop.role_arn = role_arn;
  hop.action = keys.action;
  hop.title = "sts:" + hop.action + " " + role_arn;
  hop.gives = "the role of step 1";
  hop.cached_as = role_arn;
}

void take_file(Hop& hop, const Facts& facts, const std::string& path, const std::string& said_by,
               const AssertionKeys& keys) {
  hop.token_file = path;
  hop.details.push_back({std::string(keys.noun) + " file", path, said_by});
  // Another token may be another person: a session is kept for the one that got it.
  hop.cache_fields = {path, facts.token_digest(path)};
}

base::Result<std::optional<Hop>> assertion_hop(const Facts& facts, const Link& link, const AssertionKeys& keys) {
  const bool by_file = link.has(keys.file);
  const bool by_process = link.has(keys.process);
  if (!by_file && !by_process) return std::nullopt;
  if (by_file && by_process)
    return fail(ErrorKind::failure,
                link.called() + " has both " + std::string(keys.file) + link.said_by(keys.file) + " and " +
                    std::string(keys.process) + link.said_by(keys.process),
                "run kabuto profile unset " + link.word() + " " + std::string(keys.process));
  const std::string_view key = by_file ? keys.file : keys.process;
  if (!link.has("role_arn"))
    return fail(ErrorKind::failure, link.called() + " has " + std::string(key) + link.said_by(key) + " but no role_arn",
                "run kabuto profile set " + link.word() + " role_arn=arn:aws:iam::ACCOUNT:role/NAME");
  Hop hop;
  hop.profile = link.name;
  hop.where = link.where("role_arn");
  hop.why = "role_arn with " + std::string(key) + link.said_by(key);
  take_role(hop, link.value("role_arn"), keys);
  if (by_file) {
    take_file(hop, facts, link.value(key), link.where(key), keys);
  } else {
    take_command(hop, *link.profile->get(key));
  }
  return hop;
}

std::vector<std::string> unused_keys(const Link& link, const AssertionKeys& keys) {
  std::vector<std::string> warnings;
  for (const std::string_view key :
       {"mfa_serial", "external_id", "source_identity", "session_tags", "transitive_session_tags", "source_profile"})
    if (link.has(key))
      warnings.push_back(link.called() + ": " + std::string(key) + link.said_by(key) +
                         " is not used: " + std::string(keys.action) + " takes none");
  return warnings;
}

}  // namespace credentials
