#include "cli/served_profile.h"

#include "base/text.h"
#include "cli/context.h"
#include "credentials/broker.h"
#include "credentials/sdk_ttl.h"
#include "deliver/endpoint_service.h"
#include "deliver/renewal.h"
#include "deliver/token.h"
#include "deliver/value.h"
#include "secret/store.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cli {
namespace {

constexpr std::size_t kShownName = 100;

base::Result<void> say_until_when(Context& context, SessionOptions& options) {
  const auto request = TRY(renewed_request_of(context, options, credentials::SignInUse::never));
  credentials::Broker* const broker = TRY(context.broker(request.profile));
  const auto next = TRY(broker->next_asking(request, key_opening(context)));
  if (!next) return {};
  context.output().note("the credentials of " + base::printable(request.profile, kShownName) + " renew until " +
                        base::iso8601(context.clock().now() + next->in) + " (" + base::human_duration(next->in) +
                        "); after that " + next->what_for + " is needed, so start it anew then");
  return {};
}

}  // namespace

credentials::KeyOpening key_opening(Context& context) {
  using credentials::KeyOpening;
  if (context.has_given_passphrase()) return KeyOpening::by_itself;
  const auto store = context.store();
  if (!store) return KeyOpening::by_itself;  // no store, no sealed key
  for (const auto& slot : (*store)->slots())
    if (slot.id == (*store)->chosen_slot() && slot.kind == secret::SlotKind::passphrase) return KeyOpening::by_a_person;
  return KeyOpening::by_itself;
}

base::Result<credentials::Request> renewed_request_of(Context& context, SessionOptions& options,
                                                      credentials::SignInUse sign_in) {
  auto request = TRY(request_of(context, options, credentials::kSdkMinTtl, sign_in));
  request.is_renewed = true;
  return request;
}

void warn_of_metadata_service(Output& output) {
  output.warn(
      "every program of this user that finds the port of an instance metadata service gets its credentials; prefer "
      "an endpoint without --imds where the program knows one");
}

base::Result<deliver::ServedProfile> fetch_served(Context& context, SessionOptions& options) {
  auto request = TRY(renewed_request_of(context, options, sign_in_use(context)));
  auto answer = TRY(fetch(context, std::move(request)));
  TRY(say_until_when(context, options));
  TRY(deliver::check_values(answer.credentials, {answer.profile, answer.region}));
  deliver::ServedProfile out;
  out.path = deliver::path_of(answer.profile.empty() ? "default" : answer.profile);
  out.name = std::move(answer.profile);
  out.region = std::move(answer.region);
  out.token = deliver::new_token();
  const Manner& manner = context.manner();
  out.renewal = {manner.program, std::string(deliver::kRenewWord)};
  out.renewal.insert(out.renewal.end(), manner.words.begin(), manner.words.end());
  std::ranges::move(words_of(options), std::back_inserter(out.renewal));
  out.lease = {std::move(answer.credentials), answer.left, {}};
  return out;
}

}  // namespace cli
