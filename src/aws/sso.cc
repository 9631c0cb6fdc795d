#include "aws/sso.h"

#include "aws/json_reply.h"
#include "aws/reply_credentials.h"
#include "base/text.h"

#include <algorithm>
#include <chrono>
#include <string_view>

namespace aws {
namespace {

using base::ErrorKind;
using secret::JsonReader;

constexpr std::string_view kPageSize = "100";  // AWS's most
constexpr std::size_t kMostItems = 1000;
constexpr std::size_t kLongestName = 512;
constexpr std::size_t kLongestRole = 128;
constexpr std::size_t kLongestPageToken = 8192;
constexpr std::size_t kAccountDigits = 12;
constexpr std::int64_t kEndOfTime = 253'402'300'799'999;  // the year 9999, in epoch milliseconds

UnsignedCall with_token(std::string method, std::string target, const secret::Bytes& access_token) {
  UnsignedCall call;
  call.method = std::move(method);
  call.target = std::move(target);
  call.secret_headers.push_back({"x-amz-sso_bearer_token", access_token.clone()});
  return call;
}

base::Error error_of(const ServiceError& refusal) {
  auto error = explained(refusal);
  if (error.kind == ErrorKind::unreachable) return error;
  error.hint.clear();
  if (refusal.status == 401) error.kind = ErrorKind::expired;
  if (refusal.status == 403) error.kind = ErrorKind::denied;
  if (refusal.status == 404) error.kind = ErrorKind::not_found;
  return error;
}

bool is_account_id(std::string_view text) {
  return text.size() == kAccountDigits && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// As IAM has it; what else a server says would end up in ARNs, file names and terminals.
bool is_role_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestRole && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_+=,.@-").find(c) != std::string_view::npos;
  });
}

base::Result<SsoAccount> read_account(JsonReader& json) {
  SsoAccount out;
  const auto member = [&](JsonReader&, std::string_view name) -> base::Result<bool> {
    if (name == "accountId") {
      out.id = TRY(json_name(json, name, kLongestName));
    } else if (name == "accountName") {
      out.name = TRY(json_name(json, name, kLongestName));
    } else if (name == "emailAddress") {
      out.email = TRY(json_name(json, name, kLongestName));
    } else {
      return false;
    }
    return true;
  };
  TRY(read_json_object(json, member));
  if (!is_account_id(out.id)) return not_as_documented("accountId is no account number");
  return out;
}

base::Result<std::string> read_role(JsonReader& json) {
  std::string out;
  const auto member = [&](JsonReader&, std::string_view name) -> base::Result<bool> {
    if (name != "roleName") return false;
    out = TRY(json_name(json, name, kLongestRole));
    return true;
  };
  TRY(read_json_object(json, member));
  if (!is_role_name(out)) return not_as_documented("roleName is no name of a role");
  return out;
}

template <class Item>
base::Result<SsoPage<Item>> read_page(secret::Bytes body, std::string_view list,
                                      base::Result<Item> (*read_item)(JsonReader&)) {
  SsoPage<Item> out;
  const auto member = [&](JsonReader& json, std::string_view name) -> base::Result<bool> {
    if (name == "nextToken") {
      out.next_token = TRY(json_name(json, name, kLongestPageToken));
      return true;
    }
    if (name != list) return false;
    const auto element = [&]() -> base::Result<void> {
      if (out.items.size() == kMostItems) return not_as_documented("a page is too long");
      out.items.push_back(TRY(read_item(json)));
      return {};
    };
    TRY(json.array(element));
    return true;
  };
  TRY(read_json_reply(std::move(body), member));
  return out;
}

template <class Item>
base::Result<SsoListing<Item>> list(Client& client, const Endpoint& endpoint, UnsignedCall call,
                                    std::string_view member, base::Result<Item> (*read_item)(JsonReader&)) {
  auto reply = TRY(client.call_unsigned(endpoint, std::move(call), Repeat::freely, Attempts::unless_throttled));
  if (!reply) {
    if (is_throttling(reply.error())) return SsoListing<Item>(std::unexpected(Throttled{reply.error().wish}));
    return std::unexpected(error_of(reply.error()));
  }
  return SsoListing<Item>(TRY(read_page<Item>(std::move(*reply), member, read_item)));
}

std::string page_query(const std::string& next_token) {
  return "max_result=" + std::string(kPageSize) +
         (next_token.empty() ? "" : "&next_token=" + base::percent_encode(next_token));
}

base::Result<Credentials> read_role_credentials(secret::Bytes body) {
  Credentials out;
  const auto member = [&](JsonReader& json, std::string_view name) -> base::Result<bool> {
    if (name != "roleCredentials") return false;
    const auto field_of = [&](JsonReader&, std::string_view field) -> base::Result<bool> {
      if (field == "accessKeyId") {
        out.access_key_id = TRY(json_name(json, field, kLongestName));
      } else if (field == "secretAccessKey") {
        out.secret_access_key = TRY(json_secret(json, field));
      } else if (field == "sessionToken") {
        out.session_token = TRY(json_secret(json, field));
      } else if (field == "expiration") {
        const std::int64_t expiration = TRY(json_integer(json, field, 1, kEndOfTime));
        out.expiration = base::Instant(base::Duration(expiration));
      } else {
        return false;
      }
      return true;
    };
    TRY(read_json_object(json, field_of));
    return true;
  };
  TRY(read_json_reply(std::move(body), member));
  if (!is_access_key_id(out.access_key_id)) return not_as_documented("accessKeyId is no key id");
  if (out.secret_access_key.empty() || out.session_token.empty() || !out.expiration)
    return not_as_documented("no secretAccessKey, sessionToken or expiration");
  return out;
}

}  // namespace

base::Result<SsoListing<SsoAccount>> Sso::list_accounts(const secret::Bytes& access_token,
                                                        const std::string& next_token) {
  return list<SsoAccount>(client_, endpoint_,
                          with_token("GET", "/assignment/accounts?" + page_query(next_token), access_token),
                          "accountList", read_account);
}

base::Result<SsoListing<std::string>> Sso::list_account_roles(const secret::Bytes& access_token,
                                                              const std::string& account_id,
                                                              const std::string& next_token) {
  return list<std::string>(
      client_, endpoint_,
      with_token("GET",
                 "/assignment/roles?account_id=" + base::percent_encode(account_id) + "&" + page_query(next_token),
                 access_token),
      "roleList", read_role);
}

base::Result<Credentials> Sso::get_role_credentials(const secret::Bytes& access_token, const std::string& account_id,
                                                    const std::string& role_name) {
  const auto target = "/federation/credentials?role_name=" + base::percent_encode(role_name) +
                      "&account_id=" + base::percent_encode(account_id);
  auto reply = TRY(client_.call_unsigned(endpoint_, with_token("GET", target, access_token), Repeat::freely));
  if (!reply) return std::unexpected(error_of(reply.error()));
  auto out = TRY(read_role_credentials(std::move(*reply)));
  if (*out.expiration <= client_.server_now())
    return base::fail(ErrorKind::failure,
                      "AWS gave credentials that have expired already, at " + base::iso8601(*out.expiration));
  out.account_id = account_id;
  return out;
}

base::Result<void> Sso::logout(const secret::Bytes& access_token) {
  auto reply = TRY(client_.call_unsigned(endpoint_, with_token("POST", "/logout", access_token), Repeat::freely));
  if (!reply) return std::unexpected(error_of(reply.error()));
  return {};
}

}  // namespace aws
