/** The shells that `rote completion` has a script for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

// Each script only carries the line to rote and the answer to the shell: what can be completed is decided in one place. The
// first line of an answer is `files` when the shell's own files fit, else `words`.

const BASH = `# Completion of rote for bash, version 3.2 or newer. For every new shell, put this line into ~/.bashrc:
#   source <(rote completion bash)
# or, with bash-completion installed:
#   rote completion bash > ~/.local/share/bash-completion/completions/rote

_rote() {
  local line kind=
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ -z $kind ]]; then kind=$line; else COMPREPLY+=("$line"); fi
  done <<< "$(rote --quiet completion bash --answer -- "\${COMP_LINE:0:COMP_POINT}" "$2" "$COMP_TYPE" 2>/dev/null </dev/null)"
  if [[ $kind == files ]] && type compopt &>/dev/null; then compopt -o default; fi
}

if type compopt &>/dev/null; then complete -F _rote rote; else complete -o default -F _rote rote; fi
`

const ZSH = `#compdef rote
# Completion of rote for zsh. Put this line into ~/.zshrc, behind compinit:
#   source <(rote completion zsh)
# or put the script where zsh looks for such (see: echo $fpath):
#   rote completion zsh > ~/.zsh/completions/_rote

_rote() {
  local current=$PREFIX line kind=
  local -a before values shown
  [[ $compstate[quote] == "'" ]] || current=\${(Q)PREFIX}
  before=("\${(@Q)words[2,CURRENT-1]}")
  while IFS= read -r line; do
    if [[ -z $kind ]]; then kind=$line; continue; fi
    values+=("\${line%%$'\\t'*}")
    line=\${line#*$'\\t'}
    shown+=("\${values[-1]}\${line:+  -- $line}")
  done < <(rote --quiet completion zsh --answer -- "\${before[@]}" "$current" 2>/dev/null </dev/null)
  if (( $#values )); then
    compadd -l -M 'm:{[:lower:][:upper:]}={[:upper:][:lower:]}' -d shown -a -- values
  elif [[ $kind == files ]]; then
    [[ $PREFIX == --*=* ]] && compset -P '*='
    _files
  fi
}

if [[ $funcstack[1] == _rote ]]; then _rote "$@"; else compdef _rote rote; fi
`

const FISH = `# Completion of rote for fish. Once:
#   rote completion fish > ~/.config/fish/completions/rote.fish

function __rote_complete
    set -l before (commandline -xpc 2>/dev/null; or commandline -opc)
    set -l token (commandline -ct)
    set -l current (string unescape -- $token; or string unescape -- $token"'"; or string unescape -- $token'"'; or echo $token)
    set -l lines (rote --quiet completion fish --answer -- $before[2..-1] "$current" 2>/dev/null </dev/null)
    if test "$lines[1]" = files
        set -l parts (string match -r -- '^((?:--[^=]+=)?)(.*)$' "$current")
        for file in (__fish_complete_path "$parts[3]")
            echo -- "$parts[2]$file"
        end
    end
    for line in $lines[2..-1]
        echo -- $line
    end
end

complete -c rote -f -a '(__rote_complete)'
`

/** What each shell runs to complete lines of rote. */
export const SCRIPTS: Record<Shell, string> = { bash: BASH, zsh: ZSH, fish: FISH }
