// `kabuto explain`: the chain of a profile as the broker would perform it, without performing any of it. It calls
// nobody, unlocks nothing and asks nobody; what it prints, exec does.
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/served_profile.h"
#include "cli/session_options.h"
#include "credentials/broker.h"
#include "credentials/chain.h"
#include "credentials/next_asking.h"
#include "secret/places.h"
#include "secret/session_file.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cli {
namespace {

using credentials::Chain;
using credentials::Hop;
using Json = nlohmann::ordered_json;

struct Options {
  SessionOptions session;
  bool server = false;
  bool json = false;
};

/// Until when what the hop gives is cached; nullopt where it is not.
std::optional<base::Instant> cached_until(const secret::Places& places, const Hop& hop, base::Instant now) {
  if (!hop.cached) return std::nullopt;
  const auto header = secret::read_session_header(places, hop.cache_key);
  if (!header || !*header || (*header)->expires <= now) return std::nullopt;
  return (*header)->expires;
}

/// Whom an endpoint needs, and when.
struct Attendance {
  std::optional<credentials::NextAsking> next;
  base::Duration then_spared{0};  // how long nobody is needed after that
  bool follows_from_sign_in = false;
};

Attendance attendance_of(const Chain& chain, credentials::KeyOpening opening, const secret::Places& places,
                         base::Instant now) {
  Attendance out;
  out.next = credentials::next_asking(chain, opening, [&](const Hop& hop) {
    const auto until = cached_until(places, hop, now);
    return until ? *until - now : base::Duration(0);
  });
  if (const auto then = credentials::next_asking_when_new(chain, opening)) out.then_spared = then->in;
  const auto first = chain.hops.front().kind;
  out.follows_from_sign_in =
      first == credentials::HopKind::identity_center || first == credentials::HopKind::login_session;
  return out;
}

Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(base::printable(text, 4096)); }

/// The program without its arguments: people write the seed of the codes there.
std::string program_of(const std::string& command) {
  const auto end = command.find_first_of(" \t");
  return end == std::string::npos ? command : command.substr(0, end) + " …";
}

Json json_of(const Hop& hop, std::size_t number, const std::optional<base::Instant>& until) {
  Json tags = Json::object();
  for (const auto& tag : hop.tags) tags[base::printable(tag.key)] = base::printable(tag.value);
  Json details = Json::array();
  for (const auto& detail : hop.details)
    details.push_back({{"name", detail.name}, {"value", or_null(detail.value)}, {"why", or_null(detail.why)}});
  Json out;
  out["step"] = number;
  out["kind"] = credentials::name_of(hop.kind);
  out["action"] = or_null(hop.action);
  out["profile"] = or_null(hop.profile);
  out["where"] = or_null(hop.where);
  out["why"] = or_null(hop.why);
  out["access_key_id"] = or_null(hop.access_key_id);
  out["signed_by"] = or_null(hop.signed_by);
  out["command"] = or_null(hop.command);
  out["sso_session"] = or_null(hop.sso ? hop.sso->session.id() : "");
  out["sso_account_id"] = or_null(hop.sso ? hop.sso->account_id : "");
  out["sso_role_name"] = or_null(hop.sso ? hop.sso->role_name : "");
  out["details"] = std::move(details);
  out["role_arn"] = or_null(hop.role_arn);
  out["role_session_name"] = or_null(hop.session_name.value);
  out["role_session_name_why"] = or_null(hop.session_name.why);
  out["external_id"] = or_null(hop.external_id);
  out["source_identity"] = or_null(hop.source_identity.value);
  out["session_tags"] = std::move(tags);
  out["transitive_tag_keys"] = hop.transitive_tag_keys;
  out["policy_arns"] = hop.policy_arns;
  out["policy_file"] = or_null(hop.policy_file);
  out["mfa_serial"] = or_null(hop.mfa_serial.value);
  out["mfa_why"] = or_null(hop.mfa_serial.why);
  out["mfa_process"] = or_null(program_of(hop.mfa_process.value));
  out["duration_seconds"] = hop.duration.count() > 0 ? Json(hop.duration.count()) : Json(nullptr);
  out["duration_why"] = or_null(hop.duration_why);
  out["region"] = or_null(hop.endpoint.signing_region);
  out["region_why"] = or_null(hop.region.why);
  out["endpoint"] = or_null(hop.endpoint.url);
  out["endpoint_why"] = or_null(hop.endpoint.origin);
  out["cached"] = hop.cached;
  out["cache_why"] = or_null(hop.cache_why);
  out["cached_until"] = until ? Json(base::iso8601(*until)) : Json(nullptr);
  out["cache_key"] = hop.cached ? Json(hop.cache_key) : Json(nullptr);
  return out;
}

