/**
 * The live part of a terminal: how far the run is, and a line for each actor, drawn again in place.
 */
import type { ActorProgress } from "../../core/event.ts";
import { groupOf } from "../../core/instance.ts";
import type { ActorState } from "../../core/result.ts";
import { formatBytes } from "../text/format_bytes.ts";
import { formatClock } from "../text/format_duration.ts";
import { groupProgress, type ShownProgress } from "../text/group_progress.ts";
import { shorten } from "../text/shell_quote.ts";
import { shownName } from "../text/shown_name.ts";

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface LiveOptions {
  /** Asked each time: windows change their sizes. */
  readonly size: () => TerminalSize;
  /** A line for each instance of an actor, not one for all. */
  readonly isExpanded: boolean;
}

const NAME_WIDTH_MAX = 20;
const COLUMNS_MIN = 10;
const SYMBOLS = { waiting: "⋯", running: "⚡", done: "✓", failed: "✗", stopped: "⏹" } as const;
/** Where there is no room for all, those that are seen sooner. */
const ORDER: readonly ActorState[] = ["running", "failed", "waiting", "stopped", "done"];
/** A line that is too wide is cut by the terminal, which alone knows how wide characters are. */
const NO_WRAP = "\x1b[?7l";
const WRAP = "\x1b[?7h";
const LINE_UP = "\x1b[1A";
/** Also of what somebody has typed meanwhile, such as `^C`. */
const CLEAR_LINE = "\r\x1b[2K";

interface Drawn {
  readonly at: number;
  readonly actors: Readonly<Record<string, ShownProgress>>;
}

export class LiveView {
  readonly #options: LiveOptions;
  /** What stands in lines that actors have begun and not ended, by group or actor. */
  readonly #openLines = new Map<string, string>();
  #startedAt: number | undefined;
  #nameWidth = 0;
  /** How wide the lines are that are shown now. */
  #shown: readonly number[] = [];
  #last: Drawn | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  start(at: number, actors: readonly string[]): void {
    this.#startedAt = at;
    this.#nameWidth = actors.reduce((width, name) => Math.max(width, shownName(name).length), 0);
  }

  setOpenLine(actor: string, text: string): void {
    const name = this.#options.isExpanded ? actor : groupOf(actor);
    if (text === "") this.#openLines.delete(name);
    else this.#openLines.set(name, text);
  }

  /** What makes the terminal forget what is drawn. */
  erase(): string {
    if (this.#shown.length === 0) return "";
    const { columns, rows } = this.#options.size();
    // In a window that has become narrower a line has become several.
    const lines = this.#shown.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    this.#shown = [];
    // Line by line: some terminals keep a whole screen that is cleared at once as if it had scrolled by.
    const cleared = `${LINE_UP}${CLEAR_LINE}`.repeat(Math.min(lines, Math.max(1, rows - 1)));
    return `${CLEAR_LINE}${cleared}`;
  }

  /** What draws it anew. */
  draw(at: number, all: Readonly<Record<string, ActorProgress>>): string {
    const erased = this.erase();
    const { columns, rows } = this.#options.size();
    const actors: Readonly<Record<string, ShownProgress>> = this.#options.isExpanded
      ? all
      : groupProgress(all);
    const lines = [
      this.#describeRun(at, Object.values(all)),
      ...this.#describeActors({ at, actors }, { room: Math.max(1, rows - 2) }),
    ].map((line) => shorten(line, Math.max(COLUMNS_MIN, columns - 1)));
    this.#last = { at, actors };
    this.#shown = lines.map((line) => [...line].length);
    return `${erased}${NO_WRAP}${lines.join("\n")}\n${WRAP}`;
  }

  #describeRun(at: number, actors: readonly ActorProgress[]): string {
    const count = (...states: readonly ActorState[]): number =>
      actors.filter(({ state }) => states.includes(state)).length;
    const failed = count("failed");
    return [
      formatClock(at - (this.#startedAt ?? at)),
      `${count("done", "failed", "stopped")} of ${actors.length} ended`,
      `${count("running")} running`,
      ...failed === 0 ? [] : [`${failed} failed`],
    ].join(", ");
  }

  #describeActors({ at, actors }: Drawn, { room }: { readonly room: number }): readonly string[] {
    const entries = Object.entries(actors).sort(([, a], [, b]) =>
      ORDER.indexOf(a.state) - ORDER.indexOf(b.state)
    );
    const shown = entries.slice(0, entries.length > room ? room - 1 : room);
    const lines = shown.map(([name, progress]) => this.#describeActor(name, progress, at));
    return entries.length > shown.length ? [...lines, `… and ${entries.length - shown.length} more`] : lines;
  }

  #describeActor(name: string, progress: ShownProgress, at: number): string {
    const figures = [
      progress.bytesIn === undefined || progress.bytesIn === 0 ? "" : `${formatBytes(progress.bytesIn)} in`,
      progress.bytesOut === undefined ? "" : `${formatBytes(progress.bytesOut)} out`,
      ...progress.state === "running" ? this.#describeSince(name, progress, at) : [],
      progress.memoryBytes ? `${formatBytes(progress.memoryBytes)} memory` : "",
    ].filter((figure) => figure !== "").join(", ");
    const said = this.#openLines.get(name);
    return [
      SYMBOLS[progress.state],
      shownName(name).padEnd(Math.min(NAME_WIDTH_MAX, this.#nameWidth)),
      ...progress.instances === undefined ? [] : [progress.instances],
      ...figures === "" ? [] : [figures],
      ...said === undefined ? [] : [`│ ${said}`],
    ].join(" ");
  }

  /** What it did since it was drawn before: bytes that are known, and time of a processor. */
  #describeSince(name: string, progress: ShownProgress, at: number): readonly string[] {
    const before = this.#last?.actors[name];
    const ms = this.#last === undefined ? 0 : at - this.#last.at;
    if (before?.state !== "running" || ms <= 0) return [];
    const rate = (now: number | undefined, then: number | undefined): number | undefined =>
      now === undefined || then === undefined || now < then ? undefined : (now - then) / ms;
    const bytes = [rate(progress.bytesIn, before.bytesIn), rate(progress.bytesOut, before.bytesOut)]
      .flatMap((each) => each ?? []);
    const cpu = rate(progress.cpuMs, before.cpuMs);
    return [
      ...bytes.length === 0 ? [] : [`${formatBytes(Math.max(...bytes) * 1_000)}/s`],
      ...cpu === undefined ? [] : [`${Math.round(cpu * 100)} % cpu`],
    ];
  }
}
