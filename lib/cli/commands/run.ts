/** `sluice [run] FLOW [ACTOR…]` */
import process from "node:process";
import { Writable } from "node:stream";
import type { RunEvent } from "../../core/event.ts";
import { planFlow } from "../../graph/plan_flow.ts";
import { preflight } from "../../process/preflight.ts";
import { ConsoleReporter } from "../../report/console_reporter.ts";
import type { EventLog } from "../../report/event_log.ts";
import { listPlanLines } from "../../report/plan_text.ts";
import { writeLines, writeText } from "../../report/write_text.ts";
import { runWithSignals } from "../../run/stop_signals.ts";
import type { Capture } from "../../store/capture.ts";
import { openFlow, refuse } from "../open_flow.ts";
import type { Arguments } from "../read_arguments.ts";
import { readProcesses, readSelection, readStart } from "../read_arguments.ts";
import { errorTerminal, wantsColor } from "../terminal.ts";
import { UsageError } from "../usage_error.ts";

export async function runCommand(given: Arguments): Promise<number> {
  const { options, words } = given;
  const color = wantsColor(process.stderr, options["no-color"] === true);
  const selection = readSelection(words.slice(1), options);
  const start = readStart(options.start);
  const processes = readProcesses(options.processes);
  const { flow, text } = await openFlow(given, color);
  const isForPrograms = options.json === true || options.events === "-";
  const terminal = isForPrograms ? undefined : errorTerminal();
  const isQuiet = options.quiet === true;
  // Output and live progress on one terminal: the engine writes both, so that neither overwrites the other.
  const isShared = terminal !== undefined && !isQuiet && process.stdout.isTTY === true;
  const planned = planFlow(flow, {
    selection,
    start,
    processes,
    stdout: isShared ? "stream" : "inherit",
    isCaptured: options.db !== undefined,
  });
  if (!planned.ok) return refuse(planned.issues, { text, color }) ?? 2;
  if (options["dry-run"] === true) {
    writeLines(1, listPlanLines(planned.plan));
    return 0;
  }
  refuse(preflight(planned.plan), { text, color });

  const capture = options.db === undefined ? undefined : await openDatabase(options.db);
  const reporter = new ConsoleReporter({
    color,
    terminal,
    isQuiet,
    write: (line) => void writeText(2, line),
  });
  const log = options.events === undefined ? undefined : await openLog(options.events);
  const onEvent = (event: RunEvent): void => {
    log?.write(event);
    // Standard error is for programs then: events or the result, not the same once more for people.
    if (!isForPrograms) reporter.report(event);
  };
  try {
    const wantsProgress = terminal !== undefined && !isQuiet;
    const stdout = isShared ? toReporter(reporter) : "inherit";
    const { stdout: _, ...result } = await runWithSignals(planned.plan, {
      onEvent,
      wantsProgress,
      stdout,
      ...(capture === undefined ? {} : { capture }),
    });
    if (options.json === true) writeText(2, `${JSON.stringify(result)}\n`);
    return result.exitCode;
  } finally {
    await capture?.close();
    log?.close();
  }
}

function toReporter(reporter: ConsoleReporter): Writable {
  return new Writable({
    write(chunk: Uint8Array, _, done) {
      reporter.writeOutput(chunk, (bytes) => void writeText(1, bytes));
      done();
    },
  });
}

async function openLog(target: string): Promise<EventLog> {
  const { openEventLog } = await import("../../report/event_log.ts");
  try {
    return openEventLog(target);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Cannot write events to "${target}": ${reason}`);
  }
}

async function openDatabase(file: string): Promise<Capture> {
  const [{ openCapture }, { StoreError }] = await Promise.all([
    import("../../store/capture.ts"),
    import("../../store/open_store.ts"),
  ]);
  try {
    return await openCapture(file);
  } catch (error) {
    throw error instanceof StoreError ? new UsageError(error.message) : error;
  }
}
