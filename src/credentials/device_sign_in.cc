// Signing in by a code that a person types on any machine, while this one asks again and again whether it is done.
#include "credentials/sign_in_flow.h"

#include <algorithm>

namespace credentials {
namespace {

using base::Duration;
using base::ErrorKind;
using base::fail;

constexpr Duration kSlowDown{5'000};  // RFC 8628: for this and all later questions
constexpr Duration kLeastInterval{1'000};

base::Error ended() { return {ErrorKind::sign_in_needed, "nobody signed in before the code's time was over", {}}; }

/// A registration that AWS has forgotten is found out here, and replaced.
base::Result<aws::DeviceAuthorization> start(SignInWork& work, Registered& registered) {
  aws::SsoOidc oidc(work.client, work.endpoint);
  auto device = oidc.start_device_authorization(registered.client, work.start_url.url);
  if (device || !registered.reused || device.error().kind == ErrorKind::unreachable) return device;
  registered = TRY(registration_for(work, aws::SsoFlow::device_code, Reuse::no));
  return oidc.start_device_authorization(registered.client, work.start_url.url);
}

}  // namespace

base::Result<SignedIn> sign_in_by_device(SignInWork& work, std::optional<base::HeldSignals>& held) {
  auto registered = TRY(registration_for(work, aws::SsoFlow::device_code, Reuse::where_possible));
  const aws::DeviceAuthorization device = TRY(start(work, registered));
  TRY(work.guide.show_device_code(device, work.session));
  aws::SsoOidc oidc(work.client, work.endpoint);
  Duration interval = std::max(device.interval, kLeastInterval);
  for (;;) {
    if (work.client.server_now() + interval > device.expires) return std::unexpected(ended());
    work.clock.sleep(interval);
    held.emplace();
    auto reply = oidc.token_for_device(registered.client, device.device_code);
    // A network that comes and goes is no answer: the person may be typing still.
    if (!reply && reply.error().kind != ErrorKind::unreachable) return std::unexpected(std::move(reply).error());
    if (reply)
      if (auto* tokens = std::get_if<aws::SsoTokens>(&*reply))
        return SignedIn{std::move(registered.client), aws::SsoFlow::device_code, std::move(*tokens)};
    held.reset();
    if (!reply) continue;
    switch (std::get<aws::TokenRefusal>(*reply)) {
      case aws::TokenRefusal::pending:
        break;
      case aws::TokenRefusal::slow_down:
        interval += kSlowDown;
        break;
      case aws::TokenRefusal::denied:
        return fail(ErrorKind::denied, "the sign-in was refused");
      case aws::TokenRefusal::expired:
        return std::unexpected(ended());
      default:
        return fail(ErrorKind::failure, "AWS does not know the code any more");
    }
  }
}

}  // namespace credentials
