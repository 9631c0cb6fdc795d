// GET health, log, keys, code, password, certificate, secrets, checks, container · POST password, login, fault, check,
// token, assertion, container · DELETE log, fault, check.
#include "control.h"

#include "base/text.h"
#include "container_endpoint.h"
#include "crypto.h"
#include "login.h"
#include "mfa.h"
#include "seed_json.h"
#include "service.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace sim {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kPrefix = "/_sim/";

Reply text_reply(int status, std::string body) {
  return {.status = status, .headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = std::move(body)};
}

Reply json_reply(const ordered_json& value) {
  return {.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = value.dump() + "\n"};
}

Reply not_found(const std::string& what) { return text_reply(404, what + "\n"); }

bool is_loopback_host(std::string_view host) {
  return host.starts_with("127.0.0.1:") || host.starts_with("localhost:");
}

Reply keys(World& world, const Parameters& query) {
  const std::string name = query.get_or("user", "");
  const User* user = world.state.find_user(name);
  if (user == nullptr) return not_found("no user " + base::printable(name) + ", or several accounts have one");
  const auto key = std::ranges::find(user->keys, KeyStatus::active, &AccessKey::status);
  if (key == user->keys.end()) return not_found("user " + user->name + " has no active key");
  return json_reply({{"AccessKeyId", key->id}, {"SecretAccessKey", key->secret}});
}

Reply code_of(const World& world, const MfaDevice& device, const Parameters& query) {
  const CodeChoice choice = query.get("any") ? CodeChoice::any_accepted : CodeChoice::current;
  const CodeOffer offer = offer_code(world, device, choice);
  return json_reply({{"code", offer.code}, {"wait_ms", offer.wait.count()}, {"serial", device.arn}});
}

Reply no_center_user(const std::string& name) {
  return not_found("Identity Center has no user " + base::printable(name) + ", or several instances have one");
}

Reply code(const World& world, const Parameters& query) {
  const std::string name = query.get_or("user", "");
  constexpr std::string_view identity_center = "sso:";
  if (name.starts_with(identity_center)) {
    const CenterUser* user = find_center_user(world.state, name.substr(identity_center.size())).user;
    if (user == nullptr) return no_center_user(name);
    return user->totp ? code_of(world, *user->totp, query) : not_found("user " + user->name + " signs in without MFA");
  }
  const User* user = world.state.find_user(name);
  if (user == nullptr) return not_found("no user " + base::printable(name) + ", or several accounts have one");
  const std::string wanted = query.get_or("device", "");
  const auto device = std::ranges::find_if(user->devices, [&](const MfaDevice& candidate) {
    return wanted.empty() || candidate.name == wanted || candidate.arn == wanted;
  });
  if (device == user->devices.end()) return not_found("user " + user->name + " has no such MFA device");
  return code_of(world, *device, query);
}

constexpr std::string_view kIamUser = "iam:";

/// The IAM user of iam:NAME who may sign in to the console; nullptr where there is none.
User* console_user(const World& world, std::string_view name) {
  if (name.starts_with(kIamUser)) name.remove_prefix(kIamUser.size());
  User* user = world.state.find_user(name);
  return user != nullptr && !user->password.empty() ? user : nullptr;
}

Reply no_console_user(const std::string& name) {
  return not_found("no IAM user " + base::printable(name) + " with a password, or several accounts have one");
}

/// Ends every sign-in of aws login of the user's.
Reply change_password(const World& world, const Parameters& query) {
  const std::string name = query.get_or("user", "");
  User* user = console_user(world, name);
  if (user == nullptr) return no_console_user(name);
  user->password = make_password();
  user->password_changed = world.now();
  return text_reply(200, "");
}

/// A sign-in of aws login without its pages: `left` seconds of its first access token.
Reply login(World& world, const Parameters& query) {
  const std::string name = query.get_or("user", "");
  User* user = console_user(world, name);
  if (user == nullptr) return no_console_user(name);
  constexpr std::int64_t longest = 900;
  const std::optional<std::int64_t> left = base::parse_integer(query.get_or("left", "900"));
  if (!left || *left < 1 || *left > longest) return text_reply(400, "left must be 1 to 900 seconds\n");
  const LoginCache cache = open_login(world, *user, std::chrono::seconds(*left));
  return json_reply({{"login_session", cache.login_session}, {"cache", ordered_json::parse(cache.document)}});
}

