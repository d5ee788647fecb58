/** `sluice [run] FLOW [ACTOR…]` */
import { isatty } from "node:tty";
import { Writable } from "node:stream";
import type { RunEvent } from "../../core/event.ts";
import type { Flow } from "../../core/flow.ts";
import type { FlowText } from "../../flow/flow_text.ts";
import { planFlow } from "../../graph/plan_flow.ts";
import { isNamedPipe } from "../../host/named_pipe.ts";
import { checkStandard } from "../../process/check_standard.ts";
import { preflight } from "../../process/preflight.ts";
import { canLook } from "../../process/process_table.ts";
import { ConsoleReporter } from "../../report/console_reporter.ts";
import type { EventLog } from "../../report/event_log.ts";
import { listPlanLines } from "../../report/plan_text.ts";
import { writeAll, writeLines, writeText } from "../../report/write_text.ts";
import type { LoadedState } from "../../run/load_state.ts";
import { withStores } from "../../run/run_stores.ts";
import { runWithSignals } from "../../run/stop_signals.ts";
import { StoreError } from "../../store/store_error.ts";
import { openFlow, refuse } from "../open_flow.ts";
import type { Arguments, GivenOptions } from "../read_arguments.ts";
import { readDatabase, readProcesses, readSelection, readStart, readUntil } from "../read_arguments.ts";
import { errorTerminal, wantsColor } from "../terminal.ts";
import { UsageError } from "../usage_error.ts";

const EXIT_FAILED = 1;

export async function runCommand(given: Arguments): Promise<number> {
  const { options } = given;
  const color = wantsColor(2, options["no-color"] === true);
  const { flow, text } = await openFlow(given, color);
  const state = await openState(flow, options);
  try {
    return await runOpened(given, { flow: state?.flow ?? flow, state, text, color });
  } finally {
    await state?.remove();
  }
}

interface Opened {
  readonly flow: Flow;
  readonly state: LoadedState | undefined;
  readonly text: FlowText;
  readonly color: boolean;
}

async function runOpened(
  { options, words }: Arguments,
  { flow, state, text, color }: Opened,
): Promise<number> {
  const db = readDatabase(options);
  const until = readUntil(options.until);
  const terminal = isForPrograms(options) ? undefined : errorTerminal();
  const isQuiet = options.quiet === true;
  // Output and live progress on one terminal: the engine writes both, so that neither overwrites the other.
  const isShared = terminal !== undefined && !isQuiet && isatty(1);
  const standard = { stdin: "inherit", stdout: isShared ? "stream" : "inherit" } as const;
  const planned = planFlow(flow, {
    isNamedPipe,
    canLook: canLook(),
    selection: readSelection(words.slice(1), options),
    start: readStart(options.start),
    processes: readProcesses(options.processes),
    ...standard,
    isCaptured: db !== undefined,
  });
  if (!planned.ok) return refuse(planned.issues, { text, color }) ?? 2;
  if (options["dry-run"] === true) {
    writeLines(1, listPlanLines(planned.plan));
    return 0;
  }
  if (state !== undefined) {
    await explainStore(() => state.prepare(planned.plan, { isCaptured: db !== undefined }));
  }
  refuse([...preflight(planned.plan), ...checkStandard(planned.plan, standard)], { text, color });

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
    if (!isForPrograms(options)) reporter.report(event);
  };
  try {
    const { stdout: _, ...result } = await explainStore(() =>
      withStores(planned.plan, { db }, (stores) =>
        runWithSignals(planned.plan, {
          onEvent,
          wantsMessages: options.events !== undefined || db !== undefined,
          until,
          isResumed: options.resume === true,
          wantsProgress: terminal !== undefined && !isQuiet,
          stdout: isShared ? toReporter(reporter) : "inherit",
          isCacheIgnored: options["no-cache"] === true,
          ...stores,
          ...(state === undefined ? {} : { state }),
        }))
    );
    const lost = options.json === true ? writeAll(2, `${JSON.stringify(result)}\n`) : undefined;
    if (log?.problem !== undefined) {
      const why = `${log.problem} (the rest of them is lost)`;
      writeText(2, `sluice: Cannot write events to "${options.events}": ${why}\n`);
    }
    // Whoever reads standard error may leave; what cannot be written for another reason is missed by somebody.
    const isTold = (lost === undefined || lost === "EPIPE") && log?.problem === undefined;
    return isTold ? result.exitCode : result.exitCode || EXIT_FAILED;
  } finally {
    log?.close();
  }
}

function isForPrograms({ json, events }: GivenOptions): boolean {
  return json === true || events === "-";
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

/** What an earlier run has built, when there is one to go on from. */
async function openState(flow: Flow, options: GivenOptions): Promise<LoadedState | undefined> {
  const { "load-state": file, resume = false } = options;
  if (file === undefined && !resume) return undefined;
  const { loadState, resumeState } = await import("../../run/load_state.ts");
  if (!resume) return await explainStore(() => file === undefined ? undefined : loadState(flow, file));
  if (file !== undefined) {
    throw new UsageError(
      "Cannot combine --resume and --load-state: --resume goes on with what --db names (expected one of them)",
    );
  }
  const db = readDatabase(options);
  if (db !== undefined) return await explainStore(() => resumeState(flow, db));
  if ([...flow.actors.values()].some(({ isCached }) => isCached)) return undefined;
  throw new UsageError(
    'There is nothing to resume from (expected --db FILE, given in the first run too, or actors with "cache": true)',
  );
}

/** A database that cannot be used is a mistake of whoever named it. */
async function explainStore<Result>(action: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    throw error instanceof StoreError ? new UsageError(error.message) : error;
  }
}
