// Reading fault lines and choosing the faults of a call.
#include "faults.h"

#include "base/text.h"
#include "crypto.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace sim {
namespace {

constexpr std::array kNames{
    FaultName{FaultKind::throttle, "throttle", "answer Throttling; =N the next N calls"},
    FaultName{FaultKind::error, "error", "answer 5xx; =STATUS, 500 by default"},
    FaultName{FaultKind::garbage, "garbage", "answer 200 with bytes that are no XML"},
    FaultName{FaultKind::html, "html", "answer a proxy's error page; =STATUS, 502 by default"},
    FaultName{FaultKind::retry_after, "retry-after", "add Retry-After: =SECONDS to answers"},
    FaultName{FaultKind::delay, "delay", "answer =MILLISECONDS late"},
    FaultName{FaultKind::hang, "hang", "read the request and never answer"},
    FaultName{FaultKind::reset, "reset", "reset the connection, nothing done"},
    FaultName{FaultKind::lost, "lost", "do what was asked and close without an answer"},
    FaultName{FaultKind::truncate, "truncate", "send half of the answer's body"},
    FaultName{FaultKind::drip, "drip", "send one byte every =MILLISECONDS"},
    FaultName{FaultKind::idp_down, "idp-down", "STS cannot reach the identity provider: IDPCommunicationError"},
    FaultName{FaultKind::idp_rejects, "idp-rejects", "the identity provider refuses the claim: IDPRejectedClaim"},
    FaultName{FaultKind::unauthorized, "unauthorized", "the role of the instance or container cannot be assumed"},
    FaultName{FaultKind::credentials_end, "credentials-end",
              "credentials of instance and container end in =SECONDS (negative: have ended)"},
    FaultName{FaultKind::clock, "clock", "the simulator's clock is =SECONDS ahead (or, negative, behind)"},
    FaultName{FaultKind::unknown_key, "unknown-key", "new access keys are unknown for =MILLISECONDS"},
};

constexpr std::uint32_t kRateSteps = 1'000'000;

bool needs_value(FaultKind kind) {
  using enum FaultKind;
  return kind == retry_after || kind == delay || kind == drip || kind == clock || kind == unknown_key ||
         kind == credentials_end;
}

/// Faults of an identity provider show only where its word is verified, those of a machine only where it gets
/// credentials.
bool concerns(const Fault& fault, std::string_view action) {
  const bool of_machine = action == "ImdsRole" || action == "EcsCredentials" || action == "PodIdentity";
  if (fault.kind == FaultKind::unauthorized && !of_machine) return false;
  const bool of_provider = fault.kind == FaultKind::idp_down || fault.kind == FaultKind::idp_rejects;
  if (of_provider && !action.starts_with("AssumeRoleWith")) return false;
  return fault.action.empty() || fault.action == action;
}

bool happens(double rate) {
  const std::string bytes = random_bytes(4);
  std::uint32_t number = 0;
  for (const char c : bytes) number = (number << 8U) | static_cast<unsigned char>(c);
  return number % kRateSteps < static_cast<std::uint32_t>(rate * kRateSteps);
}

}  // namespace

std::span<const FaultName> fault_names() { return kNames; }

std::string_view name_of(FaultKind kind) { return std::ranges::find(kNames, kind, &FaultName::kind)->name; }

base::Result<Fault> parse_fault(std::string_view line) {
  using base::ErrorKind;
  Fault fault;
  bool first = true;
  for (const std::string_view part : base::split(line, ',')) {
    const std::size_t mark = part.find('=');
    const std::string_view name = part.substr(0, mark);
    const std::string value(mark == std::string_view::npos ? "" : part.substr(mark + 1));
    const std::optional<std::int64_t> number = base::parse_integer(value.starts_with('+') ? value.substr(1) : value);
    if (mark != std::string_view::npos && name != "action" && name != "rate" && !number)
      return base::fail(ErrorKind::usage, "the value of " + std::string(name) + " must be a whole number");
    if (first) {
      const auto* found = std::ranges::find(kNames, name, &FaultName::name);
      if (found == kNames.end())
        return base::fail(ErrorKind::usage, "unknown fault " + base::printable(name), "kabuto-sim help");
      fault.kind = found->kind;
      fault.value = number;
      if (needs_value(fault.kind) && !number)
        return base::fail(ErrorKind::usage, "the fault " + std::string(name) + " needs a value");
      first = false;
    } else if (name == "action") {
      fault.action = value;
    } else if (name == "count") {
      fault.left = number;
    } else if (name == "rate") {
      fault.rate = std::clamp(std::strtod(value.c_str(), nullptr), 0.0, 1.0);
    } else {
      return base::fail(ErrorKind::usage, "unknown part " + base::printable(part) + " of a fault");
    }
  }
  if (fault.kind == FaultKind::throttle && fault.value) fault.left = fault.value;
  return fault;
}

base::Result<void> Faults::add(std::string_view line, World& world) {
  Fault fault = TRY(parse_fault(line));
  if (fault.kind == FaultKind::clock) {
    world.clock_offset = std::chrono::seconds(*fault.value);
  } else if (fault.kind == FaultKind::credentials_end) {
    world.machine_credentials = std::chrono::seconds(*fault.value);
  } else if (fault.kind == FaultKind::unknown_key) {
    world.unknown_key = base::Duration(*fault.value);
  } else {
    faults_.push_back(std::move(fault));
  }
  return {};
}

void Faults::clear(World& world) {
  faults_.clear();
  world.clock_offset = base::Duration(0);
  world.unknown_key.reset();
  world.machine_credentials.reset();
}

std::vector<Fault> Faults::take(std::string_view action) {
  std::vector<Fault> hit;
  for (Fault& fault : faults_) {
    if (!concerns(fault, action)) continue;
    if (fault.left && *fault.left <= 0) continue;
    if (fault.rate < 1 && !happens(fault.rate)) continue;
    if (fault.left) --*fault.left;
    hit.push_back(fault);
  }
  std::erase_if(faults_, [](const Fault& fault) { return fault.left && *fault.left <= 0; });
  return hit;
}

}  // namespace sim
