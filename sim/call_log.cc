// Writes call records as JSON lines.
#include "call_log.h"

#include "base/text.h"

#include <fcntl.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <span>

namespace sim {
namespace {

using nlohmann::ordered_json;

/// A parameter's value, where it is none that would let its reader in.
std::string shown(std::string_view name, const std::string& value) {
  if (name == "TokenCode") return "(code)";
  return name == "WebIdentityToken" || name == "SAMLAssertion" ? "(" + std::to_string(value.size()) + " bytes)" : value;
}

std::string line_of(const CallRecord& record) {
  ordered_json parameters = ordered_json::object();
  for (const auto& [name, value] : record.parameters.pairs()) {
    if (name == "Action" || name == "Version" || name.starts_with("X-Amz-")) continue;
    parameters[name] = shown(name, value);
  }
  ordered_json line;
  const auto milliseconds = record.time.time_since_epoch().count();
  line["time"] = base::iso8601(record.time);
  line["time_ms"] = milliseconds;
  line["host"] = record.host;
  line["service"] = record.service;
  line["action"] = record.action;
  line["principal"] = record.principal;
  line["key"] = record.key_id;
  line["credentials"] = record.credentials;
  line["role"] = record.notes.role;
  line["params"] = std::move(parameters);
  line["mfa"] = record.notes.mfa;
  line["duration"] = record.notes.duration_seconds ? ordered_json(*record.notes.duration_seconds) : ordered_json();
  line["code"] = record.code;
  line["status"] = record.status;
  line["faults"] = record.faults;
  line["user_agent"] = record.user_agent;
  return line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

base::Result<void> CallLog::open_file(const std::string& path) {
  constexpr int mode = 0600;
  file_ = base::Descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, mode));
  if (!file_.valid()) return base::fail(base::ErrorKind::failure, path + ": " + base::errno_text(errno));
  return {};
}

void CallLog::add(const CallRecord& record) {
  const std::string& line = lines_.emplace_back(line_of(record));
  if (file_.valid() && !base::write_all(file_.get(), std::as_bytes(std::span(line)))) file_ = base::Descriptor();
}

std::string CallLog::text() const { return base::join(lines_, ""); }

}  // namespace sim
