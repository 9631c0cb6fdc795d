#include "deliver/environment.h"

#include "base/clock.h"
#include "deliver/value.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <set>
#include <span>
#include <utility>

namespace deliver {
namespace {

// What selects or holds credentials in any of AWS's SDKs and tools, and what opens our own store. Where calls go
// (region, endpoints, CA bundle, proxies) and which files are read is the user's to say, so those stay.
constexpr std::array<std::string_view, 18> kScrubbed = {
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_FILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_PROFILE",
    "AWS_SDK_LOAD_CONFIG",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_SESSION_EXPIRATION",
    "AWS_ACCOUNT_ID",
    "AWS_ACCESS_KEY",  // older names of the first two, which some SDKs still read
    "AWS_SECRET_KEY",
    "KABUTO_PROFILE",
    "KABUTO_REGION",
};
constexpr std::array<std::string_view, 4> kScrubbedPrefixes = {
    "AWS_CONTAINER_",
    "AWS_BEARER_TOKEN_",
    "KABUTO_PASSPHRASE",
    "AWS_VAULT_FILE_PASSPHRASE",
};
// What child_environment sets and an enclosing exec has therefore set before us.
constexpr std::array<std::string_view, 7> kOuterRole = {
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_SESSION_EXPIRATION",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
};

std::string_view name_of(std::string_view entry) { return entry.substr(0, entry.find('=')); }

/// One entry still in two pieces, so that a secret is copied once: into the block.
struct Entry {
  std::string_view name;  // "" for an entry that is passed on whole
  std::string_view value;
  const secret::Bytes* secret = nullptr;

  std::size_t size() const {
    return name.size() + (name.empty() ? 0 : 1) + (secret ? secret->size() : value.size()) + 1;
  }
};

std::byte* put(std::byte* to, std::string_view text) {
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

}  // namespace

bool is_scrubbed(std::string_view name) {
  return std::ranges::find(kScrubbed, name) != kScrubbed.end() ||
         std::ranges::any_of(kScrubbedPrefixes, [&](auto prefix) { return name.starts_with(prefix); });
}

std::vector<std::string> scrubbed_variables(const base::Environment& parent) {
  std::vector<std::string> out;
  for (const auto entry : parent.entries())
    if (!is_scrubbed(name_of(entry))) out.emplace_back(entry);
  return out;
}

/// Collects the entries: first the parent's that stay, then ours.
class EnvironmentMaker {
 public:
  EnvironmentMaker(const base::Environment& parent, const Recipient& recipient,
                   std::initializer_list<std::string_view> replaced) {
    std::set<std::string_view> seen(replaced);
    if (!recipient.region.empty()) seen.insert({"AWS_REGION", "AWS_DEFAULT_REGION"});
    for (const std::string_view variable : recipient.variables) {
      entries_.push_back({{}, variable, nullptr});
      seen.insert(name_of(variable));
    }
    for (const auto entry : parent.entries()) {
      const auto name = name_of(entry);
      if (name.empty() || name.size() == entry.size() || is_scrubbed(name)) continue;
      // Of two entries programs disagree which one counts: the child gets the one that we went by.
      if (!seen.insert(name).second) continue;
      if (name == "PATH") block_.search_path_ = entry.substr(name.size() + 1);
      entries_.push_back({{}, entry, nullptr});
    }
  }
  void add(std::string_view name, std::string_view value) { entries_.push_back({name, value, nullptr}); }
  void add(std::string_view name, const secret::Bytes& value) { entries_.push_back({name, {}, &value}); }
  EnvironmentBlock finish(const Recipient& recipient);

