/** `sluice [run] FLOW [ACTOR…]`: a client of the library's `run`. */
import process from "node:process";
import type { Writable } from "node:stream";
import type { RunEvent } from "../../core/event.ts";
import { type Flow, mayBeCached } from "../../core/flow.ts";
import { hidePlan } from "../../core/secrets.ts";
import type { RunResult } from "../../core/result.ts";
import { EVENTS_UNREAD_MS } from "../../core/limits/streams.ts";
import { isTerminal } from "../../host/is_terminal.ts";
import { ConsoleReporter } from "../../report/sinks/console_reporter.ts";
import type { EventLog } from "../../report/sinks/event_log.ts";
import type { WorkflowCommands } from "../../report/sinks/workflow_commands.ts";
import type { LiveView } from "../../report/sinks/live_view.ts";
import { writeAll, writeLines, writeText } from "../../report/sinks/write_text.ts";
import type { RunOptions } from "../../run/state/run_options.ts";
import { planOfRun, run } from "../../run/run_flow.ts";
import type { OpenedFlow } from "../line/open_flow.ts";
import { explainStore, openFlow, placed, withPlaces } from "../line/open_flow.ts";
import type { ShownPage } from "../line/open_page.ts";
import type { Telemetry } from "../line/open_telemetry.ts";
import type { Arguments, GivenOptions } from "../line/read_arguments.ts";
import { readDatabase, readProcesses, readSelection, readStart, readUntil } from "../line/read_arguments.ts";
import { errorTerminal, wantsColor } from "../line/terminal.ts";
import { UsageError } from "../line/usage_error.ts";

const EXIT_FAILED = 1;

export async function runCommand(given: Arguments): Promise<number> {
  const color = wantsColor(2, given.options["no-color"] === true);
  const opened = keepGoing(await openFlow(given, color), given);
  if (given.options["dry-run"] !== true) return await runOpened(given, opened);
  const options = readOptions(given, opened.flow);
  const plan = await withPlaces(
    { ...opened, color },
    () => explainStore(() => planOfRun(opened.flow, options)),
  );
  const { listPlanLines } = await import("../../report/picture/plan_text.ts");
  writeLines(1, listPlanLines(hidePlan(plan), { isExpanded: given.options.expand === true }));
  return 0;
}

/** Runs a flow that was opened; the answer is the exit code. An abort of `signal` stops it. */
export async function runOpened(given: Arguments, opened: OpenedFlow, signal?: AbortSignal): Promise<number> {
  const shown = new ShownRun(given, {
    ...await loadSinks(given.options),
    signal,
    telemetry: await loadTelemetry(given.options),
    page: await loadPage(given.options),
  });
  return await shown.run({ ...opened, options: { ...readOptions(given, opened.flow), ...shown.options } });
}

/** `--keep-going` */
function keepGoing(opened: OpenedFlow, { options }: Arguments): OpenedFlow {
  return options["keep-going"] === true
    ? { ...opened, flow: { ...opened.flow, onFailure: "continue" } }
    : opened;
}

/** What the command line says of the run itself. Throws a UsageError. */
export function readOptions({ options, words }: Arguments, flow: Flow): RunOptions {
  const { "load-state": loadState, resume = false } = options;
  if (resume && loadState !== undefined) {
    throw new UsageError(
      "Cannot combine --resume and --load-state: --resume goes on with what --db names (expected one of them)",
    );
  }
  for (const name of ["log-format", "log-size"] as const) {
    if (options[name] === undefined || options.log !== undefined) continue;
    throw new UsageError(`Cannot use --${name}: there is no log (expected --log FILE beside it)`);
  }
  const db = readDatabase(options);
  if (resume && db === undefined && ![...flow.actors.values()].some(mayBeCached)) {
    throw new UsageError(
      'There is nothing to resume from (expected --db FILE, given in the first run too, or actors with "cache": true)',
    );
  }
  return {
    until: readUntil(options.until),
    selection: readSelection(words.slice(1), options),
    start: readStart(options.start),
    processes: readProcesses(options.processes),
    resume,
    isCacheIgnored: options["no-cache"] === true,
    wantsMessages: options.events !== undefined || db !== undefined,
    checkMessages: options["check-messages"] === true,
    stopsOnSignals: true,
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(db === undefined ? {} : { db }),
    ...(loadState === undefined ? {} : { loadState }),
  };
}

