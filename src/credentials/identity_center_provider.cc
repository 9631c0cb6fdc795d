// A role of Identity Center: asked of the portal with the token of a sign-in.
#include "aws/sso.h"
#include "base/text.h"
#include "credentials/providers.h"
#include "credentials/sign_in.h"

namespace credentials {
namespace {

using base::ErrorKind;

constexpr std::size_t kShown = 100;

base::Error told_of(const SsoRole& role, base::Error error) {
  const std::string what = base::printable(role.role_name, kShown) + " of " + base::printable(role.account_id, kShown);
  if (error.kind == ErrorKind::denied || error.kind == ErrorKind::not_found)
    error.hint = "run kabuto accounts to see the accounts and roles that you have";
  return base::with_context(std::move(error), "the role " + what);
}

}  // namespace

base::Result<Given> identity_center_credentials(const Errand& errand, const Hop& hop) {
  SignIns& sign_ins = *TRY(errand.around.sign_ins());
  const Request& request = errand.request;
  const SsoRole& role = *hop.sso;
  const base::Duration min_ttl = request.min_ttl_is_demand ? request.min_ttl : base::Duration::zero();
  secret::Bytes token = TRY(sign_ins.access_token(role.session, min_ttl, request.sign_in));
  const aws::Endpoint portal = TRY(sign_ins.portal(role.session));
  aws::Sso sso(sign_ins.client(), portal);
  auto credentials = sso.get_role_credentials(token, role.account_id, role.role_name);
  if (!credentials && credentials.error().kind == ErrorKind::expired) {
    token = TRY(sign_ins.another_token(role.session, token, request.sign_in));
    credentials = sso.get_role_credentials(token, role.account_id, role.role_name);
  }
  if (!credentials) return std::unexpected(told_of(role, std::move(credentials).error()));
  credentials->account_id = role.account_id;
  return Given{std::move(*credentials), sign_ins.client().clock_offset()};
}

}  // namespace credentials
