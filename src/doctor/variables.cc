#include "doctor/variables.h"

#include "base/shell_word.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <string>

namespace doctor {
namespace {

constexpr std::string_view kEndpoint = "AWS_ENDPOINT_URL";
constexpr std::size_t kShownUrl = 120;

Finding warning(std::string topic, std::string what, std::string_view variable, std::string mend) {
  return {Severity::warning, std::move(topic), std::move(what), std::string(variable), std::move(mend)};
}

/// The URL without user, password, query and fragment.
std::string shown_url(std::string_view url) {
  const auto scheme = url.find("://");
  std::string_view rest = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("?#"));
  const auto authority = rest.substr(0, rest.find('/'));
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) rest.remove_prefix(at + 1);
  const std::string head(scheme == std::string_view::npos ? "" : url.substr(0, scheme + 3));
  return base::printable(head + std::string(rest), kShownUrl);
}

bool has_user(std::string_view url) {
  const auto scheme = url.find("://");
  const std::string_view rest = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  return rest.substr(0, rest.find_first_of("/?#")).find('@') != std::string_view::npos;
}

void check_keys(const VariableFacts& facts, Findings& out) {
  const auto& environment = facts.environment;
  const auto has = [&](std::string_view name) { return environment.get_nonempty(name).has_value(); };
  const bool id = has("AWS_ACCESS_KEY_ID");
  if (id != has("AWS_SECRET_ACCESS_KEY")) {
    out.push_back({Severity::problem, "variables", "half a key: the other variable of the pair is not set",
                   id ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                   std::string("unset ") + (id ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY")});
    return;
  }
  if (!id) return;
  const auto expires = base::parse_iso8601(environment.get("AWS_CREDENTIAL_EXPIRATION").value_or(""));
  const bool ours = has("KABUTO_PROFILE");
  if (expires && *expires <= facts.now)
    out.push_back({Severity::problem, "variables",
                   "the credentials of this shell have ended, and win over every profile", "AWS_CREDENTIAL_EXPIRATION",
                   ours ? "kabuto use " + base::shell_word(*environment.get("KABUTO_PROFILE"))
                        : "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"});
  else if (!ours)
    out.push_back(warning("variables", "keys in the environment win over every profile", "AWS_ACCESS_KEY_ID",
                          "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"));
  for (const std::string_view name : {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"})
    if (has(name))
      out.push_back(warning("variables", "a profile and keys are both set: tools disagree which counts", name,
                            "unset " + std::string(name)));
}

}  // namespace

Findings check_credential_variables(const VariableFacts& facts) {
  Findings out;
  check_keys(facts, out);
  const auto& environment = facts.environment;
  for (const std::string_view name : {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"})
    if (const auto profile = environment.get_nonempty(name); profile && !facts.is_profile(*profile))
      out.push_back({Severity::problem, "variables",
                     "names a profile that does not exist: " + base::printable(*profile, 100), std::string(name),
                     "unset " + std::string(name)});
  for (const std::string_view name : {"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"})
    if (const auto path = environment.get_nonempty(name); path && !facts.is_file(*path))
      out.push_back({Severity::problem, "variables", "names a file that does not exist: " + base::printable(*path),
                     std::string(name), "unset " + std::string(name)});
  for (const std::string_view name : {"AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE",
                                      "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"})
    if (environment.get_nonempty(name) && !environment.get_nonempty("KABUTO_PROFILE"))
      out.push_back(
          warning("variables", "selects credentials where no profile does", name, "unset " + std::string(name)));
  return out;
}

Findings check_endpoint_variables(const VariableFacts& facts) {
  Findings out;
  for (const auto entry : facts.environment.entries()) {
    const auto equals = entry.find('=');
    const auto name = entry.substr(0, equals);
    if (equals == std::string_view::npos || !name.starts_with(kEndpoint)) continue;
    const auto url = entry.substr(equals + 1);
    if (url.empty() || facts.is_loopback(url)) continue;
    out.push_back(warning("endpoints", "calls go to " + shown_url(url) + " in AWS's place", base::printable(name, 100),
                          "unset " + base::shell_word(name)));
  }
  if (const auto bundle = facts.environment.get_nonempty("AWS_CA_BUNDLE"); bundle && !facts.is_file(*bundle))
    out.push_back({Severity::problem, "endpoints", "names a file that does not exist: " + base::printable(*bundle),
                   "AWS_CA_BUNDLE", "unset AWS_CA_BUNDLE"});
  return out;
}

Findings check_proxies(const base::Environment& environment) {
  constexpr std::array<std::string_view, 6> kProxies = {"HTTPS_PROXY", "https_proxy", "HTTP_PROXY",
                                                        "http_proxy",  "ALL_PROXY",   "all_proxy"};
  Findings out;
  std::string_view first;
  for (const auto name : kProxies) {
    const auto url = environment.get_nonempty(name);
    if (!url) continue;
    if (first.empty()) first = name;
    if (has_user(*url))
      out.push_back(warning("proxies", "a user name or password in it is seen by every program that is started", name,
                            "export " + std::string(name) + "=" + base::shell_word(shown_url(*url))));
  }
  if (first.empty()) return out;
  // Lower case first, as curl and Python have it.
  const std::string list = environment.get_nonempty("no_proxy") ? "no_proxy" : "NO_PROXY";
  const std::string direct(environment.get_nonempty(list).value_or(""));
  if (base::trim(direct) == "*") return out;
  std::string missing;
  for (const std::string_view host : {"localhost", "127.0.0.1", "169.254.169.254", "169.254.170.2"}) {
    const auto hosts = base::split(direct, ',');
    if (std::ranges::none_of(hosts, [&](auto one) { return base::trim(one) == host; }))
      missing += "," + std::string(host);
  }
  if (!missing.empty())
    out.push_back(warning(
        "proxies", "tools ask the proxy for hosts that only this machine can reach: " + missing.substr(1), first,
        "export " + list + "=" + base::shell_word(direct.empty() ? missing.substr(1) : direct + missing)));
  return out;
}

Findings check_endpoint_settings(const std::vector<EndpointSetting>& settings) {
  Findings out;
  for (const auto& setting : settings)
    if (!setting.is_loopback)
      out.push_back(warning("endpoints", "calls go to " + shown_url(setting.url) + " in AWS's place",
                            base::printable(setting.where), ""));
  return out;
}

}  // namespace doctor
