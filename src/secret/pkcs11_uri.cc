#include "secret/pkcs11_uri.h"

#include "base/text.h"

#include <optional>
#include <set>

namespace secret {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::string_view kScheme = "pkcs11:";
constexpr std::string_view kFileScheme = "file:";
constexpr std::size_t kLongest = 4096;

std::unexpected<base::Error> wrong(const std::string& what) {
  return fail(ErrorKind::failure, "the pkcs11: URI " + what,
              "write pkcs11:token=TOKEN;object=LABEL?module-path=/usr/lib/…/MODULE.so");
}

std::string* part_of(Pkcs11Uri& uri, std::string_view name) {
  if (name == "token") return &uri.token;
  if (name == "serial") return &uri.serial;
  if (name == "manufacturer") return &uri.manufacturer;
  if (name == "model") return &uri.model;
  if (name == "object") return &uri.object;
  if (name == "id") return &uri.id;
  return nullptr;
}

base::Result<void> take(Pkcs11Uri& uri, std::string_view pair, bool in_query, std::set<std::string_view>& seen) {
  const auto equals = pair.find('=');
  const auto name = pair.substr(0, equals);
  if (equals == pair.npos) return wrong("has a part without a value: " + base::printable(name, 60));
  if (!seen.insert(name).second) return wrong("says " + base::printable(name, 60) + " twice");
  auto value = base::percent_decode(pair.substr(equals + 1));
  if (!value) return wrong("has a % that begins no escape, in " + base::printable(name, 60));
  if (in_query && name == "pin-value")
    return fail(ErrorKind::refused, "the pkcs11: URI holds a PIN in clear",
                "put it into a file that only you can read, and write pin-source=/path");
  if (in_query && name == "module-path") {
    if (!value->starts_with('/')) return wrong("names its module by a relative path");
    uri.module_path = std::move(*value);
  } else if (in_query && name == "pin-source") {
    std::string_view path = *value;
    if (path.starts_with(kFileScheme)) path.remove_prefix(kFileScheme.size());
    while (path.starts_with("//")) path.remove_prefix(1);
    if (!path.starts_with('/')) return wrong("names its pin-source by something else than the full path of a file");
    uri.pin_source = path;
  } else if (!in_query && name == "type") {
    if (*value != "private")
      return wrong("names an object that is no private key: type=" + base::printable(*value, 60));
  } else if (std::string* const into = in_query ? nullptr : part_of(uri, name)) {
    *into = std::move(*value);
  } else {
    return wrong("has a part that is not known: " + base::printable(name, 60));
  }
  return {};
}

}  // namespace

base::Result<Pkcs11Uri> parse_pkcs11_uri(std::string_view text) {
  if (!text.starts_with(kScheme)) return wrong("does not begin with pkcs11:");
  if (text.size() > kLongest) return wrong("is too long");
  text.remove_prefix(kScheme.size());
  const auto mark = text.find('?');
  Pkcs11Uri out;
  std::set<std::string_view> seen;
  for (const auto pair : base::split(text.substr(0, mark), ';'))
    if (!pair.empty()) TRY(take(out, pair, false, seen));
  if (mark != text.npos)
    for (const auto pair : base::split(text.substr(mark + 1), '&'))
      if (!pair.empty()) TRY(take(out, pair, true, seen));
  for (const auto* one : {&out.module_path, &out.pin_source})
    if (one->find('\0') != std::string::npos) return wrong("holds a zero byte in a path");
  if (out.object.empty() && out.id.empty()) return wrong("names no key: object or id is missing");
  return out;
}

}  // namespace secret
