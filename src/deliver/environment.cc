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
constexpr std::array<std::string_view, 3> kScrubbedPrefixes = {
    "AWS_CONTAINER_",
    "AWS_BEARER_TOKEN_",
    "KABUTO_PASSPHRASE",
};
// What child_environment sets and an enclosing exec has therefore set before us.
constexpr std::array<std::string_view, 5> kOuterRole = {
    "AWS_ACCESS_KEY_ID",         "AWS_SECRET_ACCESS_KEY",  "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION", "AWS_SESSION_EXPIRATION",
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

base::Result<EnvironmentBlock> child_environment(const base::Environment& parent, const aws::Credentials& credentials,
                                                 const Recipient& recipient) {
  TRY(check_values(credentials, recipient));
  std::vector<Entry> entries;
  EnvironmentBlock block;
  std::set<std::string_view> seen;
  for (const auto entry : parent.entries()) {
    const auto name = name_of(entry);
    if (name.empty() || name.size() == entry.size() || is_scrubbed(name)) continue;
    if (!recipient.region.empty() && (name == "AWS_REGION" || name == "AWS_DEFAULT_REGION")) continue;
    // Of two entries programs disagree which one counts: the child gets the one that we went by.
    if (!seen.insert(name).second) continue;
    if (name == "PATH") block.search_path_ = entry.substr(name.size() + 1);
    entries.push_back({{}, entry, nullptr});
  }
  entries.push_back({"AWS_ACCESS_KEY_ID", credentials.access_key_id, nullptr});
  entries.push_back({"AWS_SECRET_ACCESS_KEY", {}, &credentials.secret_access_key});
  if (!credentials.session_token.empty()) entries.push_back({"AWS_SESSION_TOKEN", {}, &credentials.session_token});
  std::string expiration;
  if (credentials.expiration) {
    expiration = base::iso8601(*credentials.expiration);
    entries.push_back({"AWS_CREDENTIAL_EXPIRATION", expiration, nullptr});
    entries.push_back({"AWS_SESSION_EXPIRATION", expiration, nullptr});
  }
  if (!recipient.region.empty()) {
    entries.push_back({"AWS_REGION", recipient.region, nullptr});
    entries.push_back({"AWS_DEFAULT_REGION", recipient.region, nullptr});
    entries.push_back({"KABUTO_REGION", recipient.region, nullptr});
  }
  if (!recipient.profile.empty()) entries.push_back({"KABUTO_PROFILE", recipient.profile, nullptr});

  std::size_t size = 0;
  for (const auto& entry : entries) size += entry.size();
  block.text_ = secret::Bytes(size);
  block.text_.edit([&](std::span<std::byte> room) {
    std::byte* to = room.data();
    for (const auto& entry : entries) {
      block.pointers_.push_back(reinterpret_cast<char*>(to));
      if (!entry.name.empty()) to = put(put(to, entry.name), "=");
      if (entry.secret != nullptr)
        entry.secret->reveal_text([&](std::string_view value) { to = put(to, value); });
      else
        to = put(to, entry.value);
      *to++ = std::byte{0};
    }
  });
  block.pointers_.push_back(nullptr);
  return block;
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
