#include "credentials/chain.h"

#include "aws/arn.h"
#include "aws/partition.h"
#include "base/text.h"
#include "credentials/cache_key.h"
#include "credentials/duration.h"
#include "credentials/profile_choice.h"
#include "credentials/resolution.h"

#include <algorithm>

namespace credentials {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::string_view kRegionWhereNobodySays = "us-east-1";
constexpr std::size_t kLongestSessionName = 64;
constexpr std::string_view kSessionNameBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-";

/// The MFA device of a profile, and who says so.
Reasoned device_of(const Link& link) {
  Reasoned device = link.reasoned("mfa_serial");
  if (device.value.empty() && !link.remembered_mfa.empty())
    device = {link.remembered_mfa, "chosen before, remembered in the store"};
  return device;
}

std::vector<std::string> list_of(std::string_view text) {
  std::vector<std::string> out;
  for (const auto part : base::split(text, ','))
    if (!base::trim_lines(part).empty()) out.emplace_back(base::trim_lines(part));
  return out;
}

/// The user's name, so that one line of CloudTrail says who: AWS's audit sees nothing else of the person.
Reasoned default_session_name(const base::Environment& environment) {
  for (const auto variable : {"USER", "LOGNAME"}) {
    const auto name = environment.get_nonempty(variable);
    if (!name) continue;
    std::string kept;
    for (const char c : *name) kept += kSessionNameBytes.find(c) != std::string_view::npos ? c : '-';
    if (kept.size() >= 2)
      return {kept.substr(0, kLongestSessionName), "the user's name (" + std::string(variable) + ")"};
  }
  return {"kabuto", "no role_session_name, and no user name in the environment"};
}

base::Result<std::vector<aws::Tag>> tags_of(const Link& link) {
  std::vector<aws::Tag> tags;
  for (const auto& item : list_of(link.value("session_tags"))) {
    const auto equals = item.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(ErrorKind::failure, "session_tags wants key=value,key=value (" + link.where("session_tags") + ")");
    tags.push_back({std::string(base::trim(std::string_view(item).substr(0, equals))),
                    std::string(base::trim(std::string_view(item).substr(equals + 1)))});
  }
  return tags;
}

class Planner {
 public:
  Planner(const Facts& facts, const Request& request) : facts_(facts), request_(request) {}
  base::Result<Chain> plan();

 private:
  base::Result<void> first_step();
  base::Result<void> place_portal(Hop& hop);
  base::Result<void> set_certificate_duration(Hop& hop);
  void decide_priming();
  std::string why_renewed_from_session(const Link& role, const Link& keys) const;
  base::Result<void> add_session_token();
  base::Result<void> add_role(std::size_t link);
  base::Result<void> set_role(Hop& hop, const Link* link, SignedBy signer, Place place);
  base::Result<void> set_place(Hop& hop, const Link* link);
  base::Result<void> set_policy(Hop& hop, const Link& link);
  void set_mfa(Hop& hop, const Link& link);
  void finish();

  bool signer_is_temporary() const { return lifetime_ == Lifetime::temporary || chain_.hops.size() > 1; }
  /// The link whose keys sign first; null for the environment's.
  const Link* base_link() const { return found_.base ? &found_.links[*found_.base] : nullptr; }
  ConfiguredDuration configured(const Link& link) const;

