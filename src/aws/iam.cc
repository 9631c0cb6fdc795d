#include "aws/iam.h"

#include "aws/query_xml.h"
#include "aws/reply_credentials.h"

#include <string_view>

namespace aws {
namespace {

using base::ErrorKind;

constexpr std::string_view kVersion = "2010-05-08";
// A user has two keys and eight MFA devices at most; a server that keeps saying "there is more" is not believed for
// ever.
constexpr int kMostPages = 20;

QueryForm form_for(std::string_view action, const std::string& user_name) {
  QueryForm form(action, kVersion);
  if (!user_name.empty()) form.add("UserName", user_name);
  return form;
}

std::optional<base::Instant> time_of(const std::optional<std::string>& text) {
  return text ? base::parse_iso8601(*text) : std::nullopt;
}

// Calls `action` page by page and gives each element of `list` to `read`.
template <class Read>
base::Result<void> each_member(Client& client, const Endpoint& endpoint, const Credentials& credentials,
                               const std::string& action, const std::string& list, const std::string& user_name,
                               Read&& read) {
  std::string marker;
  for (int page = 0; page < kMostPages; ++page) {
    auto form = form_for(action, user_name);
    if (!marker.empty()) form.add("Marker", marker);
    auto body = TRY(client.call(endpoint, credentials, std::move(form), Repeat::freely));
    const auto reply = TRY(XmlReply::parse(std::move(body)));
    const auto result = TRY(reply.root().child(action + "Result"));
    const auto members = TRY(result.members(list));
    for (const auto& member : members) TRY(read(member));
    if (TRY(result.optional_text("IsTruncated")).value_or("false") != "true") return {};
    marker = TRY(result.text("Marker"));
  }
  return base::fail(ErrorKind::failure, "AWS's list of " + action + " does not end");
}

}  // namespace

base::Result<Credentials> Iam::create_access_key(const Credentials& credentials, const std::string& user_name) {
  auto body =
      TRY(client_.call(endpoint_, credentials, form_for("CreateAccessKey", user_name), Repeat::unless_acted_on));
  const auto reply = TRY(XmlReply::parse(std::move(body)));
  auto created = TRY(read_access_key(reply.root(), "CreateAccessKeyResult/AccessKey"));
  created.account_id = credentials.account_id;
  return created;
}

base::Result<std::vector<AccessKey>> Iam::list_access_keys(const Credentials& credentials,
                                                           const std::string& user_name) {
  std::vector<AccessKey> out;
  const auto read = [&](const XmlElement& member) -> base::Result<void> {
    AccessKey key;
    key.access_key_id = TRY(member.text("AccessKeyId"));
    key.user_name = TRY(member.optional_text("UserName")).value_or("");
    const auto status = TRY(member.text("Status"));
    key.status = status == "Active" ? KeyStatus::active : KeyStatus::inactive;
    key.created = time_of(TRY(member.optional_text("CreateDate")));
    out.push_back(std::move(key));
    return {};
  };
  TRY(each_member(client_, endpoint_, credentials, "ListAccessKeys", "AccessKeyMetadata", user_name, read));
  return out;
}

base::Result<void> Iam::update_access_key(const Credentials& credentials, const std::string& user_name,
                                          const std::string& access_key_id, KeyStatus status) {
  auto form = form_for("UpdateAccessKey", user_name);
  form.add("AccessKeyId", access_key_id).add("Status", status == KeyStatus::active ? "Active" : "Inactive");
  TRY(client_.call(endpoint_, credentials, std::move(form), Repeat::freely));
  return {};
}

base::Result<void> Iam::delete_access_key(const Credentials& credentials, const std::string& user_name,
                                          const std::string& access_key_id) {
  auto form = form_for("DeleteAccessKey", user_name);
  form.add("AccessKeyId", access_key_id);
  TRY(client_.call(endpoint_, credentials, std::move(form), Repeat::freely));
  return {};
}

base::Result<std::vector<MfaDevice>> Iam::list_mfa_devices(const Credentials& credentials,
                                                           const std::string& user_name) {
  std::vector<MfaDevice> out;
  const auto read = [&](const XmlElement& member) -> base::Result<void> {
    MfaDevice device;
    device.serial_number = TRY(member.text("SerialNumber"));
    device.user_name = TRY(member.optional_text("UserName")).value_or("");
    device.enabled = time_of(TRY(member.optional_text("EnableDate")));
    out.push_back(std::move(device));
    return {};
  };
  TRY(each_member(client_, endpoint_, credentials, "ListMFADevices", "MFADevices", user_name, read));
  return out;
}

base::Result<User> Iam::get_user(const Credentials& credentials, const std::string& user_name) {
  auto body = TRY(client_.call(endpoint_, credentials, form_for("GetUser", user_name), Repeat::freely));
  const auto reply = TRY(XmlReply::parse(std::move(body)));
  const auto result = TRY(reply.root().child("GetUserResult/User"));
  User out;
  out.user_name = TRY(result.optional_text("UserName")).value_or("");  // the root user has none
  out.arn = TRY(result.text("Arn"));
  out.user_id = TRY(result.text("UserId"));
  return out;
}

}  // namespace aws