Json json_of(const Attendance& attendance, base::Instant now) {
  const auto& next = attendance.next;
  Json out;
  out["follows_from_sign_in"] = attendance.follows_from_sign_in;
  out["needs"] = or_null(next ? next->what_for : "");
  out["needed_from"] = next ? Json(base::iso8601(now + next->in)) : Json(nullptr);
  out["then_spared_seconds"] = next ? Json(attendance.then_spared.count() / 1000) : Json(nullptr);
  return out;
}

std::string as_json(const Chain& chain, const std::optional<Attendance>& served, const secret::Places& places,
                    base::Instant now) {
  Json out;
  out["profile"] = or_null(chain.profile);
  out["profile_why"] = or_null(chain.profile_choice.why);
  out["region"] = or_null(chain.region.value);
  out["region_why"] = or_null(chain.region.why);
  out["session"] = or_null(chain.priming);
  out["min_ttl_seconds"] = chain.min_ttl.count() / 1000;
  out["min_ttl_why"] = or_null(chain.min_ttl_why);
  out["served"] = served ? json_of(*served, now) : Json(nullptr);
  out["steps"] = Json::array();
  for (std::size_t i = 0; i < chain.hops.size(); ++i)
    out["steps"].push_back(json_of(chain.hops[i], i + 1, cached_until(places, chain.hops[i], now)));
  out["warnings"] = chain.warnings;
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

class Page {
 public:
  void line(std::string_view name, const std::string& value, const std::string& why = {}) {
    if (value.empty()) return;
    text_ += "     ";
    text_ += name;
    text_.append(name.size() < 13 ? 13 - name.size() : 1, ' ');
    text_ += base::printable(value, 2048);
    if (!why.empty()) text_ += " (" + base::printable(why) + ")";
    text_ += '\n';
  }
  void head(const std::string& text) { text_ += base::printable(text, 4096) + "\n"; }
  void gap() { text_ += '\n'; }
  std::string take() && { return std::move(text_); }

 private:
  std::string text_;
};

std::string cache_text(const Hop& hop, const std::optional<base::Instant>& until, base::Instant now) {
  if (!hop.cached) return "";
  if (!until) return "not yet";
  return "until " + base::iso8601(*until) + ", " + base::human_duration(*until - now) + " left";
}

void describe(Page& page, const Hop& hop, std::size_t number, const std::string& cache) {
  page.head(std::to_string(number) + ". " + hop.title);
  page.line("said by", hop.where);
  page.line("why", hop.why);
  page.line("command", hop.command);
  for (const auto& detail : hop.details) page.line(detail.name, detail.value, detail.why);
  if (hop.sso) page.line("sign-in", hop.sso->session.id(), hop.sso->session.where);
  page.line("signed by", hop.signed_by);
  page.line("session name", hop.session_name.value, hop.session_name.why);
  page.line("external id", hop.external_id);
  page.line("identity", hop.source_identity.value, hop.source_identity.why);
  std::vector<std::string> tags;
  tags.reserve(hop.tags.size());
  for (const auto& tag : hop.tags) tags.push_back(tag.key + "=" + tag.value);
  page.line("tags", base::join(tags, ", "));
  page.line("transitive", base::join(hop.transitive_tag_keys, ", "));
  page.line("policies", base::join(hop.policy_arns, ", "));
  page.line("policy", hop.policy_file);
  if (credentials::is_call(hop.kind)) {
    if (hop.mfa_serial.value.empty())
      page.line("MFA", "no code sent", hop.mfa_serial.why);
    else
      page.line("MFA", hop.mfa_serial.value, hop.mfa_serial.why);
    page.line("code from", program_of(hop.mfa_process.value), hop.mfa_process.why);
  }
  if (hop.duration.count() > 0) page.line("lasts", base::human_duration(hop.duration), hop.duration_why);
  page.line("at", hop.endpoint.url, hop.endpoint.origin);
  page.line("region", hop.endpoint.signing_region, hop.region.why);
  page.line("cached", cache, hop.cache_why);
}

std::string needs_text(const Attendance& attendance, base::Instant now) {
  const auto& next = attendance.next;
  if (!next)
    return attendance.follows_from_sign_in ? "nobody while the sign-in lasts: kabuto status says until when"
                                           : "nobody: it is renewed by itself";
  if (next->in > base::Duration::zero())
    return "nobody until " + base::iso8601(now + next->in) + " (" + base::human_duration(next->in) + " left), then " +
           next->what_for;
  return next->what_for + " at its start" +
         (attendance.then_spared > base::Duration::zero()
              ? ", then nobody for " + base::human_duration(attendance.then_spared)
              : ", and at each renewal");
}

std::string as_text(const Chain& chain, const std::optional<Attendance>& served, const secret::Places& places,
                    base::Instant now) {
  Page page;
  page.head("profile  " + (chain.profile.empty() ? "none" : chain.profile) + " (" + chain.profile_choice.why + ")");
  if (!chain.region.value.empty()) page.head("region   " + chain.region.value + " (" + chain.region.why + ")");
  page.head("session  " + chain.priming);
  page.head("renewed  with less than " + base::human_duration(chain.min_ttl) + " left (" + chain.min_ttl_why + ")");
  if (served) page.head("needs    " + needs_text(*served, now));
  page.gap();
  for (std::size_t i = 0; i < chain.hops.size(); ++i)
    describe(page, chain.hops[i], i + 1, cache_text(chain.hops[i], cached_until(places, chain.hops[i], now), now));
  return std::move(page).take();
}

base::Result<int> explain(Context& context, Options& options) {
  constexpr auto kNever = credentials::SignInUse::never;
  const credentials::Request request = TRY(options.server ? renewed_request_of(context, options.session, kNever)
                                                          : request_of(context, options.session, kMinTtl, kNever));
  credentials::Broker* broker = TRY(context.broker(request.profile));
  auto planned = broker->explain(request);
  if (!planned) return std::unexpected(with_closest_name(std::move(planned).error(), request.profile, context));
  const Chain& chain = *planned;
  const secret::Places* places = TRY(context.places());
  const base::Instant now = context.clock().now();
  std::optional<Attendance> served;
  if (options.server) served = attendance_of(chain, key_opening(context), *places, now);
  for (const auto& warning : chain.warnings) context.output().warn(warning);
  TRY(context.output().answer(options.json ? as_json(chain, served, *places, now)
                                           : as_text(chain, served, *places, now)));
  return 0;
}

}  // namespace

Action declare_explain(Arguments& arguments) {
  auto options = std::make_shared<Options>();
  declare_session(arguments, options->session, Presence::optional);
  arguments.flag("--server", options->server, "as an endpoint does it, which renews: exec --server, --imds and serve");
  arguments.flag("-j,--json", options->json, "one JSON object");
  return [options](Context& context) { return explain(context, *options); };
}

}  // namespace cli
