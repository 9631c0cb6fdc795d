#include "cli/sealing.h"

#include "aws/client.h"
#include "aws/config_writer.h"
#include "aws/endpoint.h"
#include "aws/profile.h"
#include "base/file.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "cli/context.h"
#include "cli/key_sessions.h"
#include "credentials/key_input.h"
#include "secret/places.h"
#include "secret/prompt.h"
#include "secret/slot.h"
#include "secret/store.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace cli {
namespace {

using base::ErrorKind;

constexpr int kStandardInput = 0;

base::Result<secret::Bytes> standard_input() {
  secret::Buffer buffer(credentials::kMostKeyInput);
  while (true) {
    const auto room = buffer.room();
    if (room.empty()) return base::fail(ErrorKind::refused, "standard input holds more than a key");
    const auto count = ::read(kStandardInput, room.data(), room.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return base::fail(ErrorKind::failure, "read standard input: " + base::errno_text(errno));
    if (count == 0) break;
    buffer.filled(static_cast<std::size_t>(count));
  }
  return std::move(buffer).take();
}

base::Result<aws::Credentials> typed_key(Context& context, const KeyQuestions& questions) {
  auto& prompt = context.prompt();
  TRY(prompt.ready());
  const std::string id = TRY(prompt.ask_text(questions.id));
  // A wrong id is said before the secret is asked for.
  TRY(credentials::check_access_key_id(base::trim_lines(id)));
  auto secret_key = TRY(prompt.ask_secret(questions.secret));
  return credentials::key_of_parts(id, std::move(secret_key));
}

}  // namespace

base::Result<aws::Credentials> given_key(Context& context, const KeyQuestions& questions) {
  if (::isatty(kStandardInput) == 1) return typed_key(context, questions);
  auto text = TRY(standard_input());
  // Nothing at all: a program that closed or redirected standard input, with a person at the terminal.
  if (text.empty() && context.prompt().ready()) return typed_key(context, questions);
  if (text.empty())
    return base::fail(ErrorKind::sign_in_needed, "standard input is empty, and there is no terminal to ask at",
                      R"(give {"AccessKeyId": "AKIA…", "SecretAccessKey": "…"} on standard input)");
  return credentials::key_of_json(std::move(text));
}

base::Result<aws::CallerIdentity> owner_of_key(Context& context, const std::string& profile,
                                               const std::optional<std::string>& region, const aws::Credentials& key) {
  const aws::Profiles* const profiles = TRY(context.profiles());
  const auto section = TRY(profiles->find(profile));
  const aws::SettingSources settings{context.environment(),
                                     profiles,
                                     section ? &*section : nullptr,
                                     region ? std::string_view(*region) : std::string_view(),
                                     {}};
  const aws::Endpoint endpoint = TRY(aws::resolve_endpoint(aws::Service::sts, settings));
  return aws::Sts(context.aws_client(settings), endpoint).get_caller_identity(key);
}

base::Result<secret::Store*> store_if_any(Context& context) {
  auto store = context.store();
  if (!store && store.error().kind == ErrorKind::not_found) return nullptr;
  return store;
}

base::Result<void> check_can_seal(Context& context, const std::string& profile, const SlotWords& slot) {
  const secret::Store* const store = TRY(store_if_any(context));
  if (store != nullptr || slot.any() || context.prompt().ready()) return {};
  return base::fail(ErrorKind::sign_in_needed, "there is no store yet, and nobody can be asked how to open it",
                    "run kabuto add " + base::shell_word(profile) + " --slot passphrase|keyfile|secret-service|tpm2");
}

base::Result<std::size_t> seal_key(Context& context, const std::string& profile, const aws::Credentials& key,
                                   const aws::CallerIdentity& caller, const SlotWords& slot) {
  secret::Store* const store = TRY(store_or_offer(context, slot));
  const bool replaces = store->key(profile).has_value();
  const auto rotation = store->record(secret::kind::kRotation, profile);
  secret::Changes changes;
  changes.put_key({profile, key.access_key_id, context.clock().now(), caller.account, caller.arn},
                  key.secret_access_key);
  changes.remove(secret::kind::kRotation, profile);
  const secret::DataKey data_key = TRY(context.data_key());
  TRY(store->apply(changes, &data_key));
  const std::size_t forgotten = replaces ? TRY(forget_sessions_of_key(context, profile)) : 0;
  if (rotation)
    context.output().warn("a rotation of " + profile + " was under way and is dropped; look at the user's keys at AWS");
  return forgotten;
}

base::Result<void> write_profile(Context& context, const std::string& profile, const std::optional<std::string>& region,
                                 const std::optional<std::string>& mfa_serial) {
  std::vector<aws::Edit> edits;
  const auto section = aws::SectionName::of_profile(profile, aws::FileKind::config);
  const aws::Profiles* const profiles = TRY(context.profiles());
  const bool is_new = profiles->config().sections(aws::SectionKind::profile, profile).empty();
  if (is_new) edits.push_back({aws::Edit::Action::add_section, section, {}, {}, {}, {}});
  if (region) edits.push_back({aws::Edit::Action::set, section, "region", {}, *region, {}});
  if (mfa_serial) edits.push_back({aws::Edit::Action::set, section, "mfa_serial", {}, *mfa_serial, {}});
  if (edits.empty()) return {};
  const auto files = aws::locations(context.environment());
  TRY(aws::edit_file(files.config, aws::FileKind::config, edits, context.clock()));
  context.output().note("wrote the profile to " + base::printable(files.config));
  return {};
}

void warn_of_clear_key(Context& context, const std::string& name) {
  const auto profiles = context.profiles();
  if (!profiles) return;
  const auto profile = (*profiles)->find(name);
  if (!profile || !*profile) return;
  if (const auto key = (*profile)->get("aws_secret_access_key"))
    context.output().warn(
        fmt::format("a key of {} also lies in clear in {}; the sealed one comes first, take the other out", name,
                    base::printable(key->where())));
}

}  // namespace cli
