#include "deliver/door_settings.h"

#include "base/file.h"
#include "base/text.h"
#include "deliver/quoting.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace deliver {
namespace {

constexpr std::size_t kMostText = 4096;

struct FormatName {
  std::string_view name;
  DoorFormat format;
};
constexpr std::array<FormatName, 4> kFormats{{{"env", DoorFormat::env},
                                              {"json", DoorFormat::json},
                                              {"s3cmd", DoorFormat::s3cmd},
                                              {"rclone", DoorFormat::rclone}}};

/// "AWS_ENDPOINT_URL_S3"
std::string endpoint_variable(std::string_view service) {
  std::string name(service);
  std::ranges::transform(name, name.begin(), [](char c) {
    return c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return "AWS_ENDPOINT_URL_" + name;
}

/// The text before the secret key, and the text after it. Nothing in either needs quoting: a port, a region, a key id
/// of our own.
std::pair<std::string, std::string> around_secret(DoorFormat format, const aws::Credentials& pair,
                                                  const DoorAddress& address) {
  const auto& id = pair.access_key_id;
  const auto url = address.url();
  switch (format) {
    case DoorFormat::env:
      return {fmt::format("export AWS_ACCESS_KEY_ID={}\nexport AWS_SECRET_ACCESS_KEY=", id),
              fmt::format("\nexport {}={}\nexport AWS_ENDPOINT_URL={}\nexport AWS_REGION={}\n"
                          "export AWS_DEFAULT_REGION={}\nunset AWS_SESSION_TOKEN AWS_SECURITY_TOKEN AWS_PROFILE\n",
                          endpoint_variable(address.service), url, url, address.region, address.region)};
    case DoorFormat::json:
      return {fmt::format("{{\n  \"AccessKeyId\": \"{}\",\n  \"SecretAccessKey\": \"", id),
              fmt::format("\",\n  \"Endpoint\": \"{}\",\n  \"Service\": \"{}\",\n  \"Region\": \"{}\"\n}}\n", url,
                          address.service, address.region)};
    case DoorFormat::s3cmd:
      return {fmt::format("[default]\naccess_key = {}\nsecret_key = ", id),
              fmt::format("\nhost_base = {}\nhost_bucket = {}\nuse_https = False\nsignature_v2 = False\n"
                          "bucket_location = {}\n",
                          address.host(), address.host(), address.region)};
    case DoorFormat::rclone:
      return {fmt::format("[kabuto]\ntype = s3\nprovider = Other\nenv_auth = false\naccess_key_id = {}\n"
                          "secret_access_key = ",
                          id),
              fmt::format("\nregion = {}\nendpoint = {}\nforce_path_style = true\n", address.region, url)};
  }
  return {};
}

}  // namespace

std::optional<DoorFormat> door_format_named(std::string_view name) {
  const auto* const found = std::ranges::find(kFormats, name, &FormatName::name);
  if (found == kFormats.end()) return std::nullopt;
  return found->format;
}

std::string DoorAddress::host() const { return fmt::format("127.0.0.1:{}", port); }
std::string DoorAddress::url() const { return "http://" + host(); }

std::vector<std::string> door_variables(const DoorAddress& address, const base::Environment& parent) {
  // The general one too: a call of another service must not carry the pair's signature out of the machine.
  std::vector<std::string> out{endpoint_variable(address.service) + "=" + address.url(),
                               "AWS_ENDPOINT_URL=" + address.url(), "KABUTO_PROXY_HOST=" + address.host()};
  const auto is_set = [&](std::string_view name) { return parent.get_nonempty(name).has_value(); };
  const std::array<std::string_view, 4> proxies{"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"};
  if (std::ranges::none_of(proxies, is_set)) return out;
  auto direct = std::string(parent.get_nonempty("no_proxy").value_or(parent.get_nonempty("NO_PROXY").value_or("")));
  if (direct != "*") direct += direct.empty() ? "127.0.0.1,localhost" : ",127.0.0.1,localhost";
  out.push_back("no_proxy=" + direct);
  out.push_back("NO_PROXY=" + direct);
  return out;
}

base::Result<secret::Bytes> door_text(DoorFormat format, const aws::Credentials& pair, const DoorAddress& address) {
  const bool for_s3 = format == DoorFormat::s3cmd || format == DoorFormat::rclone;
  if (for_s3 && address.service != "s3")
    return base::fail(base::ErrorKind::usage, "this format is for --service s3", "use --format env or json");
  const auto [before, after] = around_secret(format, pair, address);
  secret::Buffer out(kMostText);
  append_text(out, before);
  pair.secret_access_key.reveal_text([&](std::string_view secret) { append_text(out, secret); });
  append_text(out, after);
  return std::move(out).take();
}

base::Result<void> write_door_file(const std::string& path, const secret::Bytes& text) {
  return text.reveal([&](std::span<const std::byte> bytes) { return base::write_file_atomically(path, bytes); });
}

}  // namespace deliver
