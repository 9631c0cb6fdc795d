// The session key: random, opens the cache of role sessions, lives in the kernel keyring for twelve hours. Where the
// kernel refuses keyrings it is kept sealed in the store instead, and costs an unlock.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "secret/bytes.h"
#include "secret/keyring.h"
#include "secret/places.h"
#include "secret/store.h"

#include <optional>
#include <string>

namespace secret {

inline constexpr base::Duration kSessionKeyLife = std::chrono::hours{12};

/// Names the key in the keyring: of the store where there is one (its id from names_index), else of the directory.
std::string session_key_name(const Places& places, const std::optional<std::string>& store_id);

/// nullopt: none yet (or timed out, or locked). An error: the kernel refuses keyrings.
base::Result<std::optional<Bytes>> find_session_key(Keyring& keyring, const std::string& name);
/// Finds it or makes it, once over all processes. An error: the kernel refuses keyrings.
base::Result<Bytes> ensure_session_key(Keyring& keyring, const std::string& name, const Places& places,
                                       base::Clock& clock);
/// `kabuto store lock`.
base::Result<void> drop_session_key(Keyring& keyring, const std::string& name);

/// For a kernel that refuses keyrings: the one in the store, made where it is missing.
base::Result<Bytes> session_key_in_store(Store& store, const DataKey& key);

}  // namespace secret
