/**
 * What each shell is given once. It asks the program for the words (`sluice completion words`, in bash `line`), and
 * completes names of files as it does for all programs. The answer to `words`: `files` or `words`, what stands
 * before the name of a file, and the words; to `line`: `files` or `words`, what the last word means, and the words as
 * they are to be inserted.
 */
export const COMPLETION_SCRIPTS: Readonly<Record<string, string>> = {
  bash: `# For ~/.bashrc: source <(sluice completion bash)
_sluice() {
  local reply
  COMPREPLY=()
  mapfile -t reply < <("\${COMP_WORDS[0]/#\\~\\//$HOME/}" completion line -- "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  COMPREPLY=("\${reply[@]:2}")
  if [[ \${reply[0]} == files ]]; then
    compopt -o filenames -o default 2>/dev/null
    # Without words among them, names of files are left to bash, which knows most of quotes.
    if (( \${#COMPREPLY[@]} )); then
      mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "\${reply[1]}")
    elif [[ \${reply[1]} == *:* && \${COMP_LINE:0:COMP_POINT} != *[\\'\\"\\\\]* ]]; then
      # Bash begins a word anew behind a colon.
      mapfile -t COMPREPLY < <(compgen -f -- "\${reply[1]}")
      COMPREPLY=("\${COMPREPLY[@]#"\${reply[1]%"\${reply[1]##*:}"}"}")
    fi
  fi
  [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
}
complete -F _sluice sluice
`,
  zsh: `#compdef sluice
# For ~/.zshrc, behind compinit: source <(sluice completion zsh); or as the file _sluice in a folder of fpath.
_sluice() {
  local -a reply open done
  reply=("\${(@f)$("\${(Q)words[1]/#\\~\\//$HOME/}" completion words -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  local kind=\${reply[1]} before=\${reply[2]}
  reply[1,2]=()
  open=("\${(@M)reply:#*=}") done=("\${(@)reply:#*=}")
  (( \${#open} )) && compadd -S '' -- "\${open[@]}"
  (( \${#done} )) && compadd -- "\${done[@]}"
  if [[ $kind == files ]]; then
    [[ -n $before ]] && compset -p \${#before}
    _files
  fi
  return 0
}
if [[ \${funcstack[1]} == _sluice ]]; then _sluice "$@"; else compdef _sluice sluice; fi
`,
  fish:
    `# For ~/.config/fish/completions/sluice.fish: sluice completion fish > ~/.config/fish/completions/sluice.fish
function __sluice_complete
    set -l tokens (commandline -opc)
    set -l current (commandline -ct | string replace -r '^[\\'"]' '' | string replace -ra '\\\\\\\\(.)' '$1')
    set -l reply ($tokens[1] completion words -- $tokens[2..-1] "$current" 2>/dev/null)
    if test (count $reply) -gt 2
        printf '%s\\n' $reply[3..-1]
    end
    if test "$reply[1]" = files
        set -l before (string length -- "$reply[2]")
        for file in (__fish_complete_path (string sub -s (math $before + 1) -- "$current"))
            printf '%s\\n' "$reply[2]$file"
        end
    end
end
complete -c sluice -f -a '(__sluice_complete)'
`,
};
