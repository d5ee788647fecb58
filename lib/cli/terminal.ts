/**
 * What the program knows of the terminal it runs on.
 */
import process from "node:process";
import { runtimeName } from "../host/runtime.ts";

/** Colours: `--no-color` and NO_COLOR forbid them, FORCE_COLOR demands them, else a terminal decides. */
export function wantsColor(stream: { readonly isTTY?: boolean }, isForbidden: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  if (isForbidden || (NO_COLOR !== undefined && NO_COLOR !== "")) return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "" && FORCE_COLOR !== "0") return true;
  return stream.isTTY === true;
}

/** The size of the terminal that standard error is, undefined when it is none. Some terminals say 0: unknown. */
export function errorTerminal(): { readonly columns: number; readonly rows: number } | undefined {
  const { stderr } = process;
  return stderr.isTTY === true ? { columns: stderr.columns || 80, rows: stderr.rows || 24 } : undefined;
}

/** How the program was called, for messages that tell what to type next. */
export function programName(): string {
  if (!process.argv[1]?.endsWith("mod.ts")) return "sluice";
  return runtimeName === "deno" ? "deno run -A mod.ts" : `${runtimeName} mod.ts`;
}
