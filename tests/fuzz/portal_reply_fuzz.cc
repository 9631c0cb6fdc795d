// Replies of Identity Center's portal: accounts, roles and credentials, or a refusal. What is taken has the shape of an
// account number, a role's name, a key. The first byte chooses the call and whether it is a refusal.
#include "aws/sso.h"
#include "service_for_fuzz.h"

namespace {

void check_accounts(const aws::SsoListing<aws::SsoAccount>& listing) {
  if (!listing) return;
  for (const auto& account : listing->items)
    if (account.id.size() != 12 || account.id.find_first_not_of("0123456789") != std::string::npos) std::abort();
}

void check_roles(const aws::SsoListing<std::string>& listing) {
  if (!listing) return;
  for (const auto& role : listing->items) {
    check_word(role);
    if (role.find_first_of("/:*?\\'\"") != std::string::npos) std::abort();
  }
}

void check_credentials(const aws::Credentials& got) {
  check_word(got.access_key_id);
  check_secret(got.secret_access_key);
  check_secret(got.session_token);
  if (!got.expiration || *got.expiration <= Wire::kNow) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Wire wire(data[0] % 2 == 0 ? 200 : 403, {reinterpret_cast<const char*>(data + 1), size - 1});
  aws::Sso sso(wire.client, {});
  const auto token = secret::Bytes::copy_of(kCanary);
  switch (data[0] / 2 % 3) {
    case 0:
      check_reply(sso.list_accounts(token, ""), check_accounts);
      break;
    case 1:
      check_reply(sso.list_account_roles(token, "111122223333", ""), check_roles);
      break;
    default:
      check_reply(sso.get_role_credentials(token, "111122223333", "Admin"), check_credentials);
  }
  return 0;
}
