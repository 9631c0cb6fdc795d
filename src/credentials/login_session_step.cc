// A sign-in of `aws login` as the first step.
#include "aws/login_cache.h"
#include "credentials/first_step.h"

namespace credentials {
namespace {

constexpr std::string_view kHomeRegion = "us-east-1";

}  // namespace

FoundStep login_session_step(const Facts& facts, const Link& link) {
  if (!link.has("login_session")) return std::nullopt;
  FirstStep step;
  Hop& hop = step.hop;
  hop.kind = HopKind::login_session;
  hop.profile = link.name;
  hop.where = link.where("login_session");
  hop.why = "the profile names a sign-in of aws login";
  hop.action = "CreateOAuth2Token";
  hop.login = LoginSource{link.value("login_session"), ""};
  hop.login->file = TRY(aws::login_cache_path(facts.environment, hop.login->session));
  hop.title = "the sign-in of aws login as " + hop.login->session;
  hop.gives = hop.title;
  hop.cached_as = "aws login";
  hop.length_why = "a sign-in of aws login gives 15m at a time";
  hop.details = {{"sign-in", hop.login->session, hop.where}, {"file", hop.login->file, "renewed with 5m left or less"}};
  hop.cache_fields = {hop.login->session, hop.login->file};
  const aws::SettingSources from{facts.environment, &facts.profiles, &*link.profile, {}, {}};
  const auto region = TRY(aws::region(from));
  hop.region =
      region ? Reasoned{region->value, region->origin} : Reasoned{std::string(kHomeRegion), "no region is configured"};
  hop.endpoint = TRY(aws::resolve_endpoint(aws::Service::login, from, hop.region.value));
  return step;
}

}  // namespace credentials
