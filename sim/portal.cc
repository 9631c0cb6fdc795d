// ListAccounts, ListAccountRoles, GetRoleCredentials, Logout.
#include "portal.h"

#include "base/text.h"
#include "crypto.h"
#include "oidc.h"
#include "sts.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <set>

namespace sim {
namespace {

using nlohmann::json;

constexpr std::int64_t kMostPerPage = 100;
constexpr std::int64_t kUsualPerPage = 20;
constexpr std::size_t kAccountDigits = 12;

Reply refuse_as_portal(const AwsError& error) {
  Reply reply = json_reply({{"message", error.message}});
  reply.status = error.status;
  reply.headers.emplace_back("x-amzn-ErrorType", error.code);
  return reply;
}

std::unexpected<AwsError> unauthorized() {
  return refuse(401, "UnauthorizedException", "Session token not found or invalid");
}
std::unexpected<AwsError> no_access() { return refuse(403, "ForbiddenException", "No access"); }
std::unexpected<AwsError> invalid(std::string what) { return refuse(400, "InvalidRequestException", std::move(what)); }

/// The sign-in behind the bearer token.
Checked<std::shared_ptr<SignIn>> authorize(RestCall& call) {
  World& world = call.world;
  const std::string token(call.request.header("x-amz-sso_bearer_token").value_or(""));
  const auto found = world.state.sign_ins.access_tokens.find(token);
  if (found == world.state.sign_ins.access_tokens.end()) return unauthorized();
  const std::shared_ptr<SignIn>& sign_in = found->second.sign_in;
  const Checks& checks = world.checks;
  if (checks.on("sso-token-expiry") && found->second.expires <= world.now()) return unauthorized();
  if (checks.on("sso-logout") && sign_in->revoked) return unauthorized();
  const bool in_region = call.endpoint.service.empty() || call.endpoint.regions.front() == sign_in->center->region;
  if (checks.on("sso-region") && !in_region) return unauthorized();
  const std::vector<std::string>& scopes = sign_in->scopes;
  const bool may_list = scopes.empty() || std::ranges::find(scopes, kAccountScope) != scopes.end();
  if (checks.on("sso-token-scope") && !may_list) return no_access();
  call.record.principal = "sso:" + sign_in->user->name;
  call.record.credentials = "access-token";
  return sign_in;
}

/// As authorize(), within the instance's rate.
Checked<std::shared_ptr<SignIn>> authorize_paced(RestCall& call) {
  Checked<std::shared_ptr<SignIn>> sign_in = authorize(call);
  if (sign_in && !(*sign_in)->center->rate.allows(call.world.now()) && call.world.checks.on("sso-rate"))
    return refuse(429, "TooManyRequestsException", "Rate exceeded");
  return sign_in;
}

Checked<std::string> account_id_of(const RestCall& call, const Parameters& query) {
  std::string id = query.get_or("account_id", "");
  const bool good = id.size() == kAccountDigits && std::ranges::all_of(id, [](char c) { return c >= '0' && c <= '9'; });
  if (!good && call.world.checks.on("fields")) return invalid("account_id must have 12 digits");
  return id;
}

/// Where a page begins and how long it is. The token names the person and the list, so that it fits no other.
struct Page {
  std::size_t begin = 0, size = 0;
  std::string list;
};

std::string page_token(const std::string& list, std::size_t begin) {
  const std::string offset = std::to_string(begin);
  return base64url_encode(sha256(list + " " + offset) + offset);
}

Checked<Page> page_of(const RestCall& call, const Parameters& query, std::string list, std::size_t items) {
  const std::optional<std::string> asked = query.get("max_result");
  const std::optional<std::int64_t> most = asked ? base::parse_integer(*asked) : kUsualPerPage;
  const bool good = most && *most >= 1 && *most <= kMostPerPage;
  if (!good && call.world.checks.on("fields")) return invalid("max_result must be 1 to 100");
  Page page{.begin = 0,
            .size = static_cast<std::size_t>(std::max<std::int64_t>(1, most.value_or(kUsualPerPage))),
            .list = std::move(list)};
  const std::optional<std::string> token = query.get("next_token");
  if (!token || token->empty()) return page;
  for (std::size_t begin = 1; begin < items; ++begin) {
    if (page_token(page.list, begin) != *token) continue;
    page.begin = begin;
    return page;
  }
  if (call.world.checks.on("sso-page")) return invalid("Invalid next_token");
  return page;
}

/// One page of `items` under `name`, with the token of the next where there is one.
Reply reply_with(const Page& page, const std::string& name, const json& items) {
  const std::size_t end = std::min(items.size(), page.begin + page.size);
  json shown = json::array();
  for (std::size_t i = page.begin; i < end; ++i) shown.push_back(items[i]);
  return json_reply(
      {{"nextToken", end < items.size() ? json(page_token(page.list, end)) : json()}, {name, std::move(shown)}});
}

void note_page(RestCall& call, const Parameters& query, Pairs pairs) {
  if (const auto most = query.get("max_result")) pairs.emplace_back("max_result", *most);
  if (query.get("next_token")) pairs.emplace_back("next_token", "(token)");
  call.record.parameters = Parameters(std::move(pairs));
}

Checked<Reply> list_accounts(RestCall& call) {
  const Parameters query(parse_query(call.request.query(), PlusSign::is_space));
  note_page(call, query, {});
  const Checked<std::shared_ptr<SignIn>> sign_in = authorize_paced(call);
  if (!sign_in) return std::unexpected(sign_in.error());
  std::set<std::string> numbers;
  for (const Assignment& assignment : (*sign_in)->center->assignments)
    if (assignment.user == (*sign_in)->user) numbers.insert(assignment.account);
  const std::string list = "accounts of " + (*sign_in)->user->name;
  const Checked<Page> page = page_of(call, query, list, numbers.size());
  if (!page) return std::unexpected(page.error());
  json items = json::array();
  for (const std::string& number : numbers) {
    const Account& account = call.world.state.accounts.at(number);
    items.push_back({{"accountId", number}, {"accountName", account.name}, {"emailAddress", account.email}});
  }
  return reply_with(*page, "accountList", items);
}

Checked<Reply> list_account_roles(RestCall& call) {
  const Parameters query(parse_query(call.request.query(), PlusSign::is_space));
  note_page(call, query, {{"account_id", query.get_or("account_id", "")}});
  const Checked<std::shared_ptr<SignIn>> sign_in = authorize_paced(call);
  if (!sign_in) return std::unexpected(sign_in.error());
  const Checked<std::string> account = account_id_of(call, query);
  if (!account) return std::unexpected(account.error());
  if (!call.world.state.accounts.contains(*account))
    return refuse(404, "ResourceNotFoundException", "Account not found");
  std::set<std::string> names;
  for (const Assignment& assignment : (*sign_in)->center->assignments)
    if (assignment.user == (*sign_in)->user && assignment.account == *account)
      names.insert(assignment.permission_set->name);
  if (names.empty() && call.world.checks.on("sso-assignment")) return no_access();
  const std::string list = "roles of " + (*sign_in)->user->name + " in " + *account;
  const Checked<Page> page = page_of(call, query, list, names.size());
  if (!page) return std::unexpected(page.error());
  json items = json::array();
  for (const std::string& name : names) items.push_back({{"roleName", name}, {"accountId", *account}});
  return reply_with(*page, "roleList", items);
}

Checked<Reply> get_role_credentials(RestCall& call) {
  World& world = call.world;
  const Parameters query(parse_query(call.request.query(), PlusSign::is_space));
  const std::string role_name = query.get_or("role_name", "");
  call.record.parameters = Parameters(Pairs{{"account_id", query.get_or("account_id", "")}, {"role_name", role_name}});
  const Checked<std::shared_ptr<SignIn>> sign_in = authorize_paced(call);
  if (!sign_in) return std::unexpected(sign_in.error());
  const Checked<std::string> account = account_id_of(call, query);
  if (!account) return std::unexpected(account.error());
  if (role_name.empty()) return invalid("role_name is required");
  const Assignment* granted = nullptr;
  for (const Assignment& assignment : (*sign_in)->center->assignments) {
    const bool own = assignment.user == (*sign_in)->user || !world.checks.on("sso-assignment");
    if (own && assignment.account == *account && assignment.permission_set->name == role_name) granted = &assignment;
  }
  if (granted == nullptr) return no_access();
  Session session;
  session.role = granted->role;
  session.name = (*sign_in)->user->name;
  const std::int64_t seconds = granted->permission_set->session_seconds;
  call.record.notes.role = granted->role->arn;
  call.record.notes.duration_seconds = seconds;
  const Session& opened = open_session(world, std::move(session), *account, seconds);
  return json_reply({{"roleCredentials",
                      {{"accessKeyId", opened.key_id},
                       {"secretAccessKey", opened.secret},
                       {"sessionToken", opened.token},
                       {"expiration", opened.expires.time_since_epoch().count()}}}});
}

Checked<Reply> logout(RestCall& call) {
  const Checked<std::shared_ptr<SignIn>> sign_in = authorize(call);
  if (!sign_in) return std::unexpected(sign_in.error());
  (*sign_in)->revoked = true;
  return Reply{.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = ""};
}

constexpr RestService kPortal{.name = "portal",
                              .refuse = refuse_as_portal,
                              .throttled_status = 429,
                              .throttled_code = "TooManyRequestsException"};

constexpr std::array kRoutes{
    RestRoute{&kPortal, "GET", "/assignment/accounts", "ListAccounts", list_accounts},
    RestRoute{&kPortal, "GET", "/assignment/roles", "ListAccountRoles", list_account_roles},
    RestRoute{&kPortal, "GET", "/federation/credentials", "GetRoleCredentials", get_role_credentials},
    RestRoute{&kPortal, "POST", "/logout", "Logout", logout},
};

}  // namespace

std::span<const RestRoute> portal_routes() { return kRoutes; }

}  // namespace sim
