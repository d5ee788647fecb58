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

/** What a process was given that is open, as `/proc` tells of it. */
export interface OpenEnds {
  /** What each of its pipes is to it, by the name there: `reads join.left`. */
  readonly pipes: ReadonlyMap<string, string>;
  /** Pipes and files by which others get what it writes, as `identifyOpen` names them. */
  readonly outputs: ReadonlySet<string>;
}

/** What it has started, is not below it, and can still write to its outputs. */
export interface Left {
  readonly pids: readonly number[];
  /** There may be others, which has to be known and is not yet. */
  readonly mayBeMore: boolean;
}

/** A limit that it has reached: of time, and whether that was told; or another one, which ends it. */
export type Over =
  | { readonly limit: "time"; readonly failure: Failure; readonly isTold: boolean }
  | ReachedLimit;

/** Which of several limits is told. */
const RANK: Readonly<Record<Over["limit"], number>> = { time: 2, memory: 1, output: 1, cpu: 0 };

const NOTHING_OPEN: OpenEnds = { pipes: new Map(), outputs: new Set() };
const NOTHING_LEFT: Left = { pids: [], mayBeMore: false };

export class ProcessRun {
  /** What it is to do. */
  readonly actor: Actor;
  state: ProcessState = { is: "waiting" };
  /** How often it was started, and when first, in milliseconds since the epoch. */
  tries: { readonly count: number; readonly firstAt: number } = { count: 0, firstAt: 0 };
  open = NOTHING_OPEN;
  /** Known where that is looked for. */
  left = NOTHING_LEFT;
  over: Over | undefined;
  /** The engine has ended it, for no fault of its own. */
  isStopped = false;
  /** The most processor time that one of its processes was seen with, when that is limited. */
  processorMs = 0;
  /** The highest resident memory that it was seen with, in bytes. */
  peakMemoryBytes: number | undefined;
  /** The last lines of its standard error, oldest first. */
  readonly lastLines: string[] = [];
  /** Asks which of its outputs it has closed, though it lives on. */
  readonly lookAtOutputs: (pid: number) => void;

  constructor(
    actor: Actor,
    { lookAtOutputs = () => undefined }: Partial<Pick<ProcessRun, "lookAtOutputs">> = {},
  ) {
    this.actor = actor;
    this.lookAtOutputs = lookAtOutputs;
  }

  /** True while it runs, or something that it has left behind goes on for it. */
  get isLive(): boolean {
    return this.pid !== undefined || this.hasLeft;
  }

  /** True while something that it has left behind may go on for it. */
  get hasLeft(): boolean {
    return this.left.mayBeMore || this.left.pids.length > 0;
  }

  /** While it runs. */
  get pid(): number | undefined {
    return this.state.is === "running" ? this.state.pid : undefined;
  }

  noteStarted(startedAt: number): void {
    const { count, firstAt } = this.tries;
    this.tries = { count: count + 1, firstAt: count === 0 ? startedAt : firstAt };
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

  noteOver(over: Over): void {
    if (this.over === undefined || RANK[over.limit] >= RANK[this.over.limit]) this.over = over;
  }

  /** It is as it was before it was first started. */
  begin(): void {
    this.reset();
    this.state = { is: "waiting" };
    this.tries = { count: 0, firstAt: 0 };
  }

  /** Forgets the last try. */
  reset(): void {
    this.open = NOTHING_OPEN;
    this.left = NOTHING_LEFT;
    this.over = undefined;
    this.isStopped = false;
    this.processorMs = 0;
    this.lastLines.length = 0;
  }
}
