// kabuto lock, also by its older name kabuto store lock: the agent forgets the data key, the kernel's keyring the
// session key. What is sealed stays sealed; the next use asks for the passphrase again.
#include "agent/client.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "secret/keyring.h"
#include "secret/names_index.h"
#include "secret/places.h"
#include "secret/session_key.h"

namespace cli {
namespace {

base::Result<void> drop_session_key(Context& context) {
  const secret::Places* const places = TRY(context.places());
  const auto index = TRY(secret::read_names(*places));
  secret::KernelKeyring keyring;
  const std::optional<std::string> store_id = index ? std::optional(index->store_id) : std::nullopt;
  return secret::drop_session_key(keyring, secret::session_key_name(*places, store_id));
}

base::Result<int> lock(Context& context) {
  agent::Client* const agent = TRY(context.agent());
  // One that cannot be done is no reason to leave the other.
  const auto locked = agent->lock();
  TRY(drop_session_key(context));
  const bool had_agent = TRY(base::Result<bool>(locked));
  TRY(context.output().answer(std::string("locked: cached sessions can no longer be read") +
                              (had_agent ? ", and the agent holds no key\n" : "\n")));
  return 0;
}

}  // namespace

Action declare_lock(Arguments&) { return lock; }

}  // namespace cli
