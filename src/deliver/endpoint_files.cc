#include "deliver/endpoint_files.h"

#include "base/file.h"
#include "base/text.h"
#include "deliver/endpoint_service.h"
#include "deliver/quoting.h"

#include <unistd.h>

#include <algorithm>

namespace deliver {
namespace {

using base::ErrorKind;

constexpr std::string_view kMark = "# made by kabuto serve, which removes it when it ends\n";
constexpr std::string_view kLockMark = ".kabuto-serve";
constexpr int kMostTries = 100;
constexpr std::size_t kMostText = std::size_t{1} << 20;
constexpr std::size_t kMostFile = std::size_t{4} << 20;

bool holds_only(std::string_view text, std::string_view signs) {
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return is_letter || signs.find(c) != signs.npos;
  });
}

void append_token(secret::Buffer& out, const secret::Bytes& token) {
  token.reveal([&](std::span<const std::byte> bytes) { (void)out.append(bytes); });
}

/// curl's own file: everything that would otherwise be an argument.
secret::Bytes file_for_curl(const ServedProfile& profile, std::uint16_t port) {
  secret::Buffer out(kMostText);
  append_text(out, kMark);
  append_text(out,
              "url = \"" + endpoint_uri(EndpointKind::container, profile, port) + std::string(kProcessForm) + "\"\n");
  append_text(out, "header = \"Authorization: ");
  append_token(out, profile.token);
  append_text(out, "\"\nnoproxy = \"*\"\nmax-time = 5\nsilent\nshow-error\nfail\n");
  return std::move(out).take();
}

base::Result<std::string> section_of(const std::string& name) {
  if (name == "default") return "[default]\n";
  // AWS's grammar has no way to write these inside a section's name.
  if (!holds_only(name, "/._+@,=:%- "))
    return base::fail(ErrorKind::refused, "profile " + base::printable(name, 100) + " cannot be written as a section",
                      "serve it with --env or --env-dir");
  return name.find(' ') == name.npos ? "[profile " + name + "]\n" : "[profile \"" + name + "\"]\n";
}

base::Result<void> check_ours_to_replace(const std::string& path) {
  const auto text = TRY(base::read_file(path, kMostFile));
  if (!text || text->empty() || text->starts_with(kMark)) return {};
  return base::fail(ErrorKind::refused, path + " is there already and was not made by kabuto serve",
                    "name another file, or remove it");
}

base::Result<base::FileLock> held(const std::string& path) {
  for (int i = 0; i < kMostTries; ++i) {
    auto lock = TRY(base::FileLock::try_acquire(path));
    if (!lock) break;
    // One that its last holder has taken away, between our opening and our locking it, keeps nobody off.
    if (lock->stands_at(path)) return std::move(*lock);
  }
  return base::fail(ErrorKind::refused,
                    path.substr(0, path.size() - kLockMark.size()) + " is kept by another kabuto serve",
                    "end that one, or name another file");
}

/// All or none.
base::Result<void> write_all_of(const std::vector<EndpointFile>& files) {
  for (const auto& file : files) TRY(check_ours_to_replace(file.path));
  for (std::size_t written = 0; written < files.size(); ++written) {
    auto done = files[written].text.reveal(
        [&](std::span<const std::byte> bytes) { return base::write_file_atomically(files[written].path, bytes); });
    if (done) continue;
    for (std::size_t i = 0; i < written; ++i) (void)unlink(files[i].path.c_str());
    return done;
  }
  return {};
}

}  // namespace

std::string endpoint_uri(EndpointKind kind, const ServedProfile& profile, std::uint16_t port) {
  const std::string start = "http://127.0.0.1:" + std::to_string(port);
  // Clients append "latest/…" to it as it is: AWS CLI 2.9 and its like need the slash, the others allow it.
  return start + (kind == EndpointKind::metadata ? "/" : profile.path);
}

base::Result<secret::Bytes> endpoint_variables(EndpointKind kind, const ServedProfile& profile, std::uint16_t port,
                                               VariableForm form) {
  if (!profile.region.empty() && !holds_only(profile.region, "-"))
    return base::fail(ErrorKind::refused, "the region of " + base::printable(profile.name, 100) + " is none");
  const std::string before = form == VariableForm::shell ? "export " : "";
  secret::Buffer out(kMostText);
  if (form == VariableForm::file) append_text(out, kMark);
  const std::string uri = endpoint_uri(kind, profile, port);
  if (kind == EndpointKind::metadata) {
    append_text(out, before + "AWS_EC2_METADATA_SERVICE_ENDPOINT=" + uri + "\n");
  } else {
    append_text(out, before + "AWS_CONTAINER_CREDENTIALS_FULL_URI=" + uri + "\n");
    append_text(out, before + "AWS_CONTAINER_AUTHORIZATION_TOKEN=");
    append_token(out, profile.token);
    append_text(out, "\n");
  }
  if (!profile.region.empty())
    for (const std::string name : {"AWS_REGION=", "AWS_DEFAULT_REGION="})
      append_text(out, before + name + profile.region + "\n");
  return std::move(out).take();
}

base::Result<std::vector<EndpointFile>> endpoint_config(const std::vector<ServedProfile>& profiles, std::uint16_t port,
                                                        const std::string& path) {
  // SDKs split or hand to a shell what stands there; this needs no quoting in either but for spaces.
  if (!holds_only(path, "/._+@,=:- "))
    return base::fail(ErrorKind::refused,
                      "the path of --config cannot stand in a credential_process: " + base::printable(path, 200),
                      "use a path of letters, digits, spaces and /._+@,=:-");
  std::vector<EndpointFile> out;
  std::string text(kMark);
  for (const auto& profile : profiles) {
    const std::string curl_path = path + ".curl-" + std::to_string(out.size() + 1);
    text += "\n" + TRY(section_of(profile.name));
    if (!profile.region.empty()) text += "region = " + profile.region + "\n";
    text += "credential_process = curl --disable --config \"" + curl_path + "\"\n";
    out.push_back({curl_path, file_for_curl(profile, port), endpoint_lock(path)});
  }
  out.push_back({path, secret::Bytes::copy_of(text), endpoint_lock(path)});
  return out;
}

std::string file_name_of(std::string_view profile) { return base::percent_encode(profile, " @+,="); }

std::string endpoint_lock(const std::string& path) { return path + std::string(kLockMark); }

base::Result<void> check_endpoint_file(const std::string& path) {
  const std::string lock = endpoint_lock(path);
  if (access(lock.c_str(), F_OK) == 0) TRY(held(lock));
  return check_ours_to_replace(path);
}

base::Result<std::vector<base::FileLock>> write_endpoint_files(const std::vector<EndpointFile>& files) {
  std::vector<std::string> paths;
  for (const auto& file : files)
    if (std::ranges::find(paths, file.lock) == paths.end()) paths.push_back(file.lock);
  std::vector<base::FileLock> locks;
  auto done = [&]() -> base::Result<void> {
    for (const auto& path : paths) locks.push_back(TRY(held(path)));
    return write_all_of(files);
  }();
  if (done) return locks;
  for (std::size_t i = 0; i < locks.size(); ++i) (void)unlink(paths[i].c_str());
  return std::unexpected(std::move(done).error());
}

}  // namespace deliver
