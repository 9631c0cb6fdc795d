// kabuto's script for zsh; hook_scripts.h says what its functions are for.
#include "cli/hook_scripts.h"

namespace cli {

std::string_view hook_for_zsh() {
  return R"sh(# kabuto in the shell that is open: eval "$(kabuto hook zsh)"
function kabuto {
  if __kabuto_asks use "$@"; then
    __kabuto_use "$@"
  elif __kabuto_asks off "$@"; then
    __kabuto_off "$@"
  else
    command kabuto "$@"
  fi
}

function __kabuto_asks {
  emulate -L zsh
  local wanted=$1 found='' word
  shift
  for word; do
    if [[ -n $found ]]; then
      case $word in
        --) break ;;
        -h | --help) return 1 ;;
      esac
    else
      case $word in
        "$wanted") found=yes ;;
        -v | --verbose | --no-agent | --passphrase-fd* | [0-9]*) ;;
        *) return 1 ;;
      esac
    fi
  done
  [[ -n $found ]]
}

function __kabuto_run {
  if [[ -n $__kabuto_names ]]; then __kabuto_back; fi
  export KABUTO_HOOK=zsh
  exec command kabuto "$@"
}

function __kabuto_use {
  emulate -L zsh; setopt unset no_xtrace no_verbose no_err_exit no_err_return
  local text
  text=$(__kabuto_run "$@") || return
  if [[ $text != 'kabuto use 1'* ]]; then
    print -ru2 -- 'kabuto: error: this shell has the hook of another kabuto'
    print -ru2 -- 'kabuto: hint: run eval "$(kabuto hook zsh)"'
    return 1
  fi
  __kabuto_next=("${(@f)text}")
  __kabuto_take && __kabuto_hook
}

function __kabuto_keep {
  local name
  local -a before=() names=("${(@)__kabuto_next[5 + __kabuto_next[3],-1]%%=*}")
  for name in "${names[@]}"; do
    if [[ ${(Pt)name} == *readonly* ]]; then
      print -ru2 -- "kabuto: error: $name is readonly in this shell; nothing has been changed"
      __kabuto_next=()
      return 1
    fi
  done
  if [[ -n $__kabuto_names ]]; then __kabuto_back; fi
  for name in "${names[@]}"; do
    if [[ -n ${(Pt)name} ]]; then before+=("$(typeset -p "$name")"); fi
  done
  __kabuto_names=("${names[@]}") __kabuto_before=("${before[@]}")
  unset -- "${names[@]}" # with what would change a value: typeset -i, -u, -a
}

function __kabuto_take {
  emulate -L zsh; setopt unset no_xtrace no_verbose no_err_exit no_err_return
  local due=${__kabuto_next[2]} words=${__kabuto_next[3]} drops=${__kabuto_next[4]}
  if [[ ${__kabuto_next[1]} == 'kabuto use 1' ]]; then
    __kabuto_keep || return
    __kabuto_words=("${(@)__kabuto_next[5,4 + words]#=}")
  fi
  if (( drops )); then unset -- "${(@)__kabuto_next[5 + words,4 + words + drops]}"; fi
  if (( ${#__kabuto_next} > 4 + words + drops )); then export -- "${(@)__kabuto_next[5 + words + drops,-1]}"; fi
  __kabuto_due=${due#never} __kabuto_key=$AWS_ACCESS_KEY_ID __kabuto_pause=60 __kabuto_told='' __kabuto_next=()
}

function __kabuto_back {
  emulate -L zsh; setopt unset no_xtrace no_verbose no_err_exit no_err_return
  local text
  unset -- "${__kabuto_names[@]}"
  for text in "${__kabuto_before[@]}"; do eval "$text"; done
}

function __kabuto_off {
  emulate -L zsh; setopt unset no_xtrace no_verbose no_err_exit no_err_return
  local text
  if [[ $# == 1 && -n $__kabuto_names ]]; then
    __kabuto_back
  else
    text=$(__kabuto_run "$@") || return
    if [[ $text == 'kabuto off 1'* ]]; then unset -- "${(@)${(@f)text}[2,-1]}"; fi
    [[ -n $__kabuto_names ]] || return 0
    __kabuto_back
  fi
  unset -m '__kabuto_*'
}

function __kabuto_renew {
  emulate -L zsh; setopt unset no_xtrace no_verbose no_err_exit no_err_return
  local text='' code
  if [[ $AWS_ACCESS_KEY_ID != "$__kabuto_key" ]]; then
    __kabuto_due=''
    return
  fi
  (( __kabuto_due = EPOCHSECONDS + __kabuto_pause, __kabuto_pause < 900 && (__kabuto_pause *= 2) ))
  text=$(
    if [[ -n $__kabuto_told ]]; then exec 2>/dev/null; fi
    if [[ -n $__kabuto_before ]]; then __kabuto_back; fi
    exec command kabuto renew-for-hook "${__kabuto_words[@]}" </dev/null
  )
  code=$?
  __kabuto_told=yes
  if [[ $code == 0 && $text == 'kabuto renewal 1'* ]]; then
    __kabuto_next=("${(@f)text}")
    __kabuto_take
  fi
}

function __kabuto_prompt {
  if [[ -n ${__kabuto_next-} ]]; then __kabuto_take; fi
  if [[ -n ${__kabuto_due-} ]] && (( EPOCHSECONDS >= __kabuto_due )); then __kabuto_renew; fi
  return 0
}

function __kabuto_hook {
  emulate -L zsh
  if [[ -o interactive ]]; then
    zmodload -F zsh/datetime p:EPOCHSECONDS
    typeset -ga precmd_functions
    if (( ! ${precmd_functions[(I)__kabuto_prompt]} )); then
      precmd_functions=(__kabuto_prompt "${precmd_functions[@]}")
    fi
  fi
}
__kabuto_hook
)sh";
}

}  // namespace cli
