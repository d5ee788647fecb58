/**
 * A run for people, on standard error: what actors say, what goes wrong, and on a terminal a live line for each actor.
 */
import type { RunEvent } from "../../core/event.ts";
import { groupOf } from "../../core/instance.ts";
import { unreachable } from "../../core/unreachable.ts";
import { formatFailure, formatRetry } from "../text/failure_text.ts";
import { makeHarmless } from "../text/make_harmless.ts";
import type { Color } from "../text/paint.ts";
import { formatMessageEvent } from "../text/message_text.ts";
import { makePaint } from "../text/paint.ts";
import { RunSummary } from "../text/run_summary.ts";
import { shownName } from "../text/shown_name.ts";
import type { LiveView } from "./live_view.ts";

export interface ReporterOptions {
  readonly color: boolean;
  /** Standard error is a terminal. */
  readonly isTerminal: boolean;
  /** The live part of the terminal, where progress is drawn. @default nothing is */
  readonly live?: LiveView | undefined;
  /** Leaves out the closing line. */
  readonly isQuiet: boolean;
  readonly write: (text: string) => void;
}

const NAME_COLORS: readonly Color[] = ["cyan", "magenta", "yellow", "blue", "green"];

/** How many of many actors are named. */
const NAMES_MAX = 10;

export class ConsoleReporter {
  readonly #options: ReporterOptions;
  readonly #paint: ReturnType<typeof makePaint>;
  readonly #colors = new Map<string, Color>();
  readonly #summary = new RunSummary();
  /** Undefined where nothing is drawn. */
  readonly #live: LiveView | undefined;
  #nameWidth = 0;
  /** Why actors are not kept: the first is told at once, and who else at the end. */
  readonly #notKept = new Map<string, string[]>();
  /** False while the flow's output is in the middle of a line of the same terminal. */
  #isAtLineStart = true;

  constructor(options: ReporterOptions) {
    this.#options = options;
    this.#paint = makePaint(options.color);
    this.#live = options.live;
  }

  /** To be given every event of the run. */
  report(event: RunEvent): void {
    this.#summary.note(event);
    switch (event.type) {
      case "run-started":
        this.#live?.start(event.at, event.actors);
        this.#nameWidth = event.actors.reduce((width, name) => Math.max(width, shownName(name).length), 0);
        return;
      case "stderr":
        return this.reportStderr(event.actor, event.line);
      case "failure":
        return this.#print(formatFailure(event.failure, { color: this.#options.color }));
      case "actor-retried":
        return this.#print(formatRetry(event, { color: this.#options.color }));
      case "unit-retried":
        return this.#print(formatRetry({ ...event, whole: event.actor }, { color: this.#options.color }));
      case "pipe-waiting":
        return this.#print(`${this.#safe(event.actor)} waits ${event.waits}\n`);
      case "stopping":
        if (event.reason !== "failure") this.#print(`stopping: ${event.signal ?? "asked to"}\n`);
        return;
      case "finishing":
        // With a code it is a failure, which is told with its reason.
        if (event.code !== 0 || event.reason === "") return;
        this.#print(`${event.actor} ends the run: ${this.#safe(event.reason)}\n`);
        return;
      case "progress":
        // Not into the middle of a line of the flow's output.
        if (this.#live !== undefined && this.#isAtLineStart) {
          this.#options.write(this.#live.draw(event.at, event.actors));
        }
        return;
      case "run-ended":
        return this.#end(event.state, event.durationMs);
      case "message-dead":
      case "message-broken":
      case "mailbox-grown":
      case "ask-ring":
      case "actor-log":
      case "actor-restarted":
        return this.#print(formatMessageEvent(event, { color: this.#options.color }));
      case "edges":
      case "mailboxes":
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
    const safe = !this.#options.isTerminal
      ? lines.replaceAll("\n", () => `\n${before}`)
      : lines.split("\n").map((line) => this.#safe(line)).join(`\n${before}`);
    this.#print(`${before}${safe}\n`);
  }

  /** What an actor has begun to say, and not ended: it stands beside its name, or is said as far as it is. */
  reportOpenLine(actor: string, text: string): void {
    const safe = this.#safe(text);
    if (this.#live !== undefined) return this.#live.setOpenLine(actor, safe);
    if (text === "") return;
    this.#print(`${this.#nameOf(actor)} │ ${safe}`);
    this.#isAtLineStart = false;
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
    const erased = this.#live?.erase() ?? "";
    if (erased !== "") this.#options.write(erased);
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
    return !this.#options.isTerminal ? line : makeHarmless(line, { keepsColors: this.#options.color });
  }

  #print(text: string): void {
    const lineBreak = this.#isAtLineStart || text === "" ? "" : "\n";
    if (text !== "") this.#isAtLineStart = true;
    this.#options.write((this.#live?.erase() ?? "") + lineBreak + text);
  }

  #end(state: "done" | "failed" | "stopped", durationMs: number): void {
    this.#tellOthersNotKept();
    if (this.#options.isQuiet) return this.#print("");
    const told = `${this.#paint(state === "done" ? "green" : "red", state)} in`;
    const slowest = this.#live && this.#summary.describeSlowest();
    this.#print(
      `${told} ${this.#summary.describe(durationMs)}\n${slowest === undefined ? "" : `${slowest}\n`}`,
    );
  }
}
