// The actions of AWS STS.
#pragma once

#include "call.h"

#include <span>

namespace sim {

std::span<const ActionEntry> sts_actions();

/// In assume_role.cc.
Checked<void> assume_role(Call& call);
/// In web_identity.cc.
Checked<void> assume_role_with_web_identity(Call& call);
/// In saml.cc.
Checked<void> assume_role_with_saml(Call& call);
/// In federation_token.cc.
Checked<void> get_federation_token(Call& call);

/// Makes a session's keys and token and adds it to the state.
Session& open_session(World& world, Session session, std::string_view account, std::int64_t seconds);
/// <Credentials> of a session.
void write_credentials(Xml& xml, const Session& session);
/// What every reply to an assumed role has: <Credentials>, <AssumedRoleUser>, the packed size and the source identity.
void write_role_session(Xml& xml, Session& session, std::optional<std::size_t> packed);

}  // namespace sim
