/**
 * A run for people, on standard error: what actors say, what goes wrong, and on a terminal a live line for each actor.
 */
import type { ActorProgress, RunEvent } from "../../core/event.ts";
import { groupOf, isInstance } from "../../core/instance.ts";
import { unreachable } from "../../core/unreachable.ts";
import { formatFailure, formatRetry } from "../text/failure_text.ts";
import { formatBytes } from "../text/format_bytes.ts";
import { formatDuration } from "../text/format_duration.ts";
import { groupProgress, type ShownProgress } from "../text/group_progress.ts";
import { makeHarmless } from "../text/make_harmless.ts";
import type { Color } from "../text/paint.ts";
import { formatMessageEvent } from "../text/message_text.ts";
import { makePaint } from "../text/paint.ts";
import { shorten } from "../text/shell_quote.ts";

export interface ReporterOptions {
  readonly color: boolean;
  /** Standard error is a terminal of this size; undefined when it is none. */
  readonly terminal?: { readonly columns: number; readonly rows: number };
  /** Leaves out progress and the closing line. */
  readonly isQuiet: boolean;
  /** A line for each instance of an actor, not one for all. @default false */
  readonly isExpanded?: boolean;
  readonly write: (text: string) => void;
}

const NAME_WIDTH_MAX = 20;
/** The keys of an instance tell it from the others. */
const INSTANCE_WIDTH_MAX = 40;
const NAME_COLORS: readonly Color[] = ["cyan", "magenta", "yellow", "blue", "green"];
const SYMBOLS = { waiting: "⋯", running: "⚡", done: "✓", failed: "✗", stopped: "⏹" } as const;

/** How many of many actors are named. */
const NAMES_MAX = 10;