/** Where a run is shown: what only some places need is loaded there. */
interface Sinks {
  /** Standard error is one, and for people. */
  readonly isTerminal: boolean;
  readonly live?: LiveView | undefined;
  readonly commands?: WorkflowCommands | undefined;
}

interface ShownOptions extends Sinks {
  readonly signal: AbortSignal | undefined;
  readonly telemetry: Telemetry | undefined;
  readonly page: ShownPage | undefined;
}

/** `--ui` and `--report` */
async function loadPage(options: GivenOptions): Promise<ShownPage | undefined> {
  const asked = [options.ui, options.report, options["ui-control"], options["ui-stay"]];
  if (asked.every((value) => value === undefined)) return undefined;
  return new (await import("../line/open_page.ts")).ShownPage(options);
}

/** `--otlp URL`, or as OpenTelemetry's programs are told it. */
async function loadTelemetry({ otlp }: GivenOptions): Promise<Telemetry | undefined> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED } = process.env;
  const isAsked = OTEL_EXPORTER_OTLP_ENDPOINT !== "" && OTEL_SDK_DISABLED !== "true";
  const endpoint = otlp ?? (isAsked ? OTEL_EXPORTER_OTLP_ENDPOINT : undefined);
  if (endpoint === undefined) return undefined;
  return (await import("../line/open_telemetry.ts")).openTelemetry(endpoint);
}

async function loadSinks(options: GivenOptions): Promise<Sinks> {
  const size = isForPrograms(options) ? undefined : errorTerminal();
  const isTerminal = size !== undefined;
  if (options.quiet === true) return { isTerminal };
  const commands = process.env["GITHUB_ACTIONS"] === "true"
    ? new (await import("../../report/sinks/workflow_commands.ts")).WorkflowCommands((text) =>
      void writeText(2, text)
    )
    : undefined;
  if (size === undefined) return { isTerminal, commands };
  const { LiveView } = await import("../../report/sinks/live_view.ts");
  return { isTerminal, commands, live: new LiveView({ size, isExpanded: options.expand === true }) };
}

/** A run of which people, or programs, are told: on standard error, in a log of events. */
class ShownRun {
  /** What of it the run has to know. */
  readonly options: RunOptions;
  readonly #given: GivenOptions;
  readonly #reporter: ConsoleReporter;
  readonly #color: boolean;
  /** Only where GitHub runs it. */
  readonly #commands: WorkflowCommands | undefined;
  /** By the option that names them. */
  readonly #logs: { readonly option: "events" | "log"; readonly log: EventLog }[] = [];
  readonly #telemetry: Telemetry | undefined;
  readonly #page: ShownPage | undefined;
  #isPlanned = false;

