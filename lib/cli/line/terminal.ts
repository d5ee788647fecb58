/**
 * What the program knows of the terminal it runs on.
 */
import process from "node:process";
import { isTerminal } from "../../host/is_terminal.ts";
import { runtimeName } from "../../host/runtime.ts";

/** Colours: `--no-color` and NO_COLOR forbid them, FORCE_COLOR demands them, else a terminal decides. */
export function wantsColor(fd: 1 | 2, isForbidden: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  if (isForbidden || (NO_COLOR !== undefined && NO_COLOR !== "")) return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "" && FORCE_COLOR !== "0") return true;
  return isTerminal(fd);
}

/** Tells the size of the terminal that standard error is, each time anew; undefined when it is none. */
export function errorTerminal(): (() => { readonly columns: number; readonly rows: number }) | undefined {
  // Bun makes a pipe non-blocking, for all who share it, as soon as it is asked for as a stream.
  if (!isTerminal(2)) return undefined;
  return () => {
    const { columns, rows } = process.stderr;
    return { columns: columns || 80, rows: rows || 24 }; // Some terminals say 0: unknown.
  };
}

/** How the program was called, for messages that tell what to type next. */
export function programName(): string {
  if (!process.argv[1]?.endsWith("mod.ts")) return "sluice";
  return runtimeName === "deno" ? "deno run -A mod.ts" : `${runtimeName} mod.ts`;
}
