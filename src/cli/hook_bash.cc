// kabuto's script for bash; hook_scripts.h says what its functions are for. Bash 4.4 (2016) is the first with `local
// -`, which brings back the shell's settings however a function ends, by ^C too.
#include "cli/hook_scripts.h"

namespace cli {

std::string_view hook_for_bash() {
  return R"sh(# kabuto in the shell that is open: eval "$(kabuto hook bash)"; bash 4.4 or later
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
  if [[ -n ${__kabuto_names[0]-} ]]; then __kabuto_back; fi
  KABUTO_HOOK=bash exec kabuto "$@"
}

function __kabuto_use {
  { local -; set +euxv -f; } 2>/dev/null
  local text IFS=$'\n'
  text=$(__kabuto_run "$@") || return
  if [[ $text != 'kabuto use 1'* ]]; then
    printf '%s\n' 'kabuto: error: this shell has the hook of another kabuto' \
      'kabuto: hint: run eval "$(kabuto hook bash)"' >&2
    return 1
  fi
  __kabuto_next=($text)
  __kabuto_take && __kabuto_hook
}

function __kabuto_keep {
  local name text
  local -a before=() names=("${__kabuto_next[@]:4 + __kabuto_next[2]}")
  names=("${names[@]%%=*}")
  for name in "${names[@]}"; do
    text=$(declare -p "$name" 2>/dev/null) # ${name@a} is silent of a variable without a value
    text=${text#declare -}
    if [[ ${text%% *} == *r* ]]; then
      printf '%s\n' "kabuto: error: $name is readonly in this shell; nothing has been changed" >&2
      __kabuto_next=()
      return 1
    fi
  done
  if [[ -n ${__kabuto_names[0]-} ]]; then __kabuto_back; fi
  for name in "${names[@]}"; do
    text=$(declare -p "$name" 2>/dev/null) && before+=("$text")
  done
  before=("${before[@]/#declare /declare -g }")
  __kabuto_names=("${names[@]}") __kabuto_before=("${before[@]}")
  unset -v "${names[@]}" # with what would change a value: declare -i, -u, -a
}

function __kabuto_take {
  { local -; set +euxv; } 2>/dev/null
  local due=${__kabuto_next[1]} words=${__kabuto_next[2]} drops=${__kabuto_next[3]}
  case ${__kabuto_next[0]} in
    'kabuto use 1')
      __kabuto_keep || return
      __kabuto_words=("${__kabuto_next[@]:4:words}")
      __kabuto_words=("${__kabuto_words[@]#=}")
      ;;
    'kabuto renewal 1') ;;
    *)
      __kabuto_next=()
      return 1
      ;;
  esac
  unset -v "${__kabuto_next[@]:4 + words:drops}"
  if ((${#__kabuto_next[@]} > 4 + words + drops)); then export "${__kabuto_next[@]:4 + words + drops}"; fi
  __kabuto_due=${due#never} __kabuto_key=${AWS_ACCESS_KEY_ID-} __kabuto_pause=60 __kabuto_told='' __kabuto_next=()
}

function __kabuto_back {
  local text
  unset -v "${__kabuto_names[@]}"
  for text in "${__kabuto_before[@]}"; do eval "$text"; done
}

function __kabuto_off {
  { local -; set +euxv -f; } 2>/dev/null
  local text IFS=$'\n'
  if [[ $# == 1 && -n ${__kabuto_names[0]-} ]]; then
    __kabuto_back
  else
    text=$(__kabuto_run "$@") || return
    if [[ $text == 'kabuto off 1'* ]]; then unset -v ${text#*$'\n'}; fi
    [[ -n ${__kabuto_names[0]-} ]] || return 0
    __kabuto_back
  fi
  unset -v __kabuto_{names,before,words,due,key,pause,told,next}
}

function __kabuto_renew {
  { local -; set +euxv -f; } 2>/dev/null
  local text='' code IFS=$'\n'
  if [[ ${AWS_ACCESS_KEY_ID-} != "$__kabuto_key" ]]; then
    __kabuto_due=''
    return
  fi
  ((__kabuto_due = $1 + __kabuto_pause, __kabuto_pause < 900 && (__kabuto_pause *= 2)))
  text=$(
    if [[ -n $__kabuto_told ]]; then exec 2>/dev/null; fi
    if [[ -n ${__kabuto_before[0]-} ]]; then __kabuto_back; fi
    exec kabuto renew-for-hook "${__kabuto_words[@]}" </dev/null
  )
  code=$?
  __kabuto_told=yes
  if ((code == 0)); then
    __kabuto_next=($text)
    __kabuto_take
  fi
}

function __kabuto_prompt {
  local code=$? now
  if [[ -n ${__kabuto_next[0]-} ]]; then __kabuto_take; fi
  if [[ -n ${__kabuto_due-} ]]; then
    now=${EPOCHSECONDS-}
    if [[ -z $now ]]; then printf -v now '%(%s)T' -1; fi # before bash 5.0
    if ((now >= __kabuto_due)); then __kabuto_renew "$now"; fi
  fi
  if [[ $- == *e* ]]; then return 0; fi
  return "$code"
}

function __kabuto_hook {
  if [[ $- == *i* && ${PROMPT_COMMAND[*]-} != *__kabuto_prompt* ]]; then
    PROMPT_COMMAND="__kabuto_prompt${PROMPT_COMMAND:+$'\n'$PROMPT_COMMAND}"
  fi
}
__kabuto_hook
)sh";
}

}  // namespace cli
