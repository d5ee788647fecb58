/** `sluice completion bash|zsh|fish`, and `sluice completion words -- WORD…` for the scripts that it prints. */
import { writeText } from "../../report/sinks/write_text.ts";
import { listActorNames } from "../../flow/list_actor_names.ts";
import { completeWords } from "../line/complete_words.ts";
import { findSource } from "../line/open_flow.ts";
import type { Arguments } from "../line/read_arguments.ts";
import { UsageError } from "../line/usage_error.ts";

/** Each shell asks the program for the words, and completes names of files as it does for all programs. */
const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `# For ~/.bashrc: source <(sluice completion bash)
_sluice() {
  local reply
  COMPREPLY=()
  mapfile -t reply < <("\${COMP_WORDS[0]}" completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  COMPREPLY=("\${reply[@]:1}")
  if [[ \${reply[0]} == files ]]; then
    type compopt &>/dev/null && compopt -o filenames 2>/dev/null
    mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")
  fi
}
complete -F _sluice sluice
`,
  zsh: `#compdef sluice
# For ~/.zshrc, behind compinit: source <(sluice completion zsh); or as the file _sluice in a folder of fpath.
_sluice() {
  local -a reply
  reply=("\${(@f)$("\${words[1]}" completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  local kind=\${reply[1]}
  shift reply
  (( \${#reply} )) && compadd -- "\${reply[@]}"
  [[ $kind == files ]] && _files
  return 0
}
if [[ \${funcstack[1]} == _sluice ]]; then _sluice "$@"; else compdef _sluice sluice; fi
`,
  fish:
    `# For ~/.config/fish/completions/sluice.fish: sluice completion fish > ~/.config/fish/completions/sluice.fish
function __sluice_complete
    set -l tokens (commandline -opc)
    set -l current (commandline -ct)
    set -l reply ($tokens[1] completion words -- $tokens[2..-1] "$current" 2>/dev/null)
    if test (count $reply) -gt 1
        printf '%s\\n' $reply[2..-1]
    end
    if test "$reply[1]" = files
        __fish_complete_path "$current"
    end
end
complete -c sluice -f -a '(__sluice_complete)'
`,
};

export async function completionCommand({ words: [shell, ...rest] }: Arguments): Promise<number> {
  if (shell === "words") return await printWords(rest);
  const script = shell === undefined || !Object.hasOwn(SCRIPTS, shell) ? undefined : SCRIPTS[shell];
  if (script === undefined || rest.length > 0) {
    const what = shell === undefined ? "" : ` for "${[shell, ...rest].join(" ")}"`;
    throw new UsageError(
      `Cannot complete${what} (expected sluice completion ${Object.keys(SCRIPTS).join(", ")})`,
    );
  }
  writeText(1, script);
  return 0;
}

/** The first line says whether a file may stand there; nothing is told of a flow that cannot be read. */
async function printWords(words: readonly string[]): Promise<number> {
  const { words: found, takesFile } = await completeWords(words, async (flow) => {
    try {
      return await listActorNames(findSource(flow));
    } catch (error) {
      if (error instanceof UsageError) return [];
      throw error;
    }
  });
  writeText(1, `${[takesFile ? "files" : "words", ...found].join("\n")}\n`);
  return 0;
}
