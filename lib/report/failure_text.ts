/**
 * A failure of a run as text: which actor, its command, how it ended, and what it said last.
 */
import type { Failure } from "../core/failure.ts";
import { unreachable } from "../core/unreachable.ts";
import { makeHarmless } from "./make_harmless.ts";
import { makePaint } from "./paint.ts";
import { quoteCommand, shorten } from "./shell_quote.ts";

const COMMAND_LENGTH_MAX = 200;

/** Several lines, each ended by a line break. */
export function formatFailure(failure: Failure, { color }: { readonly color: boolean }): string {
  const paint = makePaint(color);
  const [head, ...rest] = describe(failure);
  const lines = [paint("red", head ?? ""), ...rest.map((line) => `  ${line}`)];
  return `${lines.join("\n")}\n`;
}

function describe(failure: Failure): readonly string[] {
  switch (failure.kind) {
    case "exit":
      return [
        `Actor "${failure.actor}" failed: ${howItEnded(failure)}`,
        `command: ${showCommand(failure.command)}`,
        ...(failure.lastLines.length === 0 ? [] : ["last lines on stderr:"]),
        ...failure.lastLines.map((line) => `  ${makeHarmless(line, { keepsColors: false })}`),
      ];
    case "spawn":
      return [
        `Cannot start actor "${failure.actor}": ${failure.reason}`,
        ...(failure.command.length === 0 ? [] : [`command: ${showCommand(failure.command)}`]),
      ];
    case "read":
      return [`Cannot read "${failure.path}" for actor "${failure.actor}": ${reasonOf(failure)}`];
    case "write":
      return [
        `Cannot write ${failure.target === "-" ? "standard output" : `output "${failure.target}"`}: ${
          reasonOf(failure)
        }`,
        ...(failure.errno === "ENOSPC" ? ["the disk is full; the file was not put in place"] : []),
      ];
    default:
      return unreachable(failure);
  }
}

/** The system's text; not every runtime puts the error's code into it. */
function reasonOf({ reason, errno }: { readonly reason: string; readonly errno: string }): string {
  return reason.includes(errno) ? reason : `${errno}: ${reason}`;
}

function howItEnded({ code, signal, ok }: Extract<Failure, { kind: "exit" }>): string {
  if (signal !== undefined) {
    return `ended by signal ${signal}${signal === "SIGKILL" ? " (perhaps out of memory)" : ""}`;
  }
  const meaning = MEANINGS[code ?? -1];
  const expected = ok.length === 1 && ok[0] === 0 ? "" : ` (expected ${ok.join(" or ")})`;
  return `exit ${code}${meaning === undefined ? "" : ` (${meaning})`}${expected}`;
}

const MEANINGS: Readonly<Record<number, string>> = {
  126: "a command was found but could not be executed",
  127: "a command was not found",
  137: "a process was ended by SIGKILL, perhaps out of memory",
  143: "a process was ended by SIGTERM",
};

function showCommand(command: readonly string[]): string {
  return shorten(makeHarmless(quoteCommand(command), { keepsColors: false }), COMMAND_LENGTH_MAX);
}
