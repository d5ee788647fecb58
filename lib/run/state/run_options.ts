/**
 * What a run can be told, and the defaults.
 */
import type { RunEvent } from "../../core/event.ts";
import type { Actor } from "../../core/flow.ts";
import type { FlowIssue } from "../../core/issue.ts";
import type { TraceContext } from "../../core/trace.ts";
import type { Plan, Selection } from "../../core/plan.ts";
import type { CallerReadable, CallerWritable } from "../../host/bytes/caller_streams.ts";
import type { Capture } from "../../store/capture/capture.ts";
import type { CacheStore } from "../../store/cache/cache_store.ts";
import type { LoadedState } from "./loaded_state.ts";

/** Where standard input comes from: the engine's own, nothing, bytes, text (UTF-8), or a stream of Node or the web. */
export type StdinOption = "inherit" | "ignore" | Uint8Array | { readonly text: string } | CallerReadable;

/**
 * Where standard output goes: the engine's own, nowhere, into the result, or to a stream of Node or the web (which is not
 * ended).
 */
export type StdoutOption = "inherit" | "ignore" | "capture" | CallerWritable;

/** What can be done to a run while it goes on. */
export interface RunControl {
  /** Halts or continues every process of the run. */
  readonly signalAll: (signal: "SIGSTOP" | "SIGCONT") => void;
  /**
   * Halts, continues or ends the processes of an actor: with `stop` it ends as by SIGTERM from anybody, which is a failure
   * unless it says otherwise, and by SIGKILL after the grace. The answer is how many there were.
   */
  readonly order: (actor: string, does: "pause" | "resume" | "stop") => number;
}

/** Finds what is wrong with the schemas of what actors accept and emit. */
export type CheckSchemas = (actors: Iterable<Actor>) => readonly FlowIssue[];

export interface PlanRunOptions {
  /** @default "inherit" */
  readonly stdin?: StdinOption;
  /** @default "inherit" */
  readonly stdout?: StdoutOption;
  /**
   * Stops the run when aborted: SIGTERM, after `grace` SIGKILL. A reason that is a signal's name, such as "SIGINT",
   * decides the exit code (128 + its number); otherwise it is that of SIGTERM, and the reason is told as a failure.
   */
  readonly signal?: AbortSignal;
  /** Ends everything at once with SIGKILL when aborted. */
  readonly killSignal?: AbortSignal;
  /** Called once, before the first process. @default nobody */
  readonly onStarted?: (control: RunControl) => void;
  /**
   * Called for everything that happens, in order; a promise that it gives is waited for at the end. What it throws, or
   * rejects with, is a bug of the caller: the run is stopped as by `signal`, and then rejects with it.
   */
  readonly onEvent?: (event: RunEvent) => void | Promise<void>;
  /**
   * Called with what actors say on their standard errors: whole lines, many together when they come so, with line breaks
   * between them. `onEvent` is not told of these then. What it throws is treated as what `onEvent` throws.
   */
  readonly onStderr?: (actor: string, lines: string) => void | Promise<void>;
  /**
   * Called, soon after it has come, with what stands in a line of standard error that an actor has begun and not ended:
   * a prompt, or the last state of a program that writes its line anew (`\r`). The text is empty when there is none any
   * more. Without it, a line that is written anew is told as a line of standard error every five seconds.
   */
  readonly onOpenLine?: (actor: string, text: string) => void | Promise<void>;
  /** True to get `progress` events. @default false */
  readonly wantsProgress?: boolean;
  /** True to get `edges` and `mailboxes` events: how full everything is, and who waits. @default false */
  readonly wantsEdges?: boolean;
  /** True to get a `message` event for every step of every message. @default false */
  readonly wantsMessages?: boolean;
  /**
   * True to hold every message against what its sender emits and its receiver accepts, as the flow says it: what is not
   * so is not delivered, and fails the run. @default false
   */
  readonly checkMessages?: boolean;
  /**
   * Whoever tells the run as a trace names it: each process is given its actor's span as `TRACEPARENT`. The span of an
   * actor is `spanIdOf(trace, name)`. @default processes inherit what is there
   */
  readonly trace?: TraceContext;
  /** `signal`: a flow with message actors does not end by itself, but when it is stopped. @default "end" */
  readonly until?: "end" | "signal";
  /** Where to capture the run; it is closed with the run. The plan has to be made for it (`isCaptured`). @default nowhere */
  readonly capture?: Capture;
  /** Where actors with `cache` keep what they write. @default nowhere: they are run like all others */
  readonly cache?: CacheStore;
  /** True to take nothing from the cache. @default false */
  readonly isCacheIgnored?: boolean;
  /** True to go on with the messages and states that the last run with the same database has left. @default false */
  readonly isResumed?: boolean;
  /** What the plan's flow goes on from, prepared for the plan. @default nothing */
  readonly state?: LoadedState;
}

/** What `run` of the library can be told. */
export interface RunOptions extends Omit<PlanRunOptions, "capture" | "state" | "cache"> {
  /** Run only a part of the flow. @default {kind: "all"} */
  readonly selection?: Selection;
  /** @default what the flow says */
  readonly start?: "eager" | "lazy";
  /** Most processes at the same time. @default what the flow says, else all */
  readonly processes?: number;
  /** Where other programs send what is for actors of the flow, such as `tcp://*:5001`. @default what the flow says */
  readonly endpoint?: string;
  /** A file: the run and every stream go into this SQLite database, see `docs/capture.md`. @default nowhere */
  readonly db?: string;
  /** Such a database: what its newest run has built is not run again. @default nothing */
  readonly loadState?: string;
  /** True to go on with the run that `db` has captured last: what is complete is not run again. @default false */
  readonly resume?: boolean;
  /**
   * The folder in which actors with `cache` keep what they write; `false` runs them like all others. @default
   * SLUICE_CACHE, or `sluice` in the user's folder for caches
   */
  readonly cache?: string | false;
  /**
   * True when the signals of this process stop the run as they stop the program: SIGINT, SIGTERM, SIGHUP and SIGQUIT in
   * order, a second one at once; SIGTSTP halts it. `killSignal` is not used then. @default false
   */
  readonly stopsOnSignals?: boolean;
  /**
   * Called with the plan when the flow can run here, before anything is opened or started, and waited for. What it throws,
   * or rejects with, `run` rejects with.
   */
  readonly onPlanned?: (plan: Plan) => void | Promise<void>;
}
