// Puts a link that is a secret where a person can paste it: by the standard input of a clipboard program, or by the
// terminal itself. Never by an argument, which all users of the machine could read.
#pragma once

#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"
#include "secret/bytes.h"

#include <string>

namespace deliver {

/// Who took it: "wl-copy", "xclip", "xsel", "clip.exe", or "the terminal", which was asked (OSC 52) and does not
/// answer. Errors: not_found (neither a program nor a terminal), failure.
base::Result<std::string> copy_to_clipboard(const secret::Bytes& text, const base::Environment& environment,
                                            base::Clock& clock);

/// OSC 52: the sequence that asks a terminal to take `text` into the clipboard.
secret::Bytes clipboard_sequence(const secret::Bytes& text);

}  // namespace deliver
