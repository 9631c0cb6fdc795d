#include "peers/aws_cli.h"

#include "aws/sso_cache.h"
#include "base/text.h"
#include "secret/json_reader.h"
#include "secret/read_secret.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

namespace peers {
namespace {

constexpr std::size_t kLargestFile = std::size_t{256} * 1024;
constexpr std::size_t kMostFiles = 10'000;
constexpr std::string_view kWhat = "cache file";

std::vector<std::string> files_in(const std::string& directory) {
  std::vector<std::string> out;
  std::error_code problem;
  for (std::filesystem::directory_iterator at(directory, problem), end; !problem && at != end; at.increment(problem))
    if (out.size() < kMostFiles && at->path().extension() == ".json" && at->is_regular_file(problem))
      out.push_back(at->path().string());
  std::ranges::sort(out);
  return out;
}

struct CliSession {
  std::optional<base::Instant> ends;
  bool has_secret = false;
};

base::Result<void> read_credentials(secret::JsonReader& json, CliSession& session) {
  return json.object([&](std::string_view name) -> base::Result<void> {
    if (name != "Expiration") {
      session.has_secret = session.has_secret || name == "SecretAccessKey";
      return json.skip();
    }
    const std::string_view text = TRY(json.text());
    session.ends = base::parse_iso8601(text);
    return {};
  });
}

/// What has ended is worth nothing to anybody; a half-written or foreign file is as none.
void add_live(const Machine& machine, FoundSession found, Findings& out) {
  if (found.ends > machine.clock.now()) out.sessions.push_back(std::move(found));
}

}  // namespace

std::optional<base::Instant> end_of_cli_session(secret::Bytes text) {
  CliSession session;
  const auto read = text.edit([&](std::span<std::byte> bytes) -> base::Result<void> {
    secret::JsonReader json(bytes);
    const auto member = [&](std::string_view name) -> base::Result<void> {
      if (name != "Credentials") return json.skip();
      return read_credentials(json, session);
    };
    TRY(json.object(member));
    return json.end();
  });
  if (!read || !session.has_secret) return std::nullopt;
  return session.ends;
}

void find_cli_sessions(const Machine& machine, Findings& out) {
  const auto home = base::home_directory(machine.environment);
  if (!home) return;
  for (const auto& path : files_in(*home + "/.aws/sso/cache")) {
    const auto token = aws::read_sso_cache(path).value_or(std::nullopt);
    if (!token) continue;
    FoundSession found;
    found.path = path;
    found.start_url = token->start_url;
    found.ends = token->expires;
    found.what = fmt::format("a sign-in of {}{}", base::printable(token->start_url, 200),
                             token->refresh_token.empty() ? "" : " with a refresh token");
    add_live(machine, std::move(found), out);
  }
  for (const auto& path : files_in(*home + "/.aws/cli/cache")) {
    auto text = secret::read_secret_file_of_tool(path, kLargestFile, kWhat).value_or(std::nullopt);
    const auto ends = text ? end_of_cli_session(std::move(*text)) : std::nullopt;
    if (!ends) continue;
    FoundSession found;
    found.path = path;
    found.ends = *ends;
    found.what = "a session of a role";
    add_live(machine, std::move(found), out);
  }
}

}  // namespace peers