export class ConsoleReporter {
  readonly #options: ReporterOptions;
  readonly #paint: ReturnType<typeof makePaint>;
  readonly #colors = new Map<string, Color>();
  #nameWidth = 0;
  /** Why actors are not kept: the first is told at once, and who else at the end. */
  readonly #notKept = new Map<string, string[]>();
  #shownLines = 0;
  /** False while the flow's output is in the middle of a line of the same terminal. */
  #isAtLineStart = true;
  #last: { readonly at: number; readonly actors: Readonly<Record<string, ActorProgress>> } | undefined;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#paint = makePaint(options.color);
  }

  /** To be given every event of the run. */
  report(event: RunEvent): void {
    switch (event.type) {
      case "run-started":
        this.#nameWidth = event.actors.reduce((width, name) => Math.max(width, shownName(name).length), 0);
        return;
      case "stderr":
        return this.reportStderr(event.actor, event.line);
      case "failure":
        return this.#print(formatFailure(event.failure, { color: this.#options.color }));
      case "actor-retried":
        return this.#print(formatRetry(event, { color: this.#options.color }));
      case "stopping":
        if (event.reason !== "failure") this.#print(`stopping: ${event.signal ?? "asked to"}\n`);
        return;
      case "finishing":
        // With a code it is a failure, which is told with its reason.
        if (event.code !== 0 || event.reason === "") return;
        this.#print(`${event.actor} ends the run: ${this.#safe(event.reason)}\n`);
        return;
      case "progress":
        return this.#draw(event.at, event.actors);
      case "run-ended":
        return this.#end(event.state, event.durationMs);
      case "message-dead":
      case "message-broken":
      case "mailbox-grown":
      case "ask-ring":
      case "actor-log":
      case "actor-restarted":
        return this.#print(formatMessageEvent(event, { color: this.#options.color }));
      case "actor-spawned":
      case "actor-started":
      case "actor-state":
      case "message":
      case "buffer-grown":
        return;
      case "actor-ended":
        return this.#tellNotKept(event.actor, event.result.notKept);
      case "worker-ended":
      case "output":
        return;
      default:
        return unreachable(event);
    }
  }

  /** What an actor says on its standard error: whole lines, with line breaks between them. */
  reportStderr(actor: string, lines: string): void {
    const before = `${this.#nameOf(actor)} │ `;
    // Line by line where a terminal is protected: what is not ended in a line must not reach the next one.
    const safe = this.#options.terminal === undefined
      ? lines.replaceAll("\n", () => `\n${before}`)
      : lines.split("\n").map((line) => this.#safe(line)).join(`\n${before}`);
    this.#print(`${before}${safe}\n`);
  }

  /** What holds for many actors is said once, and for whom. */
  #tellNotKept(actor: string, reason: string | undefined): void {
    if (reason === undefined) return;
    const others = this.#notKept.get(reason);
    if (others !== undefined) return void others.push(actor);
    this.#notKept.set(reason, []);
    this.#print(`${this.#paint("yellow", "!")} Cannot cache actor "${actor}": ${this.#safe(reason)}\n`);
  }

  #tellOthersNotKept(): void {
    for (const [reason, actors] of this.#notKept) {
      if (actors.length === 0) continue;
      const names = actors.slice(0, NAMES_MAX).map((name) => `"${name}"`).join(", ");
      const more = actors.length > NAMES_MAX ? ` and ${actors.length - NAMES_MAX} more` : "";
      const why = `for the same reason: ${this.#safe(reason)}`;
      this.#print(`${this.#paint("yellow", "!")} Cannot cache ${names}${more}, ${why}\n`);
    }
  }

  /** The flow's output, when it goes to the same terminal: without it, progress and output would overwrite each other. */
  writeOutput(bytes: Uint8Array, writeBytes: (bytes: Uint8Array) => void): void {
    if (this.#shownLines > 0) this.#print("");
    writeBytes(bytes);
    this.#isAtLineStart = bytes.at(-1) === 10;
  }

  #nameOf(actor: string): string {
    // Instances are of one color; there may be any number of them.
    const group = groupOf(actor);
    const color = this.#colors.get(group) ?? NAME_COLORS[this.#colors.size % NAME_COLORS.length] ?? "cyan";
    this.#colors.set(group, color);
    return this.#paint(color, shownName(actor).padEnd(this.#nameWidth));
  }

  /** Into a file or pipe goes what the actor wrote; a terminal is protected from it. */
  #safe(line: string): string {
    return this.#options.terminal === undefined
      ? line
      : makeHarmless(line, { keepsColors: this.#options.color });
  }

  #print(text: string): void {
    const lineBreak = this.#isAtLineStart || text === "" ? "" : "\n";
    if (text !== "") this.#isAtLineStart = true;
    this.#options.write(this.#erase() + lineBreak + text);
  }

  #erase(): string {
    const lines = this.#shownLines;
    this.#shownLines = 0;
    return lines === 0 ? "" : `\x1b[${lines}A\x1b[0J`;
  }

  #draw(at: number, all: Readonly<Record<string, ActorProgress>>): void {
    const { terminal, isQuiet, isExpanded = false } = this.#options;
    if (terminal === undefined || isQuiet || !this.#isAtLineStart) return;
    const actors: Readonly<Record<string, ShownProgress>> = isExpanded ? all : groupProgress(all);
    const entries = Object.entries(actors).sort(([, a], [, b]) =>
      Number(b.state === "running") - Number(a.state === "running")
    );
    const room = Math.max(1, terminal.rows - 2);
    const shown = entries.slice(0, entries.length > room ? room - 1 : room);
    const lines = shown.map(([name, progress]) =>
      this.#progressLine(name, { at, progress, columns: terminal.columns })
    );
    if (entries.length > shown.length) lines.push(`… and ${entries.length - shown.length} more`);
    const erased = this.#erase();
    this.#shownLines = lines.length;
    this.#last = { at, actors };
    this.#options.write(`${erased}${lines.join("\n")}\n`);
  }

  #progressLine(
    name: string,
    { at, progress, columns }: {
      readonly at: number;
      readonly progress: ShownProgress;
      readonly columns: number;
    },
  ): string {
    const before = this.#last?.actors[name];
    const seen = Math.max(progress.bytesIn ?? 0, progress.bytesOut ?? 0);
    const seenBefore = Math.max(before?.bytesIn ?? 0, before?.bytesOut ?? 0);
    const seconds = this.#last === undefined ? 0 : (at - this.#last.at) / 1000;
    const rate = progress.state === "running" && before !== undefined && seconds > 0
      ? `${formatBytes((seen - seenBefore) / seconds)}/s`
      : "";
    const figures = [
      progress.bytesIn === undefined ? "" : `${formatBytes(progress.bytesIn)} in`,
      progress.bytesOut === undefined ? "" : `${formatBytes(progress.bytesOut)} out`,
      rate,
      progress.memoryBytes ? `${formatBytes(progress.memoryBytes)} memory` : "",
    ].filter((figure) => figure !== "").join(", ");
    const text = `${SYMBOLS[progress.state]} ${
      shownName(name).padEnd(Math.min(NAME_WIDTH_MAX, this.#nameWidth))
    } ${progress.instances === undefined ? "" : `${progress.instances} `}${figures}`;
    return shorten(text, Math.max(10, columns - 1));
  }

  #end(state: "done" | "failed" | "stopped", durationMs: number): void {
    this.#tellOthersNotKept();
    const { terminal, isQuiet } = this.#options;
    if (terminal === undefined || isQuiet) return this.#print("");
    this.#print(
      `${this.#paint(state === "done" ? "green" : "red", state)} in ${formatDuration(durationMs)}\n`,
    );
  }
}

function shownName(actor: string): string {
  return shorten(actor, isInstance(actor) ? INSTANCE_WIDTH_MAX : NAME_WIDTH_MAX);
}
