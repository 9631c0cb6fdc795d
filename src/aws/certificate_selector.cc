#include "aws/certificate_selector.h"

#include "base/file.h"
#include "base/text.h"
#include "secret/bytes.h"
#include "secret/json_reader.h"

#include <algorithm>
#include <vector>

namespace aws {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::size_t kFileLimit = std::size_t{64} * 1024;
constexpr std::string_view kFile = "file://";
constexpr std::string_view kKey = "Key=";
constexpr std::string_view kValue = ",Value=";

std::unexpected<base::Error> wrong(const std::string& what) {
  return fail(ErrorKind::failure, "the certificate selector " + what,
              "write Key=x509Subject,Value=CN=NAME, or x509Issuer or x509Serial");
}

base::Result<void> take(CertificateSelector& out, std::string_view key, std::string_view value) {
  std::string* const into = key == "x509Subject"  ? &out.subject
                            : key == "x509Issuer" ? &out.issuer
                            : key == "x509Serial" ? &out.serial_hex
                                                  : nullptr;
  if (into == nullptr) return wrong("knows no key " + base::printable(key, 60));
  if (!into->empty()) return wrong("says " + std::string(key) + " twice");
  if (value.empty()) return wrong("gives no value to " + std::string(key));
  *into = value;
  if (into != &out.serial_hex) return {};
  std::ranges::transform(out.serial_hex, out.serial_hex.begin(),
                         [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c; });
  if (out.serial_hex.find_first_not_of("0123456789ABCDEF") != std::string::npos)
    return wrong("has a serial number that is not hexadecimal");
  // As openssl prints it: two digits for each byte, and no byte that is zero in front.
  out.serial_hex.erase(0, std::min(out.serial_hex.find_first_not_of('0'), out.serial_hex.size() - 1));
  if (out.serial_hex.size() % 2 == 1) out.serial_hex.insert(0, "0");
  return {};
}

base::Result<CertificateSelector> parse_json(std::span<std::byte> text) {
  secret::JsonReader json(text);
  CertificateSelector out;
  const auto element = [&]() -> base::Result<void> {
    std::string key, value;
    const auto member = [&](std::string_view name) -> base::Result<void> {
      if (name != "Key" && name != "Value") return wrong("has a member that is neither Key nor Value");
      (name == "Key" ? key : value) = TRY(json.text());
      return {};
    };
    TRY(json.object(member));
    return take(out, key, value);
  };
  TRY(json.array(element));
  TRY(json.end());
  return out;
}

base::Result<CertificateSelector> parse_words(std::string_view text) {
  CertificateSelector out;
  while (!text.empty()) {
    if (!text.starts_with(kKey)) return wrong("does not begin with Key=");
    // A value may hold blanks; the next "Key=" after one ends it.
    const auto next = text.find(" Key=");
    const auto item = base::trim(text.substr(kKey.size(), next == text.npos ? text.npos : next - kKey.size()));
    const auto value = item.find(kValue);
    if (value == item.npos) return wrong("has a key without a value");
    TRY(take(out, item.substr(0, value), item.substr(value + kValue.size())));
    text = next == text.npos ? std::string_view() : base::trim(text.substr(next));
  }
  return out;
}

}  // namespace

base::Result<CertificateSelector> parse_certificate_selector(std::string_view text) {
  text = base::trim_lines(text);
  const bool is_json = !text.starts_with(kKey);
  auto copy = secret::Bytes::copy_of(text);
  auto out = is_json ? copy.edit(parse_json) : parse_words(text);
  if (!out && !out.error().what.starts_with("the certificate selector")) return wrong("is no list of keys and values");
  if (!out) return out;
  if (out->subject.empty() && out->issuer.empty() && out->serial_hex.empty()) return wrong("is empty");
  return out;
}

base::Result<CertificateSelector> read_certificate_selector(const std::string& setting) {
  if (!setting.starts_with(kFile)) return parse_certificate_selector(setting);
  const std::string path = setting.substr(kFile.size());
  const auto text = TRY(base::read_file(path, kFileLimit));
  if (!text) return fail(ErrorKind::not_found, "the certificate selector " + base::printable(path) + " does not exist");
  return parse_certificate_selector(*text);
}

base::Result<std::size_t> selected(const CertificateSelector& selector, std::span<const Certificate> certificates) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    const auto& one = certificates[i];
    const auto same = [](const std::string& wanted, const std::string& is) { return wanted.empty() || wanted == is; };
    if (same(selector.subject, one.subject) && same(selector.issuer, one.issuer) &&
        same(selector.serial_hex, one.serial_hex))
      found.push_back(i);
  }
  if (found.empty())
    return fail(ErrorKind::not_found, "none of the " + std::to_string(certificates.size()) +
                                          " certificates is the one that roles_anywhere_certificate_selector names");
  if (found.size() > 1)
    return fail(ErrorKind::failure,
                std::to_string(found.size()) + " certificates fit roles_anywhere_certificate_selector",
                "add x509Serial to it");
  return found.front();
}

}  // namespace aws
