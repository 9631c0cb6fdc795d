// A QR code for a terminal, by libqrencode, which is loaded when the first one is wanted. It prints nothing.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <string>
#include <vector>

namespace cli {

struct QrCode {
  std::size_t width = 0;   // modules a side
  std::vector<bool> dark;  // row by row

  bool is_dark(std::size_t row, std::size_t column) const { return dark[row * width + column]; }
};

constexpr char kQrLibrary[] = "libqrencode.so.4";

/// Errors: failure, naming the package where the library is missing; refused where the text is too long for a code.
base::Result<QrCode> make_qr_code(const std::string& text, const char* library = kQrLibrary);

/// Columns and lines that draw_qr_code takes; `quiet`: light modules on each side, of which the standard wants four.
std::size_t qr_columns(const QrCode& code, std::size_t quiet);
std::size_t qr_lines(const QrCode& code, std::size_t quiet);

/// Two modules a character, in half blocks, white on black whatever the terminal's own colours are.
std::string draw_qr_code(const QrCode& code, std::size_t quiet);

}  // namespace cli
