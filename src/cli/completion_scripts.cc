#include "cli/completion_scripts.h"

namespace cli {
namespace {

constexpr std::string_view kBash = R"(# kabuto's completion for bash: source <(kabuto completion bash)
_kabuto() {
  local answer first
  mapfile -t answer < <(command kabuto completion bash --breaks "$COMP_WORDBREAKS" -- \
    "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  COMPREPLY=()
  case ${answer[0]-} in
    values) COMPREPLY=("${answer[@]:1}") ;;
    files) compopt -o default ;;
    command)
      for ((first = 1; first < COMP_CWORD; ++first)); do
        [[ ${COMP_WORDS[first]} == -- ]] && break
      done
      ((++first))
      if declare -F _command_offset >/dev/null; then
        _command_offset "$first"
      elif declare -F _comp_command_offset >/dev/null; then
        _comp_command_offset "$first"
      elif ((COMP_CWORD == first)); then
        mapfile -t COMPREPLY < <(compgen -c -- "$2")
      else
        compopt -o default
      fi
      ;;
  esac
}
complete -F _kabuto kabuto
)";

constexpr std::string_view kZsh = R"(#compdef kabuto
# kabuto's completion for zsh: source <(kabuto completion zsh), or as _kabuto in a directory of fpath
_kabuto() {
  local -a answer values shown
  local line first
  answer=("${(@f)$(command kabuto completion zsh -- "${(@Q)words[1,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
  case ${answer[1]} in
    files) _files ;;
    command)
      first=${words[(i)--]}
      shift $first words
      (( CURRENT -= first ))
      _normal
      ;;
    values)
      for line in "${(@)answer[2,-1]}"; do
        values+=("${line%%$'\t'*}")
        shown+=("${line/$'\t'/  -- }")
      done
      compset -P '--[^=]#='
      if [[ ${answer[2]} == *$'\t'* ]]; then
        compadd -l -d shown -a values
      else
        compadd -a values
      fi
      ;;
  esac
}
if [[ ${funcstack[1]} == _kabuto ]]; then
  _kabuto "$@"
else
  compdef _kabuto kabuto
fi
)";

constexpr std::string_view kFish = R"(# kabuto's completion for fish: kabuto completion fish | source
function __kabuto_complete
    set -l words (commandline -opc)
    set -l answer (command kabuto completion fish -- $words (commandline -ct) 2>/dev/null)
    switch "$answer[1]"
        case files
            __fish_complete_path (commandline -ct)
        case command
            set -l dashes (contains -i -- -- $words)
            set -l rest
            if test $dashes -lt (count $words)
                set rest (string escape -- $words[(math $dashes + 1)..])
            end
            complete -C (string join ' ' -- $rest (commandline -ct))
        case values
            set -e answer[1]
            string join \n -- $answer
    end
end
complete -c kabuto -f -k -a '(__kabuto_complete)'
)";

}  // namespace

std::optional<std::string_view> completion_script(std::string_view shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  if (shell == "fish") return kFish;
  return std::nullopt;
}

}  // namespace cli
