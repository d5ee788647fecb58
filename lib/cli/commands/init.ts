/** `sluice init [DIR]` */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import process from "node:process";
import { hasCode } from "../../host/errno.ts";
import { writeText } from "../../report/sinks/write_text.ts";
import type { Arguments } from "../line/read_arguments.ts";
import { programName } from "../line/terminal.ts";
import { UsageError } from "../line/usage_error.ts";

const FLOW = `{
  // A flow: actors are processes, "in" says whose output each one reads.
  "name": "first",
  "params": { "top": { "default": 3, "explain": "how many words to show" } },
  "actors": {
    "text": { "value": "the quick brown fox jumps over the lazy dog while the fox sleeps\\n" },
    "words": { "run": ["tr", " ", "\\n"], "in": "text", "explain": "one word a line" },
    "counts": { "sh": "sort | uniq -c | sort -k1,1nr -k2", "in": "words", "explain": "how often each one is there" },
    "best": { "run": ["head", "-n", "{param.top}"], "in": "counts" },
    "total": { "run": ["wc", "-w"], "in": "words", "explain": "the same words, read a second time" }
  },
  // Standard output gets these two, in this order. Files work too: { "-": "best", "total.txt": "total" }
  "out": ["best", "total"]
}
`;

export function initCommand({ words }: Arguments): number {
  const folder = words[0] ?? ".";
  const file = join(folder, "flow.json");
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, FLOW, { flag: "wx" });
  } catch (error) {
    const isThere = hasCode(error, "EEXIST");
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `Cannot write "${file}": ${isThere ? "it is there already (it stays as it is)" : reason}`,
    );
  }
  const shown = relative(process.cwd(), file);
  writeText(1, `Wrote ${shown}. Run it with:\n  ${programName()} ${shown}\n`);
  return 0;
}
