/**
 * Events as NDJSON, one object a line: to a file, or to standard error.
 */
import { closeSync, openSync } from "node:fs";
import ndjson from "ndjson";
import type { RunEvent } from "../core/event.ts";
import { writeText } from "./write_text.ts";

export interface EventLog {
  write(event: RunEvent): void;
  close(): void;
}

/** Opens the log; `-` is standard error. Throws the system's error when the file cannot be written. */
export function openEventLog(target: string): EventLog {
  const fd = target === "-" ? 2 : openSync(target, "w");
  const lines = ndjson.stringify();
  lines.on("data", (line: string | Uint8Array) => void writeText(fd, line));
  return {
    write: (event) => void lines.write(event),
    close() {
      lines.end();
      if (fd !== 2) closeSync(fd);
    },
  };
}
