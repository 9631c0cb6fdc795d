// kabuto's script for fish; hook_scripts.h says what its functions are for. fish has no subshell, so what the program
// is to see of the variables of before is put over them for one function; and no clock, but it knows how old a file is.
#include "cli/hook_scripts.h"

namespace cli {

std::string_view hook_for_fish() {
  return R"sh(# kabuto in the shell that is open: kabuto hook fish | source; fish 3.6 or later
if functions -q kabuto; and not functions kabuto | string match -q '*__kabuto_asks*'
    functions -e __kabuto_program
    functions -c kabuto __kabuto_program
end

function kabuto --description 'short-lived AWS credentials'
    if __kabuto_asks use $argv
        __kabuto_untraced __kabuto_use $argv
    else if __kabuto_asks off $argv
        __kabuto_untraced __kabuto_off $argv
    else if functions -q __kabuto_program
        __kabuto_program $argv
    else
        command kabuto $argv
    end
end

function __kabuto_asks
    set -l found
    for word in $argv[2..]
        if set -q found[1]
            switch $word
                case --
                    break
                case -h --help
                    return 1
            end
        else if test "$word" = $argv[1]
            set found yes
        else if not string match -qr '^(-v|--verbose|--no-agent|--passphrase-fd.*|[0-9].*)$' -- $word
            return 1
        end
    end
    set -q found[1]
end

function __kabuto_untraced
    set -l fish_trace
    $argv
    set -l code $status
    set -el fish_trace
    return $code
end

function __kabuto_run
    for name in $__kabuto_names
        set -f $name
    end
    for name in $__kabuto_before
        set -l kept __kabuto_before_$name
        if contains $name $__kabuto_before_exported
            set -fx $name $$kept
        else
            set -f $name $$kept
        end
    end
    set -fx KABUTO_HOOK fish
    if not command -q kabuto
        echo 'kabuto: error: no program named kabuto is in PATH' >&2
        return 127
    end
    if functions -q __kabuto_program
        __kabuto_program $argv
    else
        command kabuto $argv
    end
end

function __kabuto_use
    set -l text (__kabuto_run $argv)
    set -l code $status
    test $code = 0; or return $code
    if test "$text[1]" != 'kabuto use 1'
        echo 'kabuto: error: this shell has the hook of another kabuto' >&2
        echo 'kabuto: hint: run kabuto hook fish | source' >&2
        return 1
    end
    set -g __kabuto_next $text
    __kabuto_take
end

function __kabuto_keep
    set -q __kabuto_names[1]; and __kabuto_back
    set -l names (string replace -r '=.*' '' -- $__kabuto_next[(math 5 + $__kabuto_next[3])..])
    set -l before
    set -l exported
    for name in $names
        if set -qg $name
            set -g __kabuto_before_$name $$name
            set -a before $name
            set -qgx $name; and set -a exported $name
        end
        if set -qUx $name; and contains $name $__kabuto_next
            echo "kabuto: warning: $name is a universal variable, which stays; to be rid of it: set -eU $name" >&2
        end
    end
    set -g __kabuto_before $before
    set -g __kabuto_before_exported $exported
    set -g __kabuto_names $names
end

function __kabuto_take
    set -l sets (math 5 + $__kabuto_next[3] + $__kabuto_next[4])
    if test "$__kabuto_next[1]" = 'kabuto use 1'
        __kabuto_keep
        set -g __kabuto_words
        test $__kabuto_next[3] = 0
        or set -g __kabuto_words (string sub -s 2 -- $__kabuto_next[5..(math 4 + $__kabuto_next[3])])
    end
    if test $__kabuto_next[4] != 0
        for name in $__kabuto_next[(math 5 + $__kabuto_next[3])..(math $sets - 1)]
            set -eg $name
        end
    end
    for line in $__kabuto_next[$sets..]
        set -l pair (string split -m 1 = -- $line)
        set -gx $pair[1] $pair[2]
    end
    set -g __kabuto_due (string match -v never -- $__kabuto_next[2])
    set -g __kabuto_key $AWS_ACCESS_KEY_ID
    set -g __kabuto_pause 60
    set -g __kabuto_told
    set -g __kabuto_next
end

function __kabuto_back
    for name in $__kabuto_names
        set -eg $name
    end
    for name in $__kabuto_before
        set -l kept __kabuto_before_$name
        if contains $name $__kabuto_before_exported
            set -gx $name $$kept
        else
            set -gu $name $$kept
        end
    end
end

function __kabuto_off
    if test (count $argv) = 1; and set -q __kabuto_names[1]
        __kabuto_back
    else
        set -l text (__kabuto_run $argv)
        set -l code $status
        test $code = 0; or return $code
        for name in $text[2..]
            set -eg $name
        end
        set -q __kabuto_names[1]; or return 0
        __kabuto_back
    end
    for name in (set -ng | string match -e -- __kabuto_)
        set -eg $name
    end
    return 0
end

function __kabuto_renew
    if test "$AWS_ACCESS_KEY_ID" != "$__kabuto_key"
        set -g __kabuto_due
        return
    end
    set -g __kabuto_due (math $argv[1] + $__kabuto_pause)
    set -g __kabuto_pause (math "min($__kabuto_pause * 2, 960)")
    set -l text
    set -l code
    if set -q __kabuto_told[1]
        set text (__kabuto_run renew-for-hook $__kabuto_words </dev/null 2>/dev/null)
        set code $status
    else
        set -g __kabuto_told yes
        set text (__kabuto_run renew-for-hook $__kabuto_words </dev/null)
        set code $status
    end
    if test $code = 0; and test "$text[1]" = 'kabuto renewal 1'
        set -g __kabuto_next $text
        __kabuto_take
    end
end

if status is-interactive
    function __kabuto_prompt --on-event fish_prompt
        set -q __kabuto_next[1]; and __kabuto_untraced __kabuto_take
        if set -q __kabuto_due[1]
            # the shell's only clock is the age of a file
            set -l now (math (path mtime -- /) + (path mtime -R -- /))
            test $now -ge $__kabuto_due; and __kabuto_untraced __kabuto_renew $now
        end
    end
end
)sh";
}

}  // namespace cli
