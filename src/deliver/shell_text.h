// What an open shell is told to make of its variables: the difference between the environment that it has and the one
// that `kabuto exec` would give a child, as lines that the hook (cli/hook_scripts.h) reads. They are data and the same
// for every shell: nothing in them is evaluated, so nothing in them is quoted. What a shell has to do is counted out
// for it, because the user waits for the shell.
//
//   kabuto use 1     or `kabuto renewal 1`: what it is, and the version of this form
//   DUE              seconds since the epoch: when to ask again; or `never`
//   WORDS, DROPS     a line each: how many lines of the next two kinds follow
//   =WORD            of the command line that asks for the same
//   NAME             a variable to unset
//   NAME=VALUE       a variable to export, up to the end; a value has no line end (deliver/value.h)
#pragma once

#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"
#include "deliver/environment.h"
#include "secret/bytes.h"

#include <optional>
#include <string>
#include <vector>

namespace deliver {

enum class ShellTurn {
  use,      // the whole environment of the role
  renewal,  // the credentials alone: what a person has changed since stays
};

struct ShellOrder {
  ShellTurn turn = ShellTurn::use;
  std::vector<std::string> words;    // of the command line that asks for the same
  std::optional<base::Instant> due;  // when to ask again; nullopt: never
};

/// `child` must have been made of `parent`. Errors: refused, for a word with a line end.
base::Result<secret::Bytes> shell_text(const base::Environment& parent, const EnvironmentBlock& child,
                                       const ShellOrder& order);

/// What takes an enclosing role off in a shell that was not told by us what was there before; nullopt where there is
/// none.
std::optional<std::string> shell_text_without_role(const base::Environment& parent);

}  // namespace deliver
