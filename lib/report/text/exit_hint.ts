/**
 * Where people stumble: programs whose exit code is an answer, and no failure.
 */
import type { Failure } from "../../core/failure.ts";

/** What exit code 1 means when they have said nothing else. */
const ANSWERS: Readonly<Record<string, string>> = {
  grep: "no line was found",
  egrep: "no line was found",
  fgrep: "no line was found",
  zgrep: "no line was found",
  rg: "no line was found",
  cmp: "the files differ",
  diff: "the files differ",
};

/** The last command of a script, as far as it can be known without a shell. */
const LAST_COMMAND = /(?:^|[|;&\n])\s*(?:[A-Za-z_]\w*=\S*\s+)*([\w./-]+)(?:[^|;&\n]*)\s*$/;

/** What to write where such a code is to be a success. */
export function explainExit(
  { command, code, ok, lastLines }: Pick<
    Extract<Failure, { kind: "exit" }>,
    "command" | "code" | "ok" | "lastLines"
  >,
): readonly string[] {
  if (code !== 1 || ok.includes(1) || lastLines.length > 0) return [];
  const [program = "", option, script = ""] = command;
  const isShell = /^(?:.*\/)?(?:ba|da|z|k)?sh$/.test(program) && option === "-c";
  const name = isShell ? LAST_COMMAND.exec(script)?.[1] ?? "" : program;
  const answer = ANSWERS[name.slice(name.lastIndexOf("/") + 1)];
  return answer === undefined ? [] : [`exit 1 says that ${answer} (where that is no failure: "ok": [0, 1])`];
}
