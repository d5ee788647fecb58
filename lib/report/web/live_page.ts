/**
 * A run for people who look: what its events make of it, for browsers, for a report, and as figures.
 */
import type { RunEvent } from "../../core/event.ts";
import { formatPrometheus } from "../telemetry/prometheus_text.ts";
import { RunMetrics } from "../telemetry/run_metrics.ts";
import { layPicture } from "./lay_picture.ts";
import type { PageChange, PageOrder } from "./page_change.ts";
import { listPageFigures } from "./page_figures.ts";
import type { PageLayout } from "./page_layout.ts";
import type { PageRun } from "./page_run.ts";
import type { Served } from "./page_server.ts";
import { RunModel } from "./run_model.ts";

export interface LivePageOptions {
  /** Halts, continues or ends an actor's processes; how many there were. Undefined where the page may not. */
  readonly order?: ((actor: string, does: PageOrder["does"]) => number) | undefined;
  readonly part?: Served["part"];
}

export class LivePage implements Served {
  readonly part: Served["part"];
  readonly #model: RunModel;
  readonly #metrics = new RunMetrics();
  readonly #order: LivePageOptions["order"];
  #laying: Promise<PageLayout> | undefined;

  constructor(start: PageRun, { order, part }: LivePageOptions = {}) {
    this.#model = new RunModel(start);
    this.#order = order;
    this.part = part;
  }

  get obey(): Served["obey"] {
    return this.#order === undefined ? undefined : (order) => this.#obey(order);
  }

  write(event: RunEvent): void {
    this.#metrics.note(event);
    this.#model.note(event);
  }

  writeStderr(actor: string, lines: string): void {
    this.#model.noteStderr(actor, lines);
  }

  get hasEnded(): boolean {
    return this.#model.hasEnded;
  }

  /** Whoever looks first has the picture made, which comes with a change. */
  whole(): PageRun {
    if (this.#model.layout === undefined) void this.#layOnce();
    return this.#model.whole();
  }

  take(): PageChange | undefined {
    return this.#model.take();
  }

  async layout(open: readonly string[]): Promise<PageLayout> {
    return open.length === 0 ? await this.#layOnce() : await layPicture(this.#model.whole(), open);
  }

  metrics(): string {
    return formatPrometheus([...this.#metrics.listFigures(), ...listPageFigures(this.#model.whole())]);
  }

  /** As it is, with its picture, for a file. */
  async report(): Promise<PageRun> {
    await this.#layOnce();
    return { ...this.#model.whole(), use: "report", mayControl: false };
  }

  #layOnce(): Promise<PageLayout> {
    return this.#laying ??= layPicture(this.#model.whole()).then((layout) => {
      this.#model.setLayout(layout);
      return layout;
    });
  }

  #obey({ actor, does }: PageOrder): string | undefined {
    const count = this.#order?.(actor, does) ?? 0;
    if (count === 0) return `Cannot ${does} "${actor}": no process of it runs`;
    if (does !== "stop") this.#model.notePaused(actor, { isPaused: does === "pause", at: Date.now() });
    return undefined;
  }
}
