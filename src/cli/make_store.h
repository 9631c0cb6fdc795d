// Making the store: by `kabuto store init`, and by the first command that needs one, which offers it with one question.
#pragma once

#include "base/result.h"
#include "cli/arguments.h"
#include "secret/slot.h"

#include <string>

namespace secret {
class Store;
}

namespace cli {

class Context;

/// How a new store shall be opened, as typed.
struct SlotWords {
  std::string slot;      // --slot; empty: ask
  std::string key_file;  // --key-file; implies keyfile
  bool pin = false;      // --pin; implies tpm2

  bool any() const { return !slot.empty() || !key_file.empty() || pin; }
};

/// Declares --slot, --key-file and --pin into `words`.
void declare_slot_options(Arguments& arguments, SlotWords& words);

/// The slot that the words name, or that a person at the terminal chooses (preset: the best that this machine has).
/// sign_in_needed, naming --slot, where neither is there.
base::Result<secret::SlotChoice> choose_slot(Context& context, const SlotWords& words);

/// Makes the store and says what was made. refused where there is one.
base::Result<void> make_store(Context& context, const SlotWords& words);

/// The open store; where there is none, it is offered and made first. For `kabuto add`.
base::Result<secret::Store*> store_or_offer(Context& context, const SlotWords& words);

}  // namespace cli