 private:
  std::vector<Entry> entries_;
  EnvironmentBlock block_;
};

EnvironmentBlock EnvironmentMaker::finish(const Recipient& recipient) {
  if (!recipient.region.empty())
    for (const auto name : {"AWS_REGION", "AWS_DEFAULT_REGION", "KABUTO_REGION"}) add(name, recipient.region);
  if (!recipient.profile.empty()) add("KABUTO_PROFILE", recipient.profile);
  std::size_t size = 0;
  for (const auto& entry : entries_) size += entry.size();
  block_.text_ = secret::Bytes(size);
  block_.text_.edit([&](std::span<std::byte> room) {
    std::byte* to = room.data();
    for (const auto& entry : entries_) {
      block_.pointers_.push_back(reinterpret_cast<char*>(to));
      if (!entry.name.empty()) to = put(put(to, entry.name), "=");
      if (entry.secret != nullptr)
        entry.secret->reveal_text([&](std::string_view value) { to = put(to, value); });
      else
        to = put(to, entry.value);
      *to++ = std::byte{0};
    }
  });
  block_.pointers_.push_back(nullptr);
  return std::move(block_);
}

base::Result<EnvironmentBlock> child_environment(const base::Environment& parent, const aws::Credentials& credentials,
                                                 const Recipient& recipient) {
  TRY(check_values(credentials, recipient));
  EnvironmentMaker maker(parent, recipient, {});
  maker.add("AWS_ACCESS_KEY_ID", credentials.access_key_id);
  maker.add("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key);
  if (!credentials.session_token.empty()) {
    maker.add("AWS_SESSION_TOKEN", credentials.session_token);
    if (recipient.older_names == OlderNames::yes) maker.add("AWS_SECURITY_TOKEN", credentials.session_token);
  }
  std::string expiration;
  if (credentials.expiration) {
    expiration = base::iso8601(*credentials.expiration);
    maker.add("AWS_CREDENTIAL_EXPIRATION", expiration);
    maker.add("AWS_SESSION_EXPIRATION", expiration);
  }
  return maker.finish(recipient);
}

base::Result<EnvironmentBlock> child_environment(const base::Environment& parent, const Recipient& recipient) {
  TRY(check_value(recipient.profile, "profile's name"));
  TRY(check_value(recipient.region, "region"));
  return EnvironmentMaker(parent, recipient, {}).finish(recipient);
}

base::Result<EnvironmentBlock> child_environment(const base::Environment& parent, const EndpointOffer& offer,
                                                 const Recipient& recipient) {
  TRY(check_value(recipient.profile, "profile's name"));
  TRY(check_value(recipient.region, "region"));
  // What would switch this way off, or lead elsewhere.
  EnvironmentMaker maker(
      parent, recipient,
      {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "AWS_EC2_METADATA_DISABLED",
       offer.hides_files ? "AWS_CONFIG_FILE" : "", offer.hides_files ? "AWS_SHARED_CREDENTIALS_FILE" : ""});
  if (offer.kind == EndpointKind::metadata) {
    maker.add("AWS_EC2_METADATA_SERVICE_ENDPOINT", offer.uri);
  } else {
    maker.add("AWS_CONTAINER_CREDENTIALS_FULL_URI", offer.uri);
    maker.add("AWS_CONTAINER_AUTHORIZATION_TOKEN", *offer.token);
  }
  if (offer.hides_files)
    for (const auto name : {"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"}) maker.add(name, "/dev/null");
  return maker.finish(recipient);
}

base::Environment without_outer_role(const base::Environment& parent) {
  if (!parent.get_nonempty("KABUTO_PROFILE")) return parent;
  const auto outer_region = parent.get_nonempty("KABUTO_REGION");
  std::vector<std::string_view> kept;
  for (const auto entry : parent.entries()) {
    const auto name = name_of(entry);
    if (std::ranges::find(kOuterRole, name) != kOuterRole.end()) continue;
    const bool region = name == "AWS_REGION" || name == "AWS_DEFAULT_REGION";
    if (region && outer_region && entry.size() > name.size() && entry.substr(name.size() + 1) == *outer_region)
      continue;
    kept.push_back(entry);
  }
  return base::Environment::of_entries(std::move(kept));
}

}  // namespace deliver