  constructor(
    { options }: Arguments,
    { signal, isTerminal: hasTerminal, live, commands, telemetry, page }: ShownOptions,
  ) {
    const isQuiet = options.quiet === true;
    const color = wantsColor(2, options["no-color"] === true);
    this.#given = options;
    this.#color = color;
    this.#commands = commands;
    this.#telemetry = telemetry;
    this.#page = page;
    this.#reporter = new ConsoleReporter({
      color,
      isTerminal: hasTerminal,
      live,
      isQuiet,
      write: (line) => void writeText(2, line),
    });
    const isLive = live !== undefined;
    this.options = {
      wantsProgress: isLive || page !== undefined,
      ...page === undefined ? {} : { wantsEdges: true, onStarted: (control) => page.setControl(control) },
      ...telemetry === undefined ? {} : { trace: telemetry.trace, wantsMessages: true },
      // Output and live progress on one terminal: the engine writes both, so that neither overwrites the other.
      stdout: isLive && isTerminal(1) ? toReporter(this.#reporter) : "inherit",
      onPlanned: async (plan) => {
        this.#isPlanned = true;
        if ((options.events ?? options.log ?? options.report) !== undefined) {
          (await import("../line/check_written.ts")).checkWritten(plan, options);
        }
        await page?.begin(plan);
        await this.#openLogs();
      },
      ...!hasTerminal
        ? {}
        : { onOpenLine: (actor: string, text: string) => this.#reporter.reportOpenLine(actor, text) },
      // Whoever stops it knows why.
      onEvent: (event) => signal?.aborted === true ? undefined : this.#tell(event),
      // Logs have each line.
      ...isForPrograms(options) || (options.events ?? options.log) !== undefined ? {} : {
        onStderr: (actor, lines) => {
          page?.writeStderr(actor, lines);
          if (signal?.aborted !== true) this.#reporter.reportStderr(actor, lines);
        },
      },
      ...signal === undefined ? {} : { signal },
    };
  }

  /** The answer is the exit code. */
  async run({ flow, text, options }: OpenedFlow & { readonly options: RunOptions }): Promise<number> {
    try {
      const { stdout: _, ...result } = await explainStore(() => run(flow, options));
      await this.#closeLogs({ isHurried: result.state === "stopped" });
      return this.#conclude(result);
    } catch (error) {
      await this.#closeLogs({ isHurried: true });
      // What goes wrong when the flow could run here is not the flow's fault.
      throw this.#isPlanned ? error : await placed(error, { text, color: this.#color });
    }
  }

  async #openLogs(): Promise<void> {
    const { events, log } = this.#given;
    if (log !== undefined) {
      const { openFileLog } = await import("../line/open_run_log.ts");
      this.#logs.push({ option: "log", log: openFileLog(log, this.#given) });
    }
    if (events !== undefined) {
      const { openLog } = await import("../line/open_event_log.ts");
      this.#logs.push({ option: "events", log: await openLog(events) });
    }
  }

  async #closeLogs(how: { readonly isHurried: boolean }): Promise<void> {
    const { events } = this.#given;
    const timer = setTimeout(() => {
      if (events !== undefined) {
        writeText(2, `sluice: "${events}" is not read: waiting for somebody who does\n`);
      }
    }, EVENTS_UNREAD_MS);
    for (const { log } of this.#logs) await log.close(how);
    clearTimeout(timer);
    await this.#telemetry?.exporter.close();
    await this.#page?.close(how);
  }

  #tell(event: RunEvent): void {
    for (const { log } of this.#logs) log.write(event);
    this.#telemetry?.exporter.write(event);
    this.#page?.write(event);
    // Standard error is for programs then: events or the result, not the same once more for people.
    if (isForPrograms(this.#given)) return;
    this.#commands?.before(event);
    this.#reporter.report(event);
  }

  #conclude(result: Omit<RunResult, "stdout">): number {
    const { json } = this.#given;
    const lost = json === true ? writeAll(2, `${JSON.stringify(result)}\n`) : undefined;
    const problems = this.#logs.filter(({ log }) => log.problem !== undefined);
    for (const { option, log } of problems) {
      const [what, rest] = option === "events" ? ["events", "of them"] : ["the log", "of it"];
      writeText(
        2,
        `sluice: Cannot write ${what} to "${
          this.#given[option]
        }": ${log.problem} (the rest ${rest} is lost)\n`,
      );
    }
    const unwritten = this.#page?.problem;
    if (unwritten !== undefined) {
      writeText(2, `sluice: Cannot write the report to "${this.#given.report}": ${unwritten}\n`);
    }
    const unsent = this.#telemetry?.exporter.problem;
    // What is only looked at later does not fail what was done.
    if (unsent !== undefined) writeText(2, `sluice: Cannot send telemetry: ${unsent} (the rest is lost)\n`);
    // Whoever reads standard error may leave; what cannot be written for another reason is missed by somebody.
    const isTold = (lost === undefined || lost === "EPIPE") && problems.length === 0 &&
      unwritten === undefined;
    return isTold ? result.exitCode : result.exitCode || EXIT_FAILED;
  }
}

function isForPrograms({ json, events }: GivenOptions): boolean {
  return json === true || events === "-";
}

function toReporter(reporter: ConsoleReporter): Writable {
  const { Writable } = process.getBuiltinModule("node:stream"); // Only people at a terminal need it.
  return new Writable({
    write(chunk: Uint8Array, _, done) {
      reporter.writeOutput(chunk, (bytes) => void writeText(1, bytes));
      done();
    },
  });
}
