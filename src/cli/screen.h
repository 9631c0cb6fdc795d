// Where a person reads what is no answer of the program: standard error, and the terminal itself where standard error
// is captured. It knows how large the terminal is and whether it shows UTF-8.
#pragma once

#include "base/environment.h"

#include <optional>
#include <string_view>

namespace cli {

struct ScreenSize {
  int columns = 0;
  int rows = 0;
};

class Screen {
 public:
  virtual ~Screen() = default;
  /// Whether a person sees show().
  virtual bool has_person() = 0;
  /// nullopt: no terminal, or one that cannot say.
  virtual std::optional<ScreenSize> size() = 0;
  /// Written as it is; untrusted parts must have passed base::printable.
  virtual void show(std::string_view text) = 0;
  /// For the terminal alone: never into a captured standard error.
  virtual void draw(std::string_view text) = 0;
};

/// Descriptor 2 and /dev/tty.
class StandardScreen final : public Screen {
 public:
  bool has_person() override;
  std::optional<ScreenSize> size() override;
  void show(std::string_view text) override;
  void draw(std::string_view text) override;
};

/// Whether the terminal shows UTF-8, as LC_ALL, LC_CTYPE or LANG say, and colours (TERM).
bool shows_utf8(const base::Environment& environment);

}  // namespace cli
