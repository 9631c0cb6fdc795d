// Replies of Identity Center's OIDC service: whatever arrives, the reader answers or refuses, and what it takes for a
// token, a code or a link has the shape of one. The first byte chooses the call and whether it is a refusal.
#include "aws/sso_oidc.h"
#include "service_for_fuzz.h"

namespace {

void check_registration(const aws::ClientRegistration& got) {
  check_word(got.client_id);
  check_secret(got.client_secret);
  if (got.expires <= Wire::kNow) std::abort();
}

void check_device(const aws::DeviceAuthorization& got) {
  check_secret(got.device_code);
  check_word(got.user_code);
  check_word(got.verification_uri);
  for (const auto* uri : {&got.verification_uri, &got.verification_uri_complete})
    if (!uri->empty() && !uri->starts_with("https://") && !uri->starts_with("http://")) std::abort();
  if (got.expires <= Wire::kNow || got.interval.count() < 1000 || got.interval.count() > 60'000) std::abort();
}

void check_tokens(const aws::TokenReply& got) {
  const auto* const tokens = std::get_if<aws::SsoTokens>(&got);
  if (tokens == nullptr) return;
  check_secret(tokens->access_token);
  if (!tokens->refresh_token.empty()) check_secret(tokens->refresh_token);
  if (tokens->expires <= Wire::kNow) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Wire wire(data[0] % 2 == 0 ? 200 : 400, {reinterpret_cast<const char*>(data + 1), size - 1});
  aws::SsoOidc oidc(wire.client, {});
  const aws::ClientRegistration registration{"client", secret::Bytes::copy_of(kCanary), {}};
  aws::RegisterClientRequest registered;
  registered.client_name = kCanary;
  switch (data[0] / 2 % 3) {
    case 0:
      check_reply(oidc.register_client(registered), check_registration);
      break;
    case 1:
      check_reply(oidc.start_device_authorization(registration, "https://d-1.awsapps.com/start"), check_device);
      break;
    default:
      check_reply(oidc.refresh(registration, secret::Bytes::copy_of(kCanary)), check_tokens);
  }
  return 0;
}
