#include "credentials/cache_key.h"

#include "secret/digest.h"

namespace credentials {
namespace {

// Part of every hash: a change of what is hashed changes the version, so that old files are never misread.
constexpr std::string_view kVersion = "kabuto session 1";

}  // namespace

std::string cache_key(const Hop& hop, const std::string& before) {
  secret::Digest digest;
  digest.add(kVersion).add(before).add(name_of(hop.kind)).add(hop.access_key_id);
  if (!hop.command.empty()) digest.add(hop.profile).add(hop.command).add(hop.command_path);
  for (const auto& field : hop.cache_fields) digest.add(field);
  if (hop.sso) {
    const SsoSession& session = hop.sso->session;
    digest.add(session.name).add(session.start_url).add(session.region);
    digest.add(hop.sso->account_id).add(hop.sso->role_name);
  }
  digest.add(hop.role_arn).add(hop.session_name.value).add(hop.external_id).add(hop.source_identity.value);
  digest.add(std::uint64_t{hop.tags.size()});
  for (const auto& tag : hop.tags) digest.add(tag.key).add(tag.value);
  digest.add(std::uint64_t{hop.transitive_tag_keys.size()});
  for (const auto& key : hop.transitive_tag_keys) digest.add(key);
  digest.add(std::uint64_t{hop.policy_arns.size()});
  for (const auto& arn : hop.policy_arns) digest.add(arn);
  digest.add(hop.policy).add(hop.mfa_serial.value).add(static_cast<std::uint64_t>(hop.duration.count()));
  digest.add(hop.endpoint.signing_region).add(hop.endpoint.url);
  return digest.hex();
}

}  // namespace credentials
