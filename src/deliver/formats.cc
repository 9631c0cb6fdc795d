#include "deliver/formats.h"

#include "base/clock.h"
#include "base/text.h"
#include "deliver/assignments.h"
#include "deliver/quoting.h"
#include "deliver/value.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

namespace deliver {
namespace {

/// The variables of a shell, in the AWS CLI's order, the region's two at the end.
std::vector<Field> variables(const aws::Credentials& credentials, std::string_view expiration,
                             const Recipient& recipient) {
  std::vector<Field> out = {{"AWS_ACCESS_KEY_ID", {credentials.access_key_id, nullptr}},
                            {"AWS_SECRET_ACCESS_KEY", {{}, &credentials.secret_access_key}}};
  if (!credentials.session_token.empty()) out.push_back({"AWS_SESSION_TOKEN", {{}, &credentials.session_token}});
  if (!expiration.empty()) out.push_back({"AWS_CREDENTIAL_EXPIRATION", {expiration, nullptr}});
  if (!recipient.region.empty()) {
    out.push_back({"AWS_REGION", {recipient.region, nullptr}});
    out.push_back({"AWS_DEFAULT_REGION", {recipient.region, nullptr}});
  }
  return out;
}

/// An object of one level, laid out as the AWS CLI does. A field without a value is null, or left out by the caller.
base::Result<void> append_object(secret::Buffer& out, const std::vector<Field>& fields) {
  append_text(out, "{\n  \"Version\": 1");
  for (const auto& field : fields) {
    append_text(out, ",\n  \"");
    append_text(out, field.name);
    append_text(out, "\": ");
    const bool none = field.value.secret != nullptr ? field.value.secret->empty() : field.value.text.empty();
    if (none) {
      append_text(out, "null");
    } else {
      TRY(append_field(out, field, Quoting::json));
    }
  }
  append_text(out, "\n}\n");
  return {};
}

std::vector<Field> json_fields(const aws::Credentials& credentials, std::string_view expiration) {
  return {{"AccessKeyId", {credentials.access_key_id, nullptr}},
          {"SecretAccessKey", {{}, &credentials.secret_access_key}},
          {"SessionToken", {{}, &credentials.session_token}},
          {"Expiration", {expiration, nullptr}},
          {"AccountId", {credentials.account_id, nullptr}}};
}

/// What an SDK reads from a credential_process: absent fields are left out, as some take null for a value.
base::Result<void> append_process(secret::Buffer& out, const aws::Credentials& credentials,
                                  std::string_view expiration) {
  auto fields = json_fields(credentials, expiration);
  std::erase_if(fields, [](const Field& field) {
    return field.value.secret != nullptr ? field.value.secret->empty() : field.value.text.empty();
  });
  return append_object(out, fields);
}

/// For scripts: every field always there, also those that only we know.
base::Result<void> append_full(secret::Buffer& out, const aws::Credentials& credentials, std::string_view expiration,
                               const Recipient& recipient) {
  auto fields = json_fields(credentials, expiration);
  fields.push_back({"Region", {recipient.region, nullptr}});
  fields.push_back({"Profile", {recipient.profile, nullptr}});
  return append_object(out, fields);
}

/// A section of a credentials file, with aws-vault's two further keys.
base::Result<void> append_ini(secret::Buffer& out, const aws::Credentials& credentials, std::string_view expiration,
                              const Recipient& recipient) {
  const std::string name = recipient.profile.empty() ? "default" : recipient.profile;
  if (name.find_first_of("[]#;\"'\\ \t") != std::string::npos || !base::is_valid_utf8(name))
    return base::fail(base::ErrorKind::refused, "the profile's name cannot be a section of a credentials file",
                      "use another --format");
  append_text(out, "[" + name + "]\n");
  std::vector<Field> fields = {{"aws_access_key_id", {credentials.access_key_id, nullptr}},
                               {"aws_secret_access_key", {{}, &credentials.secret_access_key}}};
  if (!credentials.session_token.empty()) fields.push_back({"aws_session_token", {{}, &credentials.session_token}});
  if (!expiration.empty()) fields.push_back({"aws_credential_expiration", {expiration, nullptr}});
  if (!recipient.region.empty()) fields.push_back({"region", {recipient.region, nullptr}});
  return append_lines(out, fields, {"", " = ", Quoting::ini, "\n"});
}

base::Result<void> append_format(secret::Buffer& out, Format format, const aws::Credentials& credentials,
                                 const Recipient& recipient) {
  const std::string expiration = credentials.expiration ? base::iso8601(*credentials.expiration) : "";
  const auto lines = [&](const Line& line) {
    return append_lines(out, variables(credentials, expiration, recipient), line);
  };
  switch (format) {
    case Format::env:
      return lines({"export ", "=", Quoting::posix_shell, "\n"});
    case Format::env_no_export:
      return lines({"", "=", Quoting::posix_shell, "\n"});
    case Format::fish:
      return lines({"set -gx ", " ", Quoting::fish, "\n"});
    case Format::powershell:
      return lines({"$Env:", "=", Quoting::powershell, "\n"});
    case Format::cmd: {
      // Plain values as the AWS CLI writes them; any other inside the quotes of `set "NAME=value"`.
      for (const auto& field : variables(credentials, expiration, recipient)) {
        const bool plain = field.value.open([](std::string_view value) {
          return value.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_.:@-") ==
                 value.npos;
        });
        TRY(append_lines(out, {field}, {plain ? "set " : "set \"", "=", Quoting::cmd, plain ? "\n" : "\"\n"}));
      }
      return {};
    }
    case Format::json:
      return append_full(out, credentials, expiration, recipient);
    case Format::process:
      return append_process(out, credentials, expiration);
    case Format::ini:
      return append_ini(out, credentials, expiration, recipient);
    case Format::dotenv:
      return lines({"", "=", Quoting::dotenv, "\n"});
  }
  return {};
}

struct Named {
  std::string_view name;
  Format format;
};
constexpr std::array<Named, 9> kFormats = {{{"env", Format::env},
                                            {"env-no-export", Format::env_no_export},
                                            {"fish", Format::fish},
                                            {"powershell", Format::powershell},
                                            {"cmd", Format::cmd},
                                            {"json", Format::json},
                                            {"process", Format::process},
                                            {"ini", Format::ini},
                                            {"dotenv", Format::dotenv}}};

}  // namespace

std::optional<Format> format_named(std::string_view name) {
  if (name == "windows-cmd") return Format::cmd;
  for (const auto& known : kFormats)
    if (known.name == name) return known.format;
  return std::nullopt;
}

const std::vector<std::string_view>& format_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> out;
    out.reserve(kFormats.size());
    for (const auto& known : kFormats) out.push_back(known.name);
    return out;
  }();
  return names;
}

base::Result<secret::Bytes> text_of(Format format, const aws::Credentials& credentials, const Recipient& recipient) {
  TRY(check_values(credentials, recipient));
  secret::Buffer out(kMostText);
  TRY(append_format(out, format, credentials, recipient));
  return std::move(out).take();
}

}  // namespace deliver
