/**
 * `--ui [HOST:PORT]`, `--ui-control`, `--ui-stay` and `--report FILE`: a run as a page.
 */
import { resolve } from "node:path";
import process from "node:process";
import type { RunEvent } from "../../core/event.ts";
import type { Plan } from "../../core/plan.ts";
import { listTalks } from "../../graph/list_messaging.ts";
import { randomId } from "../../host/random_id.ts";
import { askForNetwork, describeRuntime } from "../../host/runtime.ts";
import { onSignal } from "../../host/spawn/ignored_signals.ts";
import { findOutputPlace } from "../../process/start/output_place.ts";
import { LivePage } from "../../report/web/live_page.ts";
import { pageOfPlan } from "../../report/web/page_of_plan.ts";
import type { Served } from "../../report/web/page_server.ts";
import { PageServer } from "../../report/web/page_server.ts";
import { probeReport, type ReportPlace, writeReport } from "../../report/web/write_report.ts";
import { writeText } from "../../report/sinks/write_text.ts";
import type { RunControl } from "../../run/state/run_options.ts";
import type { GivenOptions } from "./read_arguments.ts";
import { UsageError } from "./usage_error.ts";
import { VERSION } from "./version.ts";

type PageOptions = Pick<GivenOptions, "ui" | "ui-control" | "ui-stay" | "report">;

/** A run that is shown as a page, and written as one at its end. */
export class ShownPage {
  readonly #options: PageOptions;
  readonly #report: ReportPlace | undefined;
  #control: RunControl | undefined;
  #page: LivePage | undefined;
  #server: PageServer | undefined;
  /** Why there is no report. */
  problem: string | undefined;

  /** Throws a UsageError when it cannot be served, or written, where it is asked for. */
  constructor(options: PageOptions) {
    this.#options = options;
    for (const name of ["ui-control", "ui-stay"] as const) {
      if (options[name] === undefined || options.ui !== undefined) continue;
      throw new UsageError(`Cannot use --${name}: there is no page (expected --ui beside it)`);
    }
    if (options.report !== undefined) this.#report = checkReport(options.report);
  }

  /** Before the first process: from now on browsers may look. */
  async begin(plan: Plan): Promise<void> {
    const { ui, "ui-control": mayControl = false } = this.#options;
    this.#page = new LivePage(
      pageOfPlan(plan, {
        use: "live",
        engine: `sluice ${VERSION}, ${describeRuntime()}`,
        pid: process.pid,
        mayControl,
        talks: listTalks(plan.flow),
        at: Date.now(),
      }),
      mayControl ? { order: (actor, does) => this.#control?.order(actor, does) ?? 0 } : {},
    );
    if (ui !== undefined) this.#server = await servePage(this.#page, ui);
  }

  setControl(control: RunControl): void {
    this.#control = control;
  }

  write(event: RunEvent): void {
    this.#page?.write(event);
  }

  writeStderr(actor: string, lines: string): void {
    this.#page?.writeStderr(actor, lines);
  }

  /** The run is over. */
  async close({ isHurried }: { readonly isHurried: boolean }): Promise<void> {
    const { "ui-stay": stays = false } = this.#options;
    if (this.#report !== undefined && this.#page !== undefined) {
      try {
        await writeReport(this.#report, await this.#page.report());
      } catch (error) {
        this.problem = reasonOf(error);
      }
    }
    if (stays && !isHurried && this.#server !== undefined) {
      writeText(2, "the run is over; its page stays until Ctrl-C\n");
      await untilSignal();
    }
    await this.#server?.close();
  }
}

/** Serves a page and prints its address. Throws a UsageError. */
export async function servePage(page: Served, address: string): Promise<PageServer> {
  const { host, port } = readAddress(address);
  const refused = askForNetwork(`${host.includes(":") ? `[${host}]` : host}:${port}`);
  if (refused !== undefined) throw new UsageError(refused);
  const server = new PageServer(page, { host, port, token: newSecret(), secret: newSecret() });
  try {
    const url = await server.listen();
    writeText(2, `page: ${url}\n`);
  } catch (error) {
    throw new UsageError(`Cannot serve the page at "${address}": ${reasonOf(error)}`);
  }
  return server;
}

/** `HOST:PORT`, `:PORT` or `PORT`; loopback, and any port that is free, where nothing is said. */
export function readAddress(address: string): { readonly host: string; readonly port: number } {
  const [, bracketed, named, digits] = /^(?:\[([^\]]+)\]:|([^:[\]]*):)?(\d{1,5})$/.exec(address) ?? [];
  const port = Number(digits);
  if (digits !== undefined && port <= PORT_MAX) return { host: bracketed ?? (named || LOOPBACK), port };
  throw new UsageError(
    `Cannot serve the page at "${address}" (expected --ui HOST:PORT, such as --ui 127.0.0.1:4000)`,
  );
}

const LOOPBACK = "127.0.0.1";
const PORT_MAX = 65_535;

/** Resolves when somebody ends the program. */
export async function untilSignal(): Promise<void> {
  const removes: (() => void)[] = [];
  await new Promise<void>((settle) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) removes.push(onSignal(signal, settle));
  });
  for (const remove of removes) remove();
}

/** Where it is written; throws a UsageError when it cannot be. What is replaced has to be a file, links are followed. */
export function checkReport(file: string): ReportPlace {
  const place = findOutputPlace(resolve(file));
  try {
    if (place.kind === "file") {
      probeReport(place);
      return place;
    }
  } catch (error) {
    throw new UsageError(`Cannot write the report to "${file}": ${reasonOf(error)}`);
  }
  const reason = place.kind === "refused"
    ? place.reason
    : `it is a ${place.kind === "pipe" ? "named pipe" : place.kind} (expected a file)`;
  throw new UsageError(`Cannot write the report to "${file}": ${reason}`);
}

function newSecret(): string {
  return `${randomId()}${randomId()}`.replaceAll("-", "");
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
