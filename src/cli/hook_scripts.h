// What each shell runs to have `kabuto use` and `kabuto off`. The three scripts say the same, function by function:
//
//   kabuto           hands use and off to the shell, and every other line to the program
//   __kabuto_asks    whether a line is that command, behind the options that all commands take
//   __kabuto_run     the program, in the environment that was there before use
//   __kabuto_use     lets the program answer, and takes it
//   __kabuto_keep    remembers what the variables are that will change
//   __kabuto_take    what was answered becomes the shell's variables; stopped midway, the next prompt does it once more
//   __kabuto_back    the variables as they were
//   __kabuto_off     the same for good
//   __kabuto_renew   asks anew; after a failure again when a pause has passed, which doubles; it says so once
//   __kabuto_prompt  before each prompt: compares two numbers and starts no process
//
// Their variables are not exported. No value is traced by `set -x` or stands in a program's arguments, and none is in a
// file. What the program answers (deliver/shell_text) is lines of data, never code to evaluate.
#pragma once

#include "base/environment.h"

#include <string>
#include <string_view>

namespace cli {

std::string_view hook_for_bash();
std::string_view hook_for_zsh();
std::string_view hook_for_fish();

/// "run …", the words that give a shell its hook: the shell that started us or, where that is another program, $SHELL.
std::string hook_line(const base::Environment& environment);

}  // namespace cli
