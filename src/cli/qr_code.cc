#include "cli/qr_code.h"

#include <dlfcn.h>
#include <qrencode.h>

#include <memory>

namespace cli {
namespace {

constexpr unsigned char kDarkBit = 1;  // of libqrencode's modules
constexpr const char* kColors = "\x1b[97;40m";
constexpr const char* kPlain = "\x1b[0m";

}  // namespace

base::Result<QrCode> make_qr_code(const std::string& text, const char* library) {
  // Never unloaded: a sign-in draws one, and the process ends soon after.
  void* const loaded = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (loaded == nullptr)
    return base::fail(base::ErrorKind::failure, "libqrencode cannot be loaded",
                      "run sudo apt-get install libqrencode4");
  const auto encode = reinterpret_cast<decltype(&::QRcode_encodeString8bit)>(dlsym(loaded, "QRcode_encodeString8bit"));
  const auto release = reinterpret_cast<decltype(&::QRcode_free)>(dlsym(loaded, "QRcode_free"));
  if (encode == nullptr || release == nullptr)
    return base::fail(base::ErrorKind::failure, "libqrencode is not the one that is expected",
                      "run sudo apt-get install libqrencode4");
  const std::unique_ptr<QRcode, decltype(release)> made(encode(text.c_str(), 0, QR_ECLEVEL_L), release);
  if (made == nullptr || made->width <= 0) return base::fail(base::ErrorKind::refused, "too long for a QR code");
  QrCode code;
  code.width = static_cast<std::size_t>(made->width);
  code.dark.reserve(code.width * code.width);
  for (std::size_t i = 0; i < code.width * code.width; ++i) code.dark.push_back((made->data[i] & kDarkBit) != 0);
  return code;
}

std::size_t qr_columns(const QrCode& code, std::size_t quiet) { return code.width + 2 * quiet; }

std::size_t qr_lines(const QrCode& code, std::size_t quiet) { return (qr_columns(code, quiet) + 1) / 2; }

std::string draw_qr_code(const QrCode& code, std::size_t quiet) {
  const std::size_t side = qr_columns(code, quiet);
  const auto light = [&](std::size_t row, std::size_t column) {
    const bool inside = row >= quiet && row < quiet + code.width && column >= quiet && column < quiet + code.width;
    return !inside || !code.is_dark(row - quiet, column - quiet);
  };
  std::string out;
  for (std::size_t row = 0; row < side; row += 2) {
    out += kColors;
    for (std::size_t column = 0; column < side; ++column) {
      const bool upper = light(row, column);
      const bool lower = light(row + 1, column);
      out += upper ? (lower ? "█" : "▀") : (lower ? "▄" : " ");
    }
    out += kPlain;
    out += '\n';
  }
  return out;
}

}  // namespace cli
