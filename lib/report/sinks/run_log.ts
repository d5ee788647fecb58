/**
 * `--log`: what happens, with times, in a file that may be written for months.
 */
import type { RunEvent } from "../../core/event.ts";
import { isLive } from "../../core/event.ts";
import { ConsoleReporter } from "./console_reporter.ts";
import type { EventLog } from "./event_log.ts";
import type { RotationLimits } from "./rotating_file.ts";
import { RotatingFile } from "./rotating_file.ts";

export interface RunLogOptions extends RotationLimits {
  /** Events as NDJSON, or what people are told, each line behind its time. */
  readonly format: "json" | "text";
}

/** Throws the system's error when the file cannot be written. */
export function openRunLog(path: string, { format, ...limits }: RunLogOptions): EventLog {
  const file = new RotatingFile(path, limits);
  return {
    get problem() {
      return file.problem;
    },
    write: format === "json" ? (event) => writeJson(event, file) : writeTexts(file),
    close() {
      file.close();
      return Promise.resolve();
    },
  };
}

function writeJson(event: RunEvent, file: RotatingFile): void {
  if (!isLive(event)) file.write(`${JSON.stringify(event)}\n`);
}

function writeTexts(file: RotatingFile): (event: RunEvent) => void {
  let at = 0;
  const reporter = new ConsoleReporter({
    color: false,
    isTerminal: false,
    isQuiet: false,
    write(text) {
      if (text === "") return;
      const time = new Date(at).toISOString();
      file.write(text.replace(/^/gm, (_, offset: number) => offset === text.length ? "" : `${time} `));
    },
  });
  return (event) => {
    at = event.at;
    if (event.type === "run-started") file.write(`${new Date(at).toISOString()} ${event.flow} starts\n`);
    reporter.report(event);
  };
}
