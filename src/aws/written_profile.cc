#include "aws/written_profile.h"

#include "base/text.h"

#include <algorithm>
#include <utility>

namespace aws {
namespace {

constexpr std::size_t kOwnerDigits = 16;
// Both forms that others read: aws-mfa and awsume the first, saml2aws and prompts (starship) the second.
constexpr std::string_view kExpiration = "expiration";
constexpr std::string_view kExpirationIso = "x_security_token_expires";

std::optional<std::string_view> value_of(const ConfigFile& file, const Section& section, std::string_view key) {
  std::optional<std::string_view> out;
  for (const Property& property : file.properties(section))
    if (base::equals_ignoring_case(property.key, key)) out = property.value;
  return out;
}

Edit set(const SectionName& section, std::string_view key, std::string_view value) {
  return {.action = Edit::Action::set, .section = section, .key = std::string(key), .value = std::string(value)};
}

Edit set(const SectionName& section, std::string_view key, const secret::Bytes& value) {
  return {.action = Edit::Action::set, .section = section, .key = std::string(key), .secret = &value};
}

Edit unset(const SectionName& section, std::string_view key) {
  return {.action = Edit::Action::unset, .section = section, .key = std::string(key)};
}

}  // namespace

bool WrittenProfile::has_owner() const { return owner.size() == kOwnerDigits && base::from_hex(owner).has_value(); }

std::optional<base::Instant> session_end(const ConfigFile& file, const Section& section) {
  std::optional<base::Instant> end;
  if (const auto text = value_of(file, section, kExpirationIso)) end = base::parse_iso8601(*text);
  if (const auto text = value_of(file, section, kExpiration); text && !end) end = parse_plain_utc(*text);
  return end;
}

bool is_written(const ConfigFile& file, const Section& section) {
  return file.kind() == FileKind::credentials && value_of(file, section, kWriterKey).has_value();
}

std::vector<WrittenProfile> written_profiles(const ConfigFile& file) {
  std::vector<WrittenProfile> out;
  // Most files have none, and a large one is not taken apart for that.
  if (file.text().find(kWriterKey) == std::string_view::npos) return out;
  for (const Section& section : file.sections()) {
    if (section.kind != SectionKind::profile || !is_written(file, section)) continue;
    WrittenProfile written;
    written.name = section.name;
    written.owner = *value_of(file, section, kWriterKey);
    written.line = section.line;
    written.expires = session_end(file, section);
    out.push_back(std::move(written));
  }
  return out;
}

std::string plain_utc(base::Instant when) {
  std::string text = base::iso8601(when);  // 2030-01-02T03:04:05Z
  text[text.find('T')] = ' ';
  text.pop_back();
  return text;
}

std::optional<base::Instant> parse_plain_utc(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-dd dd:dd:dd";
  const auto fits = [](char c, char shape) { return shape == 'd' ? c >= '0' && c <= '9' : c == shape; };
  if (!std::ranges::equal(text, kShape, fits)) return std::nullopt;
  std::string iso(text);
  iso[iso.find(' ')] = 'T';
  return base::parse_iso8601(iso + "Z");
}

std::vector<Edit> write_edits(const ToWrite& what) {
  const SectionName section = SectionName::of_profile(what.name, FileKind::credentials);
  const Credentials& credentials = what.credentials;
  std::vector<Edit> out;
  // The mark first: whatever of the section is there is ours.
  out.push_back(set(section, kWriterKey, what.owner));
  out.push_back(set(section, "aws_access_key_id", credentials.access_key_id));
  out.push_back(set(section, "aws_secret_access_key", credentials.secret_access_key));
  if (credentials.session_token.empty())
    out.push_back(unset(section, "aws_session_token"));
  else
    out.push_back(set(section, "aws_session_token", credentials.session_token));
  if (credentials.expiration) {
    out.push_back(set(section, kExpiration, plain_utc(*credentials.expiration)));
    out.push_back(set(section, kExpirationIso, base::iso8601(*credentials.expiration)));
  } else {
    out.push_back(unset(section, kExpiration));
    out.push_back(unset(section, kExpirationIso));
  }
  if (what.region.empty())
    out.push_back(unset(section, "region"));
  else
    out.push_back(set(section, "region", what.region));
  return out;
}

std::vector<Edit> remove_edits(std::string_view name) {
  return {{.action = Edit::Action::remove_section, .section = SectionName::of_profile(name, FileKind::credentials)}};
}

std::vector<Edit> leave_edits(std::string_view name) {
  return {set(SectionName::of_profile(name, FileKind::credentials), kWriterKey, kWithoutOwner)};
}

std::vector<WrittenProfile> leftovers(const ConfigFile& file, base::Instant now,
                                      const std::function<bool(const WrittenProfile&)>& owner_lives) {
  std::vector<WrittenProfile> out;
  for (WrittenProfile& written : written_profiles(file)) {
    const bool ended = written.expires && *written.expires <= now;
    // A living owner renews what has ended, or takes it out itself.
    if (written.has_owner() ? !owner_lives(written) : ended) out.push_back(std::move(written));
  }
  return out;
}

}  // namespace aws
