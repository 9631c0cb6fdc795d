#include "cli/make_store.h"

#include "base/text.h"
#include "cli/context.h"
#include "secret/places.h"
#include "secret/prompt.h"
#include "secret/store.h"

#include <fmt/format.h>
#include <unistd.h>

#include <vector>

namespace cli {
namespace {

// Found or not is no matter: an answer means that the service is there and unlocked.
constexpr const char* kProbe = "probe";

std::string default_key_file(const secret::Places& places) { return places.directory + "/store.key"; }

base::Result<std::string> absolute(const std::string& path) {
  if (path.starts_with('/')) return path;
  std::string here(4096, '\0');
  if (getcwd(here.data(), here.size()) == nullptr)
    return base::fail(base::ErrorKind::failure, "the current directory has no name", "give an absolute path");
  here.resize(here.find('\0'));
  return here + "/" + path;
}

/// A session bus is where a Secret Service may be; without one it is not worth the wait.
bool secret_service_answers(Context& context, secret::Unlocker& unlocker) {
  const auto& environment = context.environment();
  if (!environment.get_nonempty("DBUS_SESSION_BUS_ADDRESS") && !environment.get_nonempty("XDG_RUNTIME_DIR"))
    return false;
  return unlocker.secret_service.find(kProbe).has_value();
}

base::Result<secret::SlotChoice> ask_for_choice(Context& context) {
  if (!context.prompt().ready())
    return base::fail(base::ErrorKind::sign_in_needed, "there is no store yet, and nobody can be asked how to open it",
                      "run kabuto store init --slot passphrase|keyfile|secret-service|tpm2");
  secret::Unlocker* const unlocker = TRY(context.unlocker());
  std::vector<secret::SlotKind> kinds;
  std::vector<std::string> options;
  if (secret_service_answers(context, *unlocker)) {
    kinds.push_back(secret::SlotKind::secret_service);
    options.emplace_back(
        "secret-service: the desktop's keyring; any program of your session can read it while unlocked");
  }
  kinds.push_back(secret::SlotKind::passphrase);
  options.emplace_back("passphrase: asked whenever a key or a sign-in is used; cached sessions need none");
  kinds.push_back(secret::SlotKind::key_file);
  options.emplace_back("keyfile: a file only you can read, for containers; who copies it and the store has the keys");
  if (unlocker->tpm.present()) {
    kinds.push_back(secret::SlotKind::tpm2);
    options.emplace_back(
        "tpm2: this machine's TPM, with a PIN or without; on no other machine, and not once it is cleared");
  }
  secret::SlotChoice choice;
  choice.kind = kinds[TRY(context.prompt().choose("A store is needed. How shall it open?", options, 0))];
  if (choice.kind == secret::SlotKind::tpm2 &&
      TRY(context.prompt().ask_yes_no("Shall it ask for a PIN?", secret::YesNo::yes)) == secret::YesNo::yes)
    choice.pin = secret::Pin::asked;
  return choice;
}

}  // namespace

void declare_slot_options(Arguments& arguments, SlotWords& words) {
  arguments.option("--slot", "SLOT", words.slot, "what opens it: passphrase, keyfile, secret-service or tpm2");
  arguments.option("--key-file", "PATH", words.key_file, "the key file of a new store; made where it does not exist");
  arguments.flag("--pin", words.pin, "a tpm2 slot asks for a PIN");
}

base::Result<secret::SlotChoice> choose_slot(Context& context, const SlotWords& words) {
  const secret::Places* const places = TRY(context.places());
  secret::SlotChoice choice;
  if (!words.slot.empty()) {
    const auto kind = secret::slot_kind(words.slot);
    if (!kind)
      return base::fail(base::ErrorKind::usage, "no slot is named " + base::printable(words.slot, 40),
                        "--slot passphrase, keyfile, secret-service or tpm2");
    choice.kind = *kind;
  } else if (!words.key_file.empty()) {
    choice.kind = secret::SlotKind::key_file;
  } else if (words.pin) {
    choice.kind = secret::SlotKind::tpm2;
  } else {
    choice = TRY(ask_for_choice(context));
  }
  if (words.pin) {
    if (choice.kind != secret::SlotKind::tpm2)
      return base::fail(base::ErrorKind::usage, "--pin goes with --slot tpm2 only");
    choice.pin = secret::Pin::asked;
  }
  if (choice.kind != secret::SlotKind::key_file) {
    if (!words.key_file.empty()) return base::fail(base::ErrorKind::usage, "--key-file goes with --slot keyfile only");
    return choice;
  }
  choice.key_file = words.key_file.empty() ? default_key_file(*places) : TRY(absolute(words.key_file));
  return choice;
}

base::Result<void> make_store(Context& context, const SlotWords& words) {
  const secret::Places* const places = TRY(context.places());
  // Nobody is asked for a passphrase that then has no use.
  const auto existing = secret::Store::open(*places);
  if (existing || existing.error().kind != base::ErrorKind::not_found)
    return base::fail(base::ErrorKind::refused, "there is a store already at " + base::printable(places->store()),
                      "run kabuto store status");
  const secret::SlotChoice choice = TRY(choose_slot(context, words));
  secret::Unlocker* const unlocker = TRY(context.unlocker());
  TRY(secret::Store::create(*places, choice, *unlocker));
  context.output().note(fmt::format("made the store {}, opened by {}", base::printable(places->store()),
                                    choice.kind == secret::SlotKind::key_file
                                        ? "the key file " + base::printable(choice.key_file)
                                        : std::string(secret::name_of(choice.kind))));
  return {};
}

base::Result<secret::Store*> store_or_offer(Context& context, const SlotWords& words) {
  auto store = context.store();
  if (store || store.error().kind != base::ErrorKind::not_found) return store;
  TRY(make_store(context, words));
  return context.store();
}

}  // namespace cli
