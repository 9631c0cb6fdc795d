// The actions of AWS STS.
#pragma once

#include "call.h"

#include <span>

namespace sim {

std::span<const ActionEntry> sts_actions();

/// In assume_role.cc.
Checked<void> assume_role(Call& call);
/// In federation_token.cc.
Checked<void> get_federation_token(Call& call);

/// Makes a session's keys and token and adds it to the state.
Session& open_session(World& world, Session session, std::string_view account, std::int64_t seconds);
/// <Credentials> of a session.
void write_credentials(Xml& xml, const Session& session);

}  // namespace sim
