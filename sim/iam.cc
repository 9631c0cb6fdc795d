// Users, roles, access keys and MFA devices as IAM shows and changes them.
#include "iam.h"

#include "authorization.h"
#include "base/text.h"
#include "fields.h"

#include <algorithm>
#include <array>

namespace sim {
namespace {

constexpr std::size_t kMostKeys = 2;
constexpr std::int64_t kMostItems = 1000;
constexpr std::int64_t kDefaultItems = 100;

std::unexpected<AwsError> no_such_entity(std::string_view kind, std::string_view name, std::string_view attribute) {
  return refuse(
      404, "NoSuchEntity",
      "The " + std::string(kind) + " with " + std::string(attribute) + " " + std::string(name) + " cannot be found.");
}

/// The user a call is about: UserName, or the caller where it lacks. Checks the caller's permission on it.
Checked<User*> user_of(const Call& call, std::string_view action) {
  Fields fields(call.parameters, call.world.checks);
  const std::optional<std::string> name = fields.optional("UserName", kNameRule);
  if (auto good = fields.verdict(); !good) return std::unexpected(good.error());
  if (!name && call.caller.is_role())
    return refuse(400, "ValidationError", "Must specify userName when calling with non-User credentials");
  User* user = call.caller.user;
  std::string arn = user == nullptr ? "" : user->arn;
  if (name) {
    user = nullptr;
    for (const auto& [key, candidate] : call.world.state.users)
      if (candidate->account == call.caller.account() && candidate->name == *name) user = candidate.get();
    arn = user != nullptr ? user->arn : "arn:aws:iam::" + call.caller.account() + ":user/" + *name;
  }
  const std::string shown = "user " + name.value_or(user == nullptr ? "" : user->name);
  if (auto good = check_own_permission(call.world, call.caller, "iam:" + std::string(action), arn, shown); !good)
    return std::unexpected(good.error());
  if (user == nullptr) return no_such_entity("user", *name, "name");
  return user;
}

/// Items `marker` to `marker + count` of a list; writes IsTruncated and Marker behind them.
struct Page {
  std::size_t first = 0;
  std::size_t count = 0;
};

Checked<Page> page_of(const Call& call) {
  Fields fields(call.parameters, call.world.checks);
  Page page;
  page.count = static_cast<std::size_t>(fields.integer("MaxItems", 1, kMostItems, kDefaultItems));
  if (const auto marker = call.parameters.get("Marker")) {
    const auto first = base::parse_integer(*marker);
    if (!first || *first < 0) fields.fail("Marker", *marker, "Member must be a marker of an earlier answer");
    page.first = first ? static_cast<std::size_t>(std::max<std::int64_t>(0, *first)) : 0;
  }
  if (auto good = fields.verdict(); !good) return std::unexpected(good.error());
  return page;
}

void write_page_end(Xml& xml, const Page& page, std::size_t total) {
  const bool more = page.first + page.count < total;
  xml.element("IsTruncated", more ? "true" : "false");
  if (more) xml.element("Marker", std::to_string(page.first + page.count));
}

std::string_view status_text(KeyStatus status) { return status == KeyStatus::active ? "Active" : "Inactive"; }

void write_tags(Xml& xml, const Tags& tags) {
  if (tags.empty()) return;
  xml.open("Tags");
  for (const auto& [key, value] : tags) {
    xml.open("member");
    xml.element("Key", key);
    xml.element("Value", value);
    xml.close();
  }
  xml.close();
}

Checked<void> create_access_key(Call& call) {
  const Checked<User*> found = user_of(call, "CreateAccessKey");
  if (!found) return std::unexpected(found.error());
  User& user = **found;
  if (call.world.checks.on("key-limit") && user.keys.size() >= kMostKeys)
    return refuse(409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2");
  const base::Instant now = call.world.now();
  const AccessKey key = make_key(user, now, now + call.world.unknown_key.value_or(call.world.state.key_propagation));
  user.keys.push_back(key);
  call.result.open("AccessKey");
  call.result.element("UserName", user.name);
  call.result.element("AccessKeyId", key.id);
  call.result.element("Status", status_text(key.status));
  call.result.element("SecretAccessKey", key.secret);
  call.result.element("CreateDate", base::iso8601(key.created));
  call.result.close();
  return {};
}

Checked<void> list_access_keys(Call& call) {
  const Checked<User*> found = user_of(call, "ListAccessKeys");
  if (!found) return std::unexpected(found.error());
  const Checked<Page> page = page_of(call);
  if (!page) return std::unexpected(page.error());
  const User& user = **found;
  call.result.element("UserName", user.name);
  call.result.open("AccessKeyMetadata");
  for (std::size_t i = page->first; i < std::min(user.keys.size(), page->first + page->count); ++i) {
    call.result.open("member");
    call.result.element("UserName", user.name);
    call.result.element("AccessKeyId", user.keys[i].id);
    call.result.element("Status", status_text(user.keys[i].status));
    call.result.element("CreateDate", base::iso8601(user.keys[i].created));
    call.result.close();
  }
  call.result.close();
  write_page_end(call.result, *page, user.keys.size());
  return {};
}

struct NamedKey {
  User* user = nullptr;
  AccessKey* key = nullptr;
};

Checked<NamedKey> key_of(const Call& call, std::string_view action) {
  Fields fields(call.parameters, call.world.checks);
  const std::string id = fields.required("AccessKeyId", kAccessKeyIdRule);
  if (auto good = fields.verdict(); !good) return std::unexpected(good.error());
  const Checked<User*> user = user_of(call, action);
  if (!user) return std::unexpected(user.error());
  AccessKey* key = find_key(**user, id);
  if (key == nullptr) return no_such_entity("Access Key", id, "id");
  return NamedKey{.user = *user, .key = key};
}

Checked<void> update_access_key(Call& call) {
  const std::string status = call.parameters.get_or("Status", "");
  if (call.world.checks.on("fields") && status != "Active" && status != "Inactive")
    return refuse(
        400, "ValidationError",
        "1 validation error detected: Value '" + status +
            "' at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]");
  const Checked<NamedKey> named = key_of(call, "UpdateAccessKey");
  if (!named) return std::unexpected(named.error());
  named->key->status = status == "Active" ? KeyStatus::active : KeyStatus::inactive;
  return {};
}

Checked<void> delete_access_key(Call& call) {
  const Checked<NamedKey> named = key_of(call, "DeleteAccessKey");
  if (!named) return std::unexpected(named.error());
  const std::string id = named->key->id;
  std::erase_if(named->user->keys, [&](const AccessKey& key) { return key.id == id; });
  return {};
}

Checked<void> list_mfa_devices(Call& call) {
  const Checked<User*> found = user_of(call, "ListMFADevices");
  if (!found) return std::unexpected(found.error());
  const Checked<Page> page = page_of(call);
  if (!page) return std::unexpected(page.error());
  const User& user = **found;
  call.result.open("MFADevices");
  for (std::size_t i = page->first; i < std::min(user.devices.size(), page->first + page->count); ++i) {
    call.result.open("member");
    call.result.element("UserName", user.name);
    call.result.element("SerialNumber", user.devices[i].arn);
    call.result.element("EnableDate", base::iso8601(user.devices[i].enabled));
    call.result.close();
  }
  call.result.close();
  write_page_end(call.result, *page, user.devices.size());
  return {};
}

Checked<void> get_user(Call& call) {
  const Checked<User*> found = user_of(call, "GetUser");
  if (!found) return std::unexpected(found.error());
  const User& user = **found;
  call.result.open("User");
  call.result.element("Path", user.path);
  call.result.element("UserName", user.name);
  call.result.element("UserId", user.id);
  call.result.element("Arn", user.arn);
  call.result.element("CreateDate", base::iso8601(user.created));
  write_tags(call.result, user.tags);
  call.result.close();
  return {};
}

Checked<void> get_role(Call& call) {
  Fields fields(call.parameters, call.world.checks);
  const std::string name = fields.required("RoleName", kNameRule);
  if (auto good = fields.verdict(); !good) return good;
  const Role* role = nullptr;
  for (const auto& [arn, candidate] : call.world.state.roles)
    if (candidate->account == call.caller.account() && candidate->name == name) role = candidate.get();
  const std::string arn = role != nullptr ? role->arn : "arn:aws:iam::" + call.caller.account() + ":role/" + name;
  if (auto good = check_own_permission(call.world, call.caller, "iam:GetRole", arn, "role " + name); !good) return good;
  if (role == nullptr) return no_such_entity("role", name, "name");
  call.result.open("Role");
  call.result.element("Path", role->path);
  call.result.element("RoleName", role->name);
  call.result.element("RoleId", role->id);
  call.result.element("Arn", role->arn);
  call.result.element("CreateDate", base::iso8601(role->created));
  call.result.element("AssumeRolePolicyDocument", base::percent_encode(role->trust_text));
  if (!role->description.empty()) call.result.element("Description", role->description);
  call.result.element("MaxSessionDuration", std::to_string(role->max_session_seconds));
  write_tags(call.result, role->tags);
  call.result.close();
  return {};
}

constexpr std::array kActions{
    ActionEntry{"iam", "CreateAccessKey", create_access_key},
    ActionEntry{"iam", "DeleteAccessKey", delete_access_key},
    ActionEntry{"iam", "GetRole", get_role},
    ActionEntry{"iam", "GetUser", get_user},
    ActionEntry{"iam", "ListAccessKeys", list_access_keys},
    ActionEntry{"iam", "ListMFADevices", list_mfa_devices},
    ActionEntry{"iam", "UpdateAccessKey", update_access_key},
};

}  // namespace

std::span<const ActionEntry> iam_actions() { return kActions; }

}  // namespace sim
