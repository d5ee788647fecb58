/** `sluice import SCRIPT`, `sluice import -c 'PIPELINE'` */
import { readFileSync } from "node:fs";
import { FLOW_FILE_BYTES_MAX } from "../../core/limits/flow.ts";
import { readWhole } from "../../host/files/read_whole.ts";
import { isSystemError, messageOf } from "../../host/errno.ts";
import { writeText } from "../../report/sinks/write_text.ts";
import type { PlacedNote } from "../../shell/import_script.ts";
import { importScript } from "../../shell/import_script.ts";
import type { Arguments } from "../line/read_arguments.ts";
import { UsageError } from "../line/usage_error.ts";

/** Writes the flow to standard output, and what it cannot say to standard error. */
export function importCommand({ words, options }: Arguments): number {
  const { name, text } = readScript(words, options.c);
  const result = importScript(text);
  if (!result.ok) {
    throw new UsageError(`Cannot read a shell script:\n${format(name, result.mistakes)}`.trimEnd());
  }
  writeText(1, result.text);
  writeText(2, format(name, result.notes));
  return 0;
}

interface Script {
  readonly name: string;
  readonly text: string;
}

function readScript(words: readonly string[], command: string | undefined): Script {
  const [path, ...more] = words;
  if (command !== undefined) {
    if (path === undefined) return { name: "-c", text: command };
    throw new UsageError(`Cannot use "${path}" with -c: both say what to import (expected one of them)`);
  }
  if (path === undefined || more.length > 0) {
    throw new UsageError("Cannot import: expected one script, or -c 'PIPELINE'");
  }
  try {
    const bytes = path === "-" ? readFileSync(0) : readWhole(path, FLOW_FILE_BYTES_MAX);
    return { name: path, text: new TextDecoder().decode(bytes) };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new UsageError(`Cannot read "${path}": ${messageOf(error)}`);
  }
}

function format(name: string, notes: readonly PlacedNote[]): string {
  return notes.map(({ line, column, text }) => `${name}:${line}:${column}: ${text}\n`).join("");
}
