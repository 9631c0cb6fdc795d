// Replies of container and instance endpoints: credentials, the list of roles, a refusal. What is taken has the shape
// of a key or of a role's name, and no error shows what was sent. The first byte chooses which.
#include "aws/container.h"
#include "aws/imds.h"
#include "aws/metadata_reply.h"
#include "service_for_fuzz.h"

namespace {

void check_credentials(const aws::Credentials& got) {
  check_word(got.access_key_id);
  check_secret(got.secret_access_key);
  check_secret(got.session_token);
  if (!got.expiration) std::abort();
}

void check_role(const std::string& role) {
  check_word(role);
  if (role.size() > 128 || role == ".." || role.find_first_of("/:*?\\'\"%#") != std::string::npos) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data + 1), size - 1);
  // Only a container's endpoint is sent the canary; elsewhere the server may say it, as it may say anything.
  if (data[0] % 4 != 0 && body.find(kCanary) != std::string_view::npos) return 0;
  const int statuses[] = {200, 403, 302, 500};
  Wire wire(statuses[data[0] / 4 % 4], body);
  switch (data[0] % 4) {
    case 0:
      check_reply(
          aws::container_credentials(wire, wire, {"http://127.0.0.1/c", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "", ""},
                                     secret::Bytes::copy_of(kCanary)),
          check_credentials);
      break;
    case 1:
      check_reply(aws::read_metadata_credentials(secret::Bytes::copy_of(body)), check_credentials);
      break;
    case 2:
      check_reply(aws::read_role_name(secret::Bytes::copy_of(body)), check_role);
      break;
    default: {
      aws::ImdsSettings settings;
      settings.endpoint = {"http://169.254.169.254", "the default"};
      check_reply(aws::Imds(wire, wire, wire, settings, aws::Reach::direct).credentials(),
                  [](const aws::InstanceCredentials& got) {
                    check_role(got.role);
                    check_credentials(got.credentials);
                  });
    }
  }
  return 0;
}
