/**
 * Events as NDJSON, one object a line: to a file, or to a descriptor of this program.
 */
import { closeSync, openSync } from "node:fs";
import ndjson from "ndjson";
import type { RunEvent } from "../../core/event.ts";
import { writeAll } from "./write_text.ts";

export interface EventLog {
  write(event: RunEvent): void;
  /** Why events are missing in it, such as `ENOSPC`; undefined when all are there. */
  readonly problem: string | undefined;
  /** Resolves when all of them were taken, or cannot be; whoever is in a hurry does not wait for a slow reader. */
  close(options: { readonly isHurried: boolean }): Promise<void>;
}

/** Opens the log: a file, or a descriptor that stays open. Throws the system's error when the file cannot be written. */
export function openEventLog(target: string | number): EventLog {
  const fd = typeof target === "number" ? target : openSync(target, "w");
  const lines = ndjson.stringify();
  let problem: string | undefined;
  lines.on("data", (line: string | Uint8Array) => problem ??= writeAll(fd, line));
  return {
    get problem() {
      // Whoever reads standard error may leave.
      return fd === 2 && problem === "EPIPE" ? undefined : problem;
    },
    write: (event) => void lines.write(event),
    close() {
      lines.end();
      if (typeof target === "string") closeSync(fd);
      return Promise.resolve();
    },
  };
}