Reply password(const World& world, const Parameters& query) {
  const std::string name = query.get_or("user", "");
  if (name.starts_with(kIamUser)) {
    const User* user = console_user(world, name);
    return user == nullptr ? no_console_user(name) : text_reply(200, user->password + "\n");
  }
  const CenterUser* user = find_center_user(world.state, name).user;
  return user == nullptr ? no_center_user(name) : text_reply(200, user->password + "\n");
}

/// A certificate of a trust anchor's authority: name, anchor, key, intermediate, dns, flaw.
Reply certificate(const World& world, const Parameters& query) {
  const auto& anchors = world.state.roles_anywhere.trust_anchors;
  const std::string name = query.get_or("anchor", "");
  const auto anchor = name.empty() && anchors.size() == 1 ? anchors.begin() : anchors.find(name);
  if (anchor == anchors.end())
    return not_found(name.empty() ? "the seed has several trust anchors, or none: name one with --anchor"
                                  : "no trust anchor " + base::printable(name));
  CertificateWish wish{.common_name = query.get_or("name", ""), .dns_name = query.get_or("dns", ""), .flaw = {}};
  if (query.get_or("key", "ec") == "rsa") wish.key = CertificateWish::KeyKind::rsa;
  if (query.get("intermediate")) wish.issuer = CertificateWish::Issuer::intermediate;
  if (const auto wanted = query.get("flaw")) {
    const auto flaw = std::ranges::find(flaw_names(), *wanted, &FlawName::name);
    if (flaw == flaw_names().end()) return text_reply(400, "unknown flaw " + base::printable(*wanted) + "\n");
    wish.flaw = flaw->flaw;
  }
  const base::Result<IssuedCertificate> issued = anchor->second.authority->issue(wish, world.clock_offset);
  if (!issued) return text_reply(400, issued.error().what + "\n");
  return json_reply({{"certificate", issued->certificate}, {"key", issued->key}, {"chain", issued->chain}});
}

/// What people's passwords, sign-ins and sessions consist of: what a test looks for in files where it must not be.
Reply secrets(const State& state) {
  ordered_json list = ordered_json::array();
  for (const auto& center : state.identity_centers)
    for (const auto& [name, user] : center->users) {
      list.push_back(user->password);
      if (user->totp) list.push_back(base32_encode(user->totp->secret));
    }
  for (const auto& [id, client] : state.sign_ins.clients) list.push_back(client.secret);
  for (const auto& [code, rest] : state.sign_ins.codes) list.push_back(code);
  for (const auto& [code, rest] : state.sign_ins.devices) list.push_back(code);
  for (const auto& [token, rest] : state.sign_ins.access_tokens) list.push_back(token);
  for (const auto& [token, rest] : state.sign_ins.refresh_tokens) list.push_back(token);
  for (const auto& [arn, user] : state.users)
    if (!user->password.empty()) list.push_back(user->password);
  for (const auto& [code, rest] : state.logins.codes) list.push_back(code);
  for (const auto& [token, rest] : state.logins.refresh_tokens) list.push_back(token);
  for (const auto& [id, session] : state.sessions) {
    list.push_back(session->secret);
    list.push_back(session->token);
  }
  for (const auto& [token, rest] : state.consoles.tokens) list.push_back(token);
  for (const auto& [browser, rest] : state.consoles.browsers) list.push_back(browser);
  if (state.container) list.push_back(state.container->token);
  if (state.instance)
    for (const auto& [token, rest] : state.instance->tokens) list.push_back(token);
  return json_reply(list);
}

