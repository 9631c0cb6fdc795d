// The table of actions and the frame around each: version, authentication, what sessions may not call, XML, log.
#include "service.h"

#include "base/text.h"
#include "control.h"
#include "crypto.h"
#include "federated_session.h"
#include "iam.h"
#include "instance_metadata.h"
#include "routes.h"
#include "sts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

namespace sim {
namespace {

struct ServiceFacts {
  std::string_view name, version, name_space;
};

constexpr ServiceFacts kSts{"sts", "2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/"};
constexpr ServiceFacts kIam{"iam", "2010-05-08", "https://iam.amazonaws.com/doc/2010-05-08/"};

const ServiceFacts& facts_of(std::string_view service) { return service == kIam.name ? kIam : kSts; }

const ActionEntry* find_action(std::string_view name) {
  for (const ActionEntry& entry : sts_actions())
    if (entry.name == name) return &entry;
  for (const ActionEntry& entry : iam_actions())
    if (entry.name == name) return &entry;
  return nullptr;
}

Reply error_reply(const AwsError& error, const ServiceFacts& facts, const std::string& request_id) {
  Xml xml;
  xml.open("ErrorResponse", facts.name_space);
  xml.open("Error");
  xml.element("Type", error.status >= 500 ? "Receiver" : "Sender");
  xml.element("Code", error.code);
  xml.element("Message", error.message);
  xml.close();
  xml.element("RequestId", request_id);
  return {.status = error.status, .headers = {}, .body = xml.take()};
}

/// What AWS refuses to session credentials whatever policies say.
Checked<void> check_session_calls(const World& world, const Caller& caller, const ActionEntry& entry) {
  if (!world.checks.on("session-calls") || caller.session == nullptr || caller.is_role()) return {};
  if (entry.service == "iam" && !caller.session->mfa_time)
    return refuse(403, "InvalidClientTokenId", "The security token included in the request is invalid");
  const bool own_identity = entry.name == "GetCallerIdentity";
  if (caller.is_federated() && !own_identity)
    return refuse(403, "AccessDenied", "Cannot call " + std::string(entry.name) + " with session credentials");
  if (entry.name == "GetAccessKeyInfo")
    return refuse(403, "AccessDenied", "Cannot call GetAccessKeyInfo with session credentials");
  return {};
}

/// STS under a real host name works in the regions of the seed only.
Checked<void> check_region(const State& state, const Endpoint& endpoint, const std::string& account) {
  const std::string& region = endpoint.regions.front();
  const bool active = endpoint.service != kSts.name || region == kGlobalRegion ||
                      std::ranges::find(state.regions, region) != state.regions.end();
  if (active) return {};
  return refuse(403, "RegionDisabledException",
                "STS is not activated in this region for account:" + account +
                    ". Your account administrator can activate STS in this region using the IAM Console.");
}

std::string_view credentials_kind(const Caller& caller) {
  if (caller.session == nullptr) return "user";
  if (caller.is_federated()) return "federated-user";
  return caller.is_role() ? "role-session" : "user-session";
}

/// IMF-fixdate, as the Date header has it.
std::string http_date(base::Instant when) {
  constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(when - day));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                     time.seconds().count());
}

/// How the service called says no, in its own form.
struct Refusals {
  AwsError throttled;
  std::function<Reply(const AwsError&)> write;
};

/// A fault that answers instead of the service; nullopt for one that lets it answer.
std::optional<Reply> reply_of_fault(const Fault& fault, const Refusals& refusals) {
  switch (fault.kind) {
    case FaultKind::throttle:
      return refusals.write(refusals.throttled);
    case FaultKind::error: {
      const int status = static_cast<int>(fault.value.value_or(500));
      const bool unavailable = status == 503;
      return refusals.write(
          {.status = status,
           .code = unavailable ? "ServiceUnavailable" : "InternalFailure",
           .message = unavailable ? "Service is unavailable, try again later" : "An internal error has occurred"});
    }
    case FaultKind::idp_down:
      return refusals.write({.status = 400,
                             .code = "IDPCommunicationError",
                             .message = "The identity provider could not be reached to verify the token"});
    case FaultKind::idp_rejects:
      return refusals.write({.status = 403,
                             .code = "IDPRejectedClaim",
                             .message = "The identity provider reported that authentication failed"});
    case FaultKind::garbage:
      return Reply{.status = 200, .headers = {}, .body = "\x01\xff<<<%%" + random_bytes(200)};
    case FaultKind::html:
      return Reply{.status = static_cast<int>(fault.value.value_or(502)),
                   .headers = {{"Content-Type", "text/html"}},
                   .body = "<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n"};
    default:
      return std::nullopt;
  }
}

void apply_delivery(const Fault& fault, Delivery& delivery) {
  if (fault.kind == FaultKind::delay) delivery.delay += base::Duration(*fault.value);
  if (fault.kind == FaultKind::drip) delivery.between_bytes = base::Duration(*fault.value);
  if (fault.kind == FaultKind::hang) delivery.manner = Delivery::Manner::hang;
  if (fault.kind == FaultKind::reset) delivery.manner = Delivery::Manner::reset;
  if (fault.kind == FaultKind::lost) delivery.manner = Delivery::Manner::close;
  if (fault.kind == FaultKind::truncate) delivery.manner = Delivery::Manner::truncate;
}

}  // namespace

