#include "agent/watch_list.h"

#include "base/text.h"
#include "credentials/sdk_ttl.h"

#include <algorithm>
#include <array>

namespace agent {
namespace {

using base::Duration;
using base::Instant;

constexpr std::size_t kMost = 64;
constexpr std::size_t kLongestText = 4096;
// Just before `process` and the endpoints would renew.
constexpr Duration kAhead = credentials::kSdkMinTtl - std::chrono::seconds{2};
// What nobody has used for as long is let go.
constexpr Duration kRecently = std::chrono::minutes{30};
constexpr Duration kBetweenTries = std::chrono::minutes{5};

constexpr std::array<std::string_view, 6> kWatchOptions{"duration", "region", "account", "role", "session", "via"};
constexpr std::array<std::string_view, 19> kWatchVariables{"AWS_CONFIG_FILE",
                                                           "AWS_SHARED_CREDENTIALS_FILE",
                                                           "AWS_PROFILE",
                                                           "AWS_DEFAULT_PROFILE",
                                                           "AWS_REGION",
                                                           "AWS_DEFAULT_REGION",
                                                           "AWS_ROLE_SESSION_NAME",
                                                           "AWS_CA_BUNDLE",
                                                           "AWS_ENDPOINT_URL",
                                                           "AWS_ENDPOINT_URL_STS",
                                                           "AWS_ENDPOINT_URL_SSO",
                                                           "AWS_ENDPOINT_URL_SSO_OIDC",
                                                           "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                                                           "AWS_STS_REGIONAL_ENDPOINTS",
                                                           "AWS_USE_FIPS_ENDPOINT",
                                                           "AWS_USE_DUALSTACK_ENDPOINT",
                                                           "AWS_SDK_UA_APP_ID",
                                                           "KABUTO_DURATION",
                                                           "KABUTO_SOURCE_IDENTITY"};
constexpr std::string_view kProfile = "profile";
constexpr std::string_view kExpires = "expires_ms";
constexpr std::string_view kSeen = "seen";
constexpr std::string_view kFetched = "fetched";
constexpr std::string_view kUsed = "used";
constexpr std::string_view kOption = "option.";
constexpr std::string_view kVariable = "variable.";

bool is_plain(const std::string& text) {
  return text.size() <= kLongestText &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// The pairs of `fields` whose keys begin with `prefix`, in the order of `names`.
template <std::size_t N>
std::vector<std::pair<std::string, std::string>> pairs_of(const secret::Fields& fields, std::string_view prefix,
                                                          const std::array<std::string_view, N>& names) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto name : names)
    if (const auto found = fields.find(std::string(prefix).append(name)); found != fields.end())
      pairs.emplace_back(name, found->second);
  return pairs;
}

}  // namespace

std::vector<std::string> Watch::words() const {
  // Demanded, so that what cannot be renewed is a failure and not what is left of the old one.
  std::vector<std::string> words{"process", "--min-ttl=16m"};
  for (const auto& [name, value] : options) words.push_back("--" + name + "=" + value);
  if (!profile.empty()) {
    words.emplace_back("--");
    words.push_back(profile);
  }
  return words;
}

std::vector<std::pair<std::string, std::string>> watched_variables(const base::Environment& environment) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto name : kWatchVariables)
    if (const auto value = environment.get(name)) out.emplace_back(name, *value);
  return out;
}

secret::Fields encode_watch(const Watch& watch) {
  secret::Fields fields{{std::string(kProfile), watch.profile},
                        {std::string(kExpires), std::to_string(watch.expires.time_since_epoch().count())},
                        {std::string(kSeen), std::string(watch.seen == Seen::fetched ? kFetched : kUsed)}};
  for (const auto& [name, value] : watch.options) fields[std::string(kOption).append(name)] = value;
  for (const auto& [name, value] : watch.environment) fields[std::string(kVariable).append(name)] = value;
  return fields;
}

std::optional<Watch> decode_watch(const secret::Fields& fields) {
  Watch watch;
  watch.profile = secret::field(fields, std::string(kProfile));
  const auto expires = base::parse_integer(secret::field(fields, std::string(kExpires)));
  watch.options = pairs_of(fields, kOption, kWatchOptions);
  watch.environment = pairs_of(fields, kVariable, kWatchVariables);
  const bool all_known =
      fields.contains(std::string(kProfile)) && fields.size() == 3 + watch.options.size() + watch.environment.size();
  const std::string seen = secret::field(fields, std::string(kSeen));
  if (!expires || !all_known || (seen != kFetched && seen != kUsed) ||
      !std::ranges::all_of(fields, [](const auto& pair) { return is_plain(pair.second); }))
    return std::nullopt;
  watch.expires = Instant(Duration(*expires));
  watch.seen = seen == kFetched ? Seen::fetched : Seen::used;
  // One way to write each watch: a number with zeros before it is none of ours.
  if (encode_watch(watch) != fields) return std::nullopt;
  return watch;
}

void WatchList::add(Watch watch, By by, Instant now) {
  const auto same = std::ranges::find_if(entries_, [&](const Entry& entry) { return entry.watch.same_session(watch); });
  if (same != entries_.end()) {
    same->watch.expires = watch.expires;
    if (by == By::person) same->used = now;
    return;
  }
  if (by == By::renewal || watch.seen == Seen::used) return;
  if (entries_.size() == kMost) entries_.erase(std::ranges::min_element(entries_, {}, &Entry::used));
  entries_.push_back({std::move(watch), now, std::nullopt, std::nullopt});
}

std::optional<Watch> WatchList::take_due(Instant now) {
  std::erase_if(entries_,
                [&](const Entry& entry) { return entry.watch.expires - now < kAhead && now - entry.used > kRecently; });
  for (auto& entry : entries_) {
    if (entry.watch.expires - now >= kAhead) continue;
    if (entry.tried && now - *entry.tried < kBetweenTries) continue;
    entry.tried = now;
    entry.code.reset();
    return entry.watch;
  }
  return std::nullopt;
}

void WatchList::ended(const Watch& watch, int code) {
  for (auto& entry : entries_)
    if (entry.watch.same_session(watch)) entry.code = code;
}

std::optional<Duration> WatchList::next(Instant now) const {
  std::optional<Duration> wait;
  for (const auto& entry : entries_) {
    Instant due = entry.watch.expires - kAhead + Duration{1};
    if (entry.tried) due = std::max(due, *entry.tried + kBetweenTries);
    const Duration left = std::max(due - now, Duration::zero());
    wait = wait ? std::min(*wait, left) : left;
  }
  return wait;
}

}  // namespace agent