/// The body is what issue_assertion() wishes for, and "provider".
Reply assertion(World& world, const Request& request) {
  try {
    const auto wishes = nlohmann::json::parse(request.body);
    const std::string name = wishes.value("provider", "");
    SamlProvider* provider = find_saml_provider(world.state, name);
    if (provider == nullptr)
      return not_found("no SAML provider " + base::printable(name) + ", or several accounts have one");
    const base::Result<std::string> issued = issue_assertion(*provider, wishes, world.now());
    return issued ? text_reply(200, *issued) : text_reply(400, issued.error().what + "\n");
  } catch (const nlohmann::json::exception& error) {
    return text_reply(400, base::printable(error.what()) + "\n");
  }
}

/// The body is what issue_token() wishes for, and "provider".
Reply token(World& world, const Request& request) {
  try {
    const auto wishes = nlohmann::json::parse(request.body);
    const std::string name = wishes.value("provider", "");
    OidcProvider* provider = find_oidc_provider(world.state, name);
    if (provider == nullptr)
      return not_found("no OIDC provider " + base::printable(name) + ", or several accounts have one");
    const base::Result<std::string> issued = issue_token(*provider, wishes, world.now());
    return issued ? text_reply(200, *issued) : text_reply(400, issued.error().what + "\n");
  } catch (const nlohmann::json::exception& error) {
    return text_reply(400, base::printable(error.what()) + "\n");
  }
}

/// What the container's environment has; a POST makes its token anew first, as a mounted token is rotated.
Reply container(World& world, const Request& request) {
  auto& container = world.state.container;
  if (!container) return not_found("the seed has no container");
  if (request.method == "POST") container->token = new_container_token();
  return json_reply({{"full_uri", fmt::format("http://127.0.0.1:{}{}", container->port, kPodIdentityPath)},
                     {"ecs_uri", fmt::format("http://127.0.0.1:{}{}", container->port, relative_uri(*container))},
                     {"relative_uri", relative_uri(*container)},
                     {"token", container->token}});
}

Reply checks(const World& world) {
  ordered_json list = ordered_json::array();
  for (const CheckName& check : all_checks())
    list.push_back({{"name", check.name}, {"what", check.what}, {"on", world.checks.on(check.name)}});
  return json_reply(list);
}

Reply change_check(World& world, const Request& request) {
  const std::string name(base::trim_lines(request.body));
  if (request.method == "DELETE") {
    world.checks.switch_all_on();
    return text_reply(200, "");
  }
  if (!is_check(name)) return text_reply(400, "unknown check " + base::printable(name) + "\n");
  world.checks.switch_off(name);
  return text_reply(200, "");
}

Reply change_fault(Service& service, const Request& request) {
  if (request.method == "DELETE") {
    service.faults().clear(service.world());
    return text_reply(200, "");
  }
  const base::Result<void> added = service.faults().add(base::trim_lines(request.body), service.world());
  return added ? text_reply(200, "") : text_reply(400, added.error().what + "\n");
}

}  // namespace

bool is_control(const Request& request) { return request.path().starts_with(kPrefix); }

Reply answer_control(Service& service, const Request& request) {
  if (!is_loopback_host(request.header("host").value_or("")) || request.header("origin") || request.header("referer"))
    return text_reply(403, "the control interface is for programs on this machine\n");
  World& world = service.world();
  const std::string_view what = request.path().substr(kPrefix.size());
  const Parameters query(parse_query(request.query(), PlusSign::is_space));
  if (what == "health") return text_reply(200, "ok\n");
  if (what == "log" && request.method == "DELETE") {
    service.log().clear();
    return text_reply(200, "");
  }
  if (what == "log") return text_reply(200, service.log().text());
  if (what == "keys") return keys(world, query);
  if (what == "code") return code(world, query);
  if (what == "password" && request.method == "POST") return change_password(world, query);
  if (what == "password") return password(world, query);
  if (what == "login" && request.method == "POST") return login(world, query);
  if (what == "certificate") return certificate(world, query);
  if (what == "secrets") return secrets(world.state);
  if (what == "token" && request.method == "POST") return token(world, request);
  if (what == "assertion" && request.method == "POST") return assertion(world, request);
  if (what == "container") return container(world, request);
  if (what == "checks") return checks(world);
  if (what == "check" && request.method != "GET") return change_check(world, request);
  if (what == "fault" && request.method != "GET") return change_fault(service, request);
  return not_found("no such control");
}

}  // namespace sim