Reply Service::perform(const Request& request, const Parameters& parameters, const Endpoint& endpoint,
                       CallRecord& record) {
  const std::string request_id = random_uuid();
  const auto fail = [&](const AwsError& error, const ServiceFacts& facts) {
    record.code = error.code;
    Reply reply = error_reply(error, facts, request_id);
    reply.headers.emplace_back("x-amzn-RequestId", request_id);
    return reply;
  };
  const std::string version = parameters.get_or("Version", "");
  const ActionEntry* entry = find_action(record.action);
  const ServiceFacts& facts = facts_of(entry != nullptr ? entry->service : endpoint.service);
  const bool right_host = endpoint.service.empty() || endpoint.service == facts.name;
  const bool right_version = !world_.checks.on("version") || version == facts.version;
  if (record.action.empty()) return fail({.status = 400, .code = "MissingAction", .message = "Missing Action"}, facts);
  if (entry == nullptr || !right_host || !right_version)
    return fail({.status = 400,
                 .code = "InvalidAction",
                 .message = "Could not find operation " + record.action + " for version " + version},
                facts);
  record.service = entry->service;
  Caller caller;
  std::string account = account_of_arn(parameters.get_or("RoleArn", ""));
  if (entry->door == ActionEntry::Door::signed_only) {
    const Checked<Caller> found = authenticate(world_, request, endpoint, entry->service);
    if (!found) return fail(found.error(), facts);
    caller = *found;
    account = caller.account();
    record.principal = caller.arn();
    record.key_id = caller.session != nullptr ? caller.session->key_id : caller.key->id;
    record.credentials = credentials_kind(caller);
  }
  if (auto good = check_region(world_.state, endpoint, account); !good) return fail(good.error(), facts);
  if (auto good = check_session_calls(world_, caller, *entry); !good) return fail(good.error(), facts);

  Xml xml;
  xml.open(record.action + "Response", facts.name_space);
  xml.open(record.action + "Result");
  Call call{.world = world_, .parameters = parameters, .caller = caller, .notes = record.notes, .result = xml};
  const Checked<void> done = entry->action(call);
  if (!record.notes.principal.empty()) record.principal = record.notes.principal;
  if (!done) return fail(done.error(), facts);
  xml.close();
  xml.open("ResponseMetadata");
  xml.element("RequestId", request_id);
  record.code = "OK";
  return {.status = 200, .headers = {{"x-amzn-RequestId", request_id}}, .body = xml.take()};
}

Reply Service::perform_rest(const Request& request, const RestRoute& route, const Endpoint& endpoint,
                            CallRecord& record) {
  RestCall call{.world = world_, .request = request, .endpoint = endpoint, .record = record};
  record.code = "OK";
  Checked<Reply> reply = route.perform(call);
  if (!reply) record.code = reply.error().code;
  Reply sent = reply ? std::move(*reply) : route.service->refuse(reply.error());
  sent.headers.emplace_back("x-amzn-RequestId", random_uuid());
  return sent;
}

Outcome Service::handle(const Request& request, std::string_view host) {
  if (is_control(request)) return {.reply = answer_control(*this, request), .delivery = {}};
  const Endpoint endpoint = endpoint_of(host, world_.state);
  const RestRoute* route = find_route(request, endpoint);
  CallRecord record;
  record.time = world_.now();
  record.host = host;
  record.user_agent = request.header("user-agent").value_or("");
  Parameters parameters;
  Refusals refusals;
  if (route != nullptr) {
    record.service = route->service->name;
    record.action = route->action;
    refusals = {.throttled = {.status = route->service->throttled_status,
                              .code = std::string(route->service->throttled_code),
                              .message = "Rate exceeded"},
                .write = route->service->refuse};
  } else {
    parameters = parameters_of(request);
    record.parameters = parameters;
    record.action = parameters.get_or("Action", "");
    const ActionEntry* entry = find_action(record.action);
    const ServiceFacts& facts = facts_of(entry == nullptr ? "" : entry->service);
    record.service = facts.name;
    refusals = {.throttled = {.status = 400, .code = "Throttling", .message = "Rate exceeded"},
                .write = [&facts](const AwsError& error) { return error_reply(error, facts, random_uuid()); }};
  }

  Outcome outcome;
  if (record.action == kTokenAction) outcome.delivery.hops = world_.state.instance->hop_limit;
  std::optional<Reply> instead;
  std::optional<std::int64_t> retry_after;
  for (const Fault& fault : faults_.take(record.action)) {
    record.faults.emplace_back(name_of(fault.kind));
    if (!instead) instead = reply_of_fault(fault, refusals);
    if (fault.kind == FaultKind::retry_after) retry_after = fault.value;
    apply_delivery(fault, outcome.delivery);
  }
  const Delivery::Manner manner = outcome.delivery.manner;
  if (instead || manner == Delivery::Manner::hang || manner == Delivery::Manner::reset) {
    outcome.reply = std::move(instead).value_or(Reply{});
    record.code = "fault";
  } else if (route != nullptr) {
    outcome.reply = perform_rest(request, *route, endpoint, record);
  } else {
    outcome.reply = perform(request, parameters, endpoint, record);
  }
  const auto is_type = [](const auto& header) { return header.first == "Content-Type"; };
  if (std::ranges::none_of(outcome.reply.headers, is_type))
    outcome.reply.headers.emplace_back("Content-Type", "text/xml");
  if (retry_after) outcome.reply.headers.emplace_back("Retry-After", std::to_string(*retry_after));
  outcome.reply.headers.emplace_back("Date", http_date(world_.now()));
  record.status = outcome.reply.status;
  log_.add(record);
  return outcome;
}

}  // namespace sim
