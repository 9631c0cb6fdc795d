#include "peers/plain_keys.h"

#include "aws/written_profile.h"
#include "base/text.h"
#include "credentials/key_input.h"

#include <fmt/format.h>

#include <set>
#include <utility>

namespace peers {
namespace {

constexpr std::string_view kId = "aws_access_key_id";
constexpr std::string_view kSecret = "aws_secret_access_key";
constexpr std::string_view kTokens[] = {"aws_session_token", "aws_security_token"};
constexpr std::size_t kShownEnd = 4;

using Sections = std::vector<const aws::Section*>;

/// The last property of that name with something in it, as the SDKs read it.
std::optional<aws::Property> last_of(const aws::ConfigFile& file, const Sections& sections, std::string_view key) {
  std::optional<aws::Property> found;
  for (const aws::Section* section : sections)
    for (auto& property : file.properties(*section))
      if (base::equals_ignoring_case(property.key, key)) found = std::move(property);
  if (found && found->value.empty()) return std::nullopt;
  return found;
}

std::optional<aws::Property> last_of(const aws::ConfigFile& file, std::string_view profile, std::string_view key) {
  return last_of(file, file.sections(aws::SectionKind::profile, profile), key);
}

PlainKey plain_key(const aws::ConfigFile& file, std::string profile, const Sections& sections) {
  PlainKey out;
  out.profile = std::move(profile);
  out.path = file.path();
  out.file = file.kind();
  const auto id = last_of(file, sections, kId);
  const auto secret = last_of(file, sections, kSecret);
  bool has_token = false;
  for (const auto token : kTokens) {
    const auto found = last_of(file, sections, token);
    has_token = has_token || found;
    if (found && out.line == 0) out.line = found->line;
  }
  out.has_secret = secret || has_token;
  if (secret) out.line = secret->line;
  if (id) out.line = id->line;
  if (!id || !secret) {
    out.flaw = !id ? "no aws_access_key_id beside it" : "no aws_secret_access_key beside it";
    return out;
  }
  const auto checked = credentials::check_access_key_id(id->value);
  if (has_token || id->value.starts_with("ASIA")) {
    out.access_key_id = checked || id->value.starts_with("ASIA") ? base::printable(id->value, 128) : std::string();
    out.kind = PlainKind::session;
    for (const aws::Section* section : sections)
      if (const auto end = aws::session_end(file, *section)) out.ends = end;
    return out;
  }
  if (!checked) {
    out.flaw = checked.error().what;
    return out;
  }
  out.access_key_id = id->value;
  const auto whole = credentials::key_of_parts(id->value, secret::Bytes::copy_of(secret->value));
  if (whole)
    out.kind = PlainKind::long_term;
  else
    out.flaw = whole.error().what;
  return out;
}

}  // namespace

std::string PlainKey::where() const { return fmt::format("{} line {}", base::printable(path), line); }

std::vector<PlainKey> plain_keys(const aws::ConfigFile& file) {
  std::vector<PlainKey> out;
  std::set<std::string_view> seen;
  for (const aws::Section& section : file.sections()) {
    if (section.kind != aws::SectionKind::profile || !file.counts(section)) continue;
    if (!seen.insert(section.name).second) continue;
    PlainKey key = plain_key(file, std::string(section.name), file.sections(aws::SectionKind::profile, section.name));
    if (key.line != 0) out.push_back(std::move(key));
  }
  return out;
}

std::vector<PlainKey> passed_over_keys(const aws::ConfigFile& file) {
  std::vector<PlainKey> out;
  for (const aws::Section& section : file.sections()) {
    if (file.counts(section)) continue;
    std::string title(section.prefix);
    if (!title.empty()) title += ' ';
    PlainKey key = plain_key(file, title.append(section.name), {&section});
    if (key.line == 0) continue;
    key.passed_over = section.kind == aws::SectionKind::ignored ? "no such kind of section, or not a valid name"
                                                                : "there is a [profile default]";
    out.push_back(std::move(key));
  }
  return out;
}

std::optional<std::pair<unsigned, unsigned>> lines_that_differ(const aws::ConfigFile& file, std::string_view profile) {
  for (const auto key : {kId, kSecret}) {
    std::optional<aws::Property> first;
    for (const aws::Section* section : file.sections(aws::SectionKind::profile, profile))
      for (auto& property : file.properties(*section)) {
        if (!base::equals_ignoring_case(property.key, key) || property.value.empty()) continue;
        if (first && first->value != property.value) return std::pair(first->line, property.line);
        if (!first) first = std::move(property);
      }
  }
  return std::nullopt;
}

std::optional<secret::Bytes> plain_secret(const aws::ConfigFile& file, std::string_view profile, std::string_view key) {
  const auto found = last_of(file, profile, key);
  if (!found) return std::nullopt;
  return secret::Bytes::copy_of(found->value);
}

std::string plain_value(const aws::ConfigFile& file, std::string_view profile, std::string_view key) {
  const auto found = last_of(file, profile, key);
  return found ? std::string(found->value) : std::string();
}

std::string masked(std::string_view access_key_id) {
  if (access_key_id.size() <= 2 * kShownEnd) return "…";
  return fmt::format("{}…{}", access_key_id.substr(0, kShownEnd),
                     access_key_id.substr(access_key_id.size() - kShownEnd));
}

}  // namespace peers
