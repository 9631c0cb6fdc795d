// Replies of STS and IAM, and refusals of every service: whatever arrives, the reader answers or refuses, and what it
// takes for credentials has the shape of credentials. The first byte chooses between a success and a refusal.
#include "aws/query_xml.h"
#include "aws/reply_credentials.h"
#include "aws/service_error.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

void check_credentials(const aws::Credentials& credentials) {
  const auto is_plain = [](std::string_view text) {
    for (const char c : text)
      if (c <= ' ' || c >= 0x7f) return false;
    return !text.empty();
  };
  if (!is_plain(credentials.access_key_id)) std::abort();
  if (!credentials.secret_access_key.reveal_text(is_plain)) std::abort();
}

void check_shown(std::string_view text) {
  if (text.size() > 400) std::abort();
  for (const char c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) std::abort();
}

void read_reply(std::string_view text) {
  const auto reply = aws::XmlReply::parse(secret::Bytes::copy_of(text));
  if (!reply) {
    check_shown(reply.error().what);
    return;
  }
  const auto root = reply->root();
  for (const auto* path : {"GetSessionTokenResult/Credentials", "AssumeRoleResult/Credentials",
                           "AssumeRoleWithWebIdentityResult/Credentials", "AssumeRoleWithSAMLResult/Credentials"})
    if (const auto session = aws::read_session(root, path)) {
      check_credentials(*session);
      if (session->session_token.empty() || !session->expiration) std::abort();
    }
  if (const auto key = aws::read_access_key(root, "CreateAccessKeyResult/AccessKey")) check_credentials(*key);
  (void)root.members("ListAccessKeysResult/AccessKeyMetadata");
  (void)root.optional_text("AssumeRoleResult/PackedPolicySize");
}

void read_refusal(std::string_view text) {
  const auto token = secret::Bytes::copy_of("CANARY-CANARY");
  const std::vector<const secret::Bytes*> sent{&token};
  const auto error = aws::read_service_error({403, {}, secret::Bytes::copy_of(text)}, sent);
  check_shown(error.message);
  check_shown(error.code);
  if (error.message.find("CANARY-CANARY") != std::string::npos) std::abort();
  check_shown(aws::explained(error).hint);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  if (data[0] % 2 == 0) {
    read_reply(text);
  } else {
    read_refusal(text);
  }
  return 0;
}
