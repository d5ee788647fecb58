/**
 * One process of a run, whoever it is of: an actor, a worker of one, a message actor, or one that was spawned. It may be
 * several processes one after the other, where a failed one is run again.
 *
 *   waiting ──start──▶ running ──exit──▶ ended
 *                 ▲                        │ failed, and another try is left
 *                 └──────── resting ◀──────┘
 */
import type { Actor } from "../../core/flow.ts";
import type { Failure, ReachedLimit } from "../../core/failure.ts";
import { STDERR_LAST_LINES } from "../../core/limits/process.ts";
import type { ExitStatus } from "../../host/spawn/spawned_process.ts";

export type ProcessState =
  | { readonly is: "waiting" }
  | {
    readonly is: "running";
    readonly pid: number;
    /** Milliseconds since the epoch. */
    readonly startedAt: number;
    /** As people write it. */
    readonly command: readonly string[];
  }
  /** A try has failed, and the next one has not begun. */
  | { readonly is: "resting"; readonly until: number }
  /** The system has told of its end: its number may be another's. Without a status it was not started. */
  | {
    readonly is: "ended";
    readonly status: ExitStatus | undefined;
    readonly reached: ReachedLimit | undefined;
  };

export class ProcessRun {
  /** What it is to do. */
  readonly actor: Actor;
  state: ProcessState = { is: "waiting" };
  /** The last lines of its standard error, oldest first. */
  readonly lastLines: string[] = [];
  /** What each of its pipes is to it, by the name in `/proc`: `reads join.left`. */
  readonly pipes = new Map<string, string>();
  /** Pipes and files by which others get what it writes, as `identifyOpen` names them. */
  readonly outputs = new Set<string>();
  /** It writes into files that are given to others when nobody can write to them any more. */
  isGivenWhole = false;
  /** What it has started, is not below it, and can still write to these. Known where that is looked for. */
  left: readonly number[] = [];
  /** It has ended, and that nothing goes on for it has to be known, and is not yet. */
  mayBeLeft = false;
  /** How often it was started, and when first, in milliseconds since the epoch. */
  attempt = 0;
  firstStartedAt = 0;
  /** The limit of time that it reached, and whether that was told. */
  overTime: { readonly failure: Failure; readonly isTold: boolean } | undefined;
  /** The limit that it was killed for. */
  over: ReachedLimit | undefined;
  /** The most processor time that one of its processes was seen with, when that is limited. */
  processorMs = 0;
  /** What it has left behind may have been ended at its limit of processor time. */
  isOverProcessor = false;
  /** The engine has ended it, for no fault of its own. */
  isStopped = false;
  /** The highest resident memory that it was seen with, in bytes. */
  peakMemoryBytes: number | undefined;
  /** Resolves when its standard error is at its end. */
  stderrEnded: Promise<void> = Promise.resolve();
  /** True when its standard error is read by the engine, and nobody else's business. */
  isStderrOwn = false;
  /** Asks whether its standard error has ended or has something to be read. */
  lookAtStderr: () => void = () => undefined;
  /** Asks which of its outputs it has closed, though it lives on. */
  lookAtOutputs: (pid: number) => void = () => undefined;

  constructor(actor: Actor) {
    this.actor = actor;
  }

  /** True while it runs, or something that it has left behind may go on for it. */
  get isLive(): boolean {
    return this.pid !== undefined || this.mayBeLeft;
  }

  /** While it runs. */
  get pid(): number | undefined {
    return this.state.is === "running" ? this.state.pid : undefined;
  }

  /** What it has said, with line breaks between lines. */
  noteLines(lines: string): void {
    let at = lines.length;
    for (let count = 0; count < STDERR_LAST_LINES && at !== -1; count++) {
      at = at === 0 ? -1 : lines.lastIndexOf("\n", at - 1);
    }
    this.lastLines.push(...lines.slice(at + 1).split("\n"));
    this.lastLines.splice(0, this.lastLines.length - STDERR_LAST_LINES);
  }

  noteMemory(bytes: number | undefined): void {
    if (bytes !== undefined) this.peakMemoryBytes = Math.max(bytes, this.peakMemoryBytes ?? 0);
  }

  /** Forgets the last try. */
  reset(): void {
    this.overTime = undefined;
    this.over = undefined;
    this.processorMs = 0;
    this.isOverProcessor = false;
    this.isStopped = false;
    this.pipes.clear();
    this.outputs.clear();
    this.isGivenWhole = false;
    this.left = [];
    this.lastLines.length = 0;
  }
}
