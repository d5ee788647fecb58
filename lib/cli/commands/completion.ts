/** `sluice completion bash|zsh|fish`, and what the scripts that it prints ask: `completion words`, `completion line`. */
import process from "node:process";
import { writeText } from "../../report/sinks/write_text.ts";
import { listFlowNames } from "../../flow/list_flow_names.ts";
import { completeWords, type Completion, type FlowNames } from "../line/complete_words.ts";
import { COMPLETION_SCRIPTS } from "../line/completion_scripts.ts";
import { findSource } from "../line/open_flow.ts";
import { quoteForBash, readShellLine } from "../line/read_shell_line.ts";
import type { Arguments } from "../line/read_arguments.ts";
import { UsageError } from "../line/usage_error.ts";

export async function completionCommand({ words: [shell, ...rest] }: Arguments): Promise<number> {
  if (shell === "words") return await printWords(rest);
  if (shell === "line") return await printForLine(rest[0] ?? "");
  const script = shell === undefined || !Object.hasOwn(COMPLETION_SCRIPTS, shell)
    ? undefined
    : COMPLETION_SCRIPTS[shell];
  if (script === undefined || rest.length > 0) {
    const what = shell === undefined ? "" : ` for "${[shell, ...rest].join(" ")}"`;
    throw new UsageError(
      `Cannot complete${what} (expected sluice completion ${Object.keys(COMPLETION_SCRIPTS).join(", ")})`,
    );
  }
  writeText(1, script);
  return 0;
}

async function printWords(words: readonly string[]): Promise<number> {
  const { words: found, takesFile, before } = await complete(words);
  writeText(1, `${[takesFile ? "files" : "words", before, ...found].join("\n")}\n`);
  return 0;
}

/** For bash: it replaces a part of the last word only, and inserts what it is given as it stands. */
async function printForLine(text: string): Promise<number> {
  const line = readShellLine(text);
  const { words: found, takesFile } = await complete(line.words.slice(1));
  // Names of files, and the words among them, are quoted by bash itself.
  const shown = takesFile ? found : found.map((word) => quoteForBash(word, line));
  writeText(1, `${[takesFile ? "files" : "words", line.words.at(-1), ...shown].join("\n")}\n`);
  return 0;
}

/** Nothing is told of a flow that cannot be read. */
async function complete(words: readonly string[]): Promise<Completion> {
  return await completeWords(words, async (flow): Promise<FlowNames> => {
    try {
      return await listFlowNames(findSource(flow?.replace(/^~(?=\/)/, process.env["HOME"] ?? "~")));
    } catch (error) {
      if (error instanceof UsageError) return { actors: [], instances: [], params: new Map(), inputs: [] };
      throw error;
    }
  });
}
