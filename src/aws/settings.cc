#include "aws/settings.h"

#include "aws/partition.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace aws {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::int64_t kMostAttempts = 20;

std::optional<Choice> from_environment(const base::Environment& environment,
                                       std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    if (const auto value = environment.get_nonempty(name)) return Choice{std::string(*value), std::string(name)};
  return std::nullopt;
}

std::optional<Choice> from_profile(const SettingSources& from, std::string_view key) {
  if (from.profile == nullptr) return std::nullopt;
  const auto setting = from.profile->get(key);
  if (!setting || setting->value.empty()) return std::nullopt;
  return Choice{std::string(setting->value), setting->where()};
}

base::Result<bool> is_on(const SettingSources& from, std::string_view variable, std::string_view key) {
  const auto flag = TRY(chosen_flag(from, variable, key));
  return flag && flag->on;
}

/// The [services NAME] section that the profile names; an error where it does not exist.
base::Result<std::optional<Choice>> from_services(const SettingSources& from, std::string_view service_id) {
  if (from.profile == nullptr || from.profiles == nullptr) return std::nullopt;
  const auto name = from.profile->get("services");
  if (!name || name->value.empty()) return std::nullopt;
  const auto services = from.profiles->services(name->value);
  if (!services)
    return fail(ErrorKind::not_found, fmt::format("there is no [services {}] section, which {} names",
                                                  base::printable(name->value), name->where()));
  const auto url = services->get(base::lower_ascii(service_id), "endpoint_url");
  if (!url || url->value.empty()) return std::nullopt;
  return Choice{std::string(url->value), url->where()};
}

}  // namespace

std::optional<Choice> chosen(const SettingSources& from, std::initializer_list<std::string_view> variables,
                             std::string_view key) {
  if (auto found = from_environment(from.environment, variables)) return found;
  return from_profile(from, key);
}

base::Result<std::optional<Flag>> chosen_flag(const SettingSources& from, std::string_view variable,
                                              std::string_view key) {
  const auto choice = chosen(from, {variable}, key);
  if (!choice) return std::nullopt;
  if (base::equals_ignoring_case(choice->value, "false")) return Flag{false, choice->origin};
  if (base::equals_ignoring_case(choice->value, "true")) return Flag{true, choice->origin};
  return fail(ErrorKind::refused, fmt::format("{} must be true or false ({})", key, choice->origin));
}

Choice selected_profile(const base::Environment& environment, std::string_view flag) {
  if (!flag.empty()) return {std::string(flag), "the command line"};
  if (auto named = from_environment(environment, {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"})) return *named;
  return {"default", "the default"};
}

base::Result<std::optional<Choice>> region(const SettingSources& from) {
  std::optional<Choice> choice;
  if (!from.region_flag.empty())
    choice = Choice{std::string(from.region_flag), "--region"};
  else
    choice = chosen(from, {"AWS_REGION", "AWS_DEFAULT_REGION"}, "region");
  if (choice) TRY(check_region(choice->value, choice->origin));
  return choice;
}

std::optional<Choice> ca_bundle(const SettingSources& from) {
  auto choice = chosen(from, {"AWS_CA_BUNDLE"}, "ca_bundle");
  if (!choice) choice = from_environment(from.environment, {"REQUESTS_CA_BUNDLE"});
  const auto home = base::home_directory(from.environment);
  if (choice && choice->value.starts_with("~/") && home) choice->value.replace(0, 1, *home);
  return choice;
}

base::Result<bool> use_fips(const SettingSources& from) {
  return is_on(from, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
}

base::Result<bool> use_dualstack(const SettingSources& from) {
  return is_on(from, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
}

base::Result<Retry> retry(const SettingSources& from) {
  Retry out;
  if (const auto mode = chosen(from, {"AWS_RETRY_MODE"}, "retry_mode")) {
    out.mode = base::lower_ascii(mode->value);
    if (out.mode != "standard" && out.mode != "legacy" && out.mode != "adaptive")
      return fail(ErrorKind::refused,
                  fmt::format("retry_mode must be standard, adaptive or legacy ({})", mode->origin));
  }
  if (const auto attempts = chosen(from, {"AWS_MAX_ATTEMPTS"}, "max_attempts")) {
    const auto count = base::parse_integer(attempts->value);
    if (!count || *count < 1 || *count > kMostAttempts)
      return fail(ErrorKind::refused,
                  fmt::format("max_attempts must be a number from 1 to {} ({})", kMostAttempts, attempts->origin));
    out.max_attempts = static_cast<unsigned>(*count);
  }
  return out;
}

base::Result<StsEndpoints> sts_endpoints(const SettingSources& from) {
  const auto choice = chosen(from, {"AWS_STS_REGIONAL_ENDPOINTS"}, "sts_regional_endpoints");
  if (!choice || base::equals_ignoring_case(choice->value, "regional")) return StsEndpoints::regional;
  if (base::equals_ignoring_case(choice->value, "legacy")) return StsEndpoints::legacy;
  return fail(ErrorKind::refused,
              fmt::format("sts_regional_endpoints must be regional or legacy ({})", choice->origin));
}

base::Result<std::optional<Choice>> endpoint_url(const SettingSources& from, std::string_view service_id) {
  if (!from.endpoint_flag.empty()) return Choice{std::string(from.endpoint_flag), "--endpoint-url"};
  if (TRY(is_on(from, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls"))) return std::nullopt;
  std::string variable = fmt::format("AWS_ENDPOINT_URL_{}", service_id);
  std::ranges::transform(variable, variable.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  if (auto found = from_environment(from.environment, {variable, "AWS_ENDPOINT_URL"})) return found;
  std::optional<Choice> in_services = TRY(from_services(from, service_id));
  if (in_services) return in_services;
  return from_profile(from, "endpoint_url");
}

}  // namespace aws