  const Facts& facts_;
  const Request& request_;
  Chain chain_;
  Resolution found_;
  Lifetime lifetime_ = Lifetime::long_term;
  bool primed_ = false;
  std::string session_mfa_;  // the device of the session that signs
};

base::Result<void> Planner::first_step() {
  ProfileChoice choice = TRY(choose_profile(facts_, request_));
  chain_.profile = std::move(choice.profile);
  chain_.profile_choice = std::move(choice.why);
  found_ = std::move(choice.found);
  lifetime_ = found_.lifetime;
  chain_.warnings = std::move(found_.warnings);
  const aws::Profile* root = found_.links.empty() || !found_.links[0].profile ? nullptr : &*found_.links[0].profile;
  if (auto region = TRY(aws::region({facts_.environment, &facts_.profiles, root, request_.region, {}})))
    chain_.region = {region->value, region->origin};
  chain_.hops.push_back(std::move(found_.first));
  Hop& hop = chain_.hops[0];
  if (hop.kind == HopKind::identity_center) return place_portal(hop);
  if (hop.kind == HopKind::roles_anywhere) return set_certificate_duration(hop);
  if (!hop.role_arn.empty())
    return set_role(hop, base_link(), SignedBy::long_term_key, found_.roles == 0 ? Place::last : Place::on_the_way);
  return {};
}

/// As long as any role that a long-term key takes.
base::Result<void> Planner::set_certificate_duration(Hop& hop) {
  std::optional<std::string> warning;
  AskedDuration asked = TRY(role_duration(request_, configured(*base_link()), SignedBy::long_term_key,
                                          found_.roles == 0 ? Place::last : Place::on_the_way, warning));
  if (warning) chain_.warnings.push_back(std::move(*warning));
  hop.duration = asked.seconds;
  hop.duration_why = std::move(asked.why);
  return {};
}

/// Where the role of Identity Center is asked for: in the portal's region, which is not the profile's.
base::Result<void> Planner::place_portal(Hop& hop) {
  const Link* link = base_link();
  const aws::Profile* profile = link != nullptr && link->profile ? &*link->profile : nullptr;
  hop.region = {hop.sso->session.region, hop.sso->session.where};
  if (hop.region.value.empty()) {
    hop.region.why = "no sso_region: the sign-in finds it where the start URL leads to";
    return {};
  }
  hop.endpoint = TRY(aws::resolve_endpoint(aws::Service::sso, {facts_.environment, &facts_.profiles, profile, {}, {}},
                                           hop.region.value));
  return {};
}

ConfiguredDuration Planner::configured(const Link& link) const {
  const Reasoned text = link.reasoned("duration_seconds");
  return {text.value, text.why};
}

/// Why an endpoint, which renews the role for hours, takes a session first; empty: it need not.
std::string Planner::why_renewed_from_session(const Link& role, const Link& keys) const {
  // A person's wish for a longer session stands; a longer one in the files serves the same end as renewing.
  if (!request_.is_renewed || wants_more_than_chaining_gives(request_, {})) return {};
  const std::string role_mfa = device_of(role).value;
  const std::string keys_mfa = device_of(keys).value;
  if (!role_mfa.empty() && (keys_mfa.empty() || keys_mfa == role_mfa))
    return "an endpoint renews " + role.name + " for hours, and all of them follow from one MFA code";
  if (role_mfa.empty() && chain_.hops[0].kind == HopKind::sealed_keys)
    return "an endpoint renews " + role.name + " for hours, for which the sealed key is opened once";
  return {};
}

/// The rule of the ByteNess fork of aws-vault; doc/adr says why.
void Planner::decide_priming() {
  const auto no = [&](std::string why) {
    primed_ = false;
    chain_.priming = "no GetSessionToken: " + std::move(why);
  };
  const auto yes = [&](std::string why) {
    primed_ = true;
    chain_.priming = "GetSessionToken first: " + std::move(why);
  };
  if (chain_.hops[0].kind == HopKind::environment && chain_.profile.empty())
    return no("the environment's keys are used as they are");
  if (chain_.hops[0].kind == HopKind::process)
    return no("credential_process gives credentials that are used as they are");
  if (lifetime_ == Lifetime::temporary) return no("AWS gives no session for credentials that are temporary already");
  if (request_.session == SessionUse::none) return no("--no-session");
  if (found_.roles == 0) return yes("a session is what a profile without a role gives");
  if (found_.roles >= 2)
    return yes("with two or more roles each is capped at 1h anyway, and one MFA code serves them all");
  const Link& role = found_.links[0];
  const Link* keys = base_link();
  if (keys != nullptr)
    if (auto why = why_renewed_from_session(role, *keys); !why.empty()) return yes(std::move(why));
  if (keys == nullptr || keys == &role) return no("the role's profile brings its own keys");
  if (wants_more_than_chaining_gives(request_, configured(role)))
    return no("it would cap the role at 1h, and more is asked for");
  const std::string role_mfa = device_of(role).value;
  const std::string keys_mfa = device_of(*keys).value;
  if (role_mfa.empty() || keys_mfa.empty())
    return no("not both " + role.name + " and " + keys->name + " name an mfa_serial");
  if (role_mfa != keys_mfa) return no(role.name + " and " + keys->name + " name different MFA devices");
  yes(role.name + " and " + keys->name + " name the same MFA device, so one code serves every role of it");
}

base::Result<void> Planner::set_place(Hop& hop, const Link* link) {
  const aws::Profile* profile = link != nullptr && link->profile ? &*link->profile : nullptr;
  const aws::SettingSources from{facts_.environment, &facts_.profiles, profile, request_.region, {}};
  if (auto own = TRY(aws::region(from))) {
    hop.region = {own->value, own->origin};
  } else if (!chain_.region.value.empty()) {
    hop.region = {chain_.region.value, chain_.region.why + (chain_.profile.empty() ? "" : ", of " + chain_.profile)};
  } else {
    // A role's ARN tells the partition where nobody tells the region.
    std::string_view fallback = kRegionWhereNobodySays;
    if (const auto arn = aws::parse_arn(hop.role_arn))
      if (const auto partition = aws::partition_by_id(arn->partition)) fallback = partition->global_region;
    hop.region = {std::string(fallback), "no region is configured"};
  }
  hop.endpoint = TRY(aws::resolve_endpoint(aws::Service::sts, from, hop.region.value));
  return {};
}

base::Result<void> Planner::set_policy(Hop& hop, const Link& link) {
  hop.policy_arns = list_of(link.value("session_policy_arns"));
  hop.policy_file = link.value("session_policy_file");
  if (hop.policy_file.empty()) return {};
  auto text = facts_.policy_text(hop.policy_file);
  if (!text)
    return std::unexpected(
        base::with_context(std::move(text).error(), "session_policy_file (" + link.where("session_policy_file") + ")"));
  hop.policy = std::move(*text);
  return {};
}

/// The program that knows the code: the hop's own profile's, or, as the ByteNess fork has it, that of the keys'
/// profile, or that of a role on the way which names the same device.
void Planner::set_mfa(Hop& hop, const Link& link) {
  const auto take = [&](const Link& from) {
    if (!from.profile) return false;
    const auto setting = from.profile->get("mfa_process");
    if (!setting || setting->value.empty()) return false;
    hop.mfa_process = {std::string(setting->value), setting->where()};
    hop.mfa_process_path = setting->path;
    return true;
  };
  if (take(link) || (base_link() != nullptr && take(*base_link()))) return;
  for (std::size_t role = found_.roles; role-- > 0;)
    if (device_of(found_.links[role]).value == hop.mfa_serial.value && take(found_.links[role])) return;
}

base::Result<void> Planner::add_session_token() {
  const Link& keys = *base_link();
  Hop hop;
  hop.kind = HopKind::session_token;
  hop.profile = keys.name;
  hop.where = keys.where("");
  hop.why = chain_.priming;
  hop.action = "GetSessionToken";
  hop.title = "sts:GetSessionToken";
  hop.gives = "the session of step " + std::to_string(chain_.hops.size() + 1);
  hop.cached_as = hop.action;
  hop.signed_by = chain_.hops.back().gives;
  // A role that an endpoint renews and that wants no code gets none here either: nobody would be asked by plain exec.
  const bool wants_code = !request_.is_renewed || found_.roles != 1 || !device_of(found_.links[0]).value.empty();
  if (wants_code) hop.mfa_serial = device_of(keys);
  if (hop.mfa_serial.value.empty() && found_.roles >= (request_.is_renewed ? 1U : 2U)) {
    // Only the user who owns the keys has a device that AWS accepts, so the first role's device is that user's.
    const Link& first_role = found_.links[found_.roles - 1];
    hop.mfa_serial = device_of(first_role);
    if (!hop.mfa_serial.value.empty()) set_mfa(hop, first_role);
  }
  if (!hop.mfa_serial.value.empty() && hop.mfa_process.value.empty()) set_mfa(hop, keys);
  session_mfa_ = hop.mfa_serial.value;
  AskedDuration asked = TRY(session_token_duration(request_, found_.roles == 0 ? Place::last : Place::on_the_way));
  hop.duration = asked.seconds;
  hop.duration_why = std::move(asked.why);
  TRY(set_place(hop, &keys));
  chain_.hops.push_back(std::move(hop));
  return {};
}

/// What every call that takes a role has, whoever signs it. `link` may be null: then only the environment counts.
base::Result<void> Planner::set_role(Hop& hop, const Link* link, SignedBy signer, Place place) {
  if (const auto arn = aws::parse_arn(hop.role_arn);
      !arn || arn->service != "iam" || !arn->resource.starts_with("role/"))
    return fail(
        ErrorKind::failure,
        std::string(link == nullptr ? "AWS_ROLE_ARN" : "role_arn") + " is not the ARN of a role (" + hop.where + ")",
        link == nullptr ? "correct it: export AWS_ROLE_ARN=arn:aws:iam::ACCOUNT:role/NAME"
                        : "run kabuto profile set " + link->word() + " role_arn=arn:aws:iam::ACCOUNT:role/NAME");
  if (hop.session_name.value.empty() && hop.kind != HopKind::saml)
    hop.session_name = default_session_name(facts_.environment);
  if (link != nullptr) TRY(set_policy(hop, *link));
  std::optional<std::string> warning;
  AskedDuration asked =
      TRY(role_duration(request_, link != nullptr ? configured(*link) : ConfiguredDuration(), signer, place, warning));
  if (warning) chain_.warnings.push_back(std::move(*warning));
  hop.duration = asked.seconds;
  hop.duration_why = std::move(asked.why);
  return set_place(hop, link);
}

base::Result<void> Planner::add_role(std::size_t index) {
  const Link& link = found_.links[index];
  Hop hop;
  hop.kind = HopKind::assume_role;
  hop.profile = link.name;
  hop.where = link.where("role_arn");
  hop.why = index == 0 ? "role_arn of the profile asked for"
                       : "source_profile of " + found_.links[index - 1].name + " (" +
                             found_.links[index - 1].where("source_profile") + ")";
  hop.signed_by = chain_.hops.back().gives;
  hop.role_arn = link.value("role_arn");
  hop.action = "AssumeRole";
  hop.title = "sts:AssumeRole " + hop.role_arn;
  hop.gives = "the role of step " + std::to_string(chain_.hops.size() + 1);
  hop.cached_as = hop.role_arn;
  hop.session_name = link.reasoned("role_session_name");
  hop.external_id = link.value("external_id");
  hop.source_identity = link.reasoned("source_identity");
  hop.tags = TRY(tags_of(link));
  hop.transitive_tag_keys = list_of(link.value("transitive_session_tags"));
  const Reasoned device = device_of(link);
  if (!device.value.empty() && device.value == session_mfa_) {
    hop.mfa_serial.why = "the session of step 2 carries the code of " + device.value;
  } else if (!device.value.empty()) {
    hop.mfa_serial = device;
    set_mfa(hop, link);
    if (signer_is_temporary())
      chain_.warnings.push_back("mfa_serial of " + base::printable(link.name, 100) + " (" + device.why +
                                "): AWS takes a code only from the user who owns the device, and here a session signs");
  }
  TRY(set_role(hop, &link, signer_is_temporary() ? SignedBy::temporary : SignedBy::long_term_key,
               index == 0 ? Place::last : Place::on_the_way));
  chain_.hops.push_back(std::move(hop));
  return {};
}

void Planner::finish() {
  std::string before;
  for (auto& hop : chain_.hops) {
    hop.cache_key = cache_key(hop, before);
    before = hop.cache_key;
    hop.cached = !is_key(hop.kind);
    if (hop.cache_why.empty()) hop.cache_why = hop.cached ? "sealed until it expires" : "keys are read anew each time";
  }
  const Hop& last = chain_.hops.back();
  AskedDuration ttl = needed_ttl(request_, last.duration);
  chain_.min_ttl = ttl.seconds;
  chain_.min_ttl_why = std::move(ttl.why);
  if (!last.cached && request_.duration)
    chain_.warnings.push_back("--duration has no effect: the keys themselves are given, and they do not expire");
  if (!last.length_why.empty() && request_.duration)
    chain_.warnings.push_back("--duration has no effect: " + last.length_why);
}

base::Result<Chain> Planner::plan() {
  TRY(first_step());
  decide_priming();
  if (primed_) TRY(add_session_token());
  for (std::size_t left = found_.roles; left > 0; --left) TRY(add_role(left - 1));
  finish();
  // One notice, however many calls go there: an endpoint that is not AWS's own sees what is sent to it.
  const auto elsewhere = std::ranges::find_if(chain_.hops, [](const Hop& hop) { return hop.endpoint.needs_notice; });
  if (elsewhere != chain_.hops.end())
    chain_.warnings.push_back("calls go to " + base::printable(elsewhere->endpoint.url, 100) +
                              ", not to AWS's own endpoint (" + elsewhere->endpoint.origin + ")");
  return std::move(chain_);
}

}  // namespace

std::string_view name_of(HopKind kind) {
  switch (kind) {
    case HopKind::environment:
      return "environment";
    case HopKind::file_keys:
      return "file_keys";
    case HopKind::sealed_keys:
      return "sealed_keys";
    case HopKind::process:
      return "process";
    case HopKind::web_identity:
      return "web_identity";
    case HopKind::saml:
      return "saml";
    case HopKind::container:
      return "container";
    case HopKind::instance:
      return "instance";
    case HopKind::roles_anywhere:
      return "roles_anywhere";
    case HopKind::login_session:
      return "login_session";
    case HopKind::identity_center:
      return "identity_center";
    case HopKind::session_token:
      return "session_token";
    case HopKind::assume_role:
      return "assume_role";
  }
  return "";
}

bool is_call(HopKind kind) { return kind == HopKind::session_token || kind == HopKind::assume_role; }

bool is_key(HopKind kind) {
  return kind == HopKind::environment || kind == HopKind::file_keys || kind == HopKind::sealed_keys;
}

base::Result<Chain> plan(const Facts& facts, const Request& request) { return Planner(facts, request).plan(); }

}  // namespace credentials
