/**
 * The life of a process, the same for everybody's: one start, one verdict, one way of standard error, limits, time and
 * signals. Whoever has it started adds what is its own: the descriptors, and what becomes of its end.
 *
 *   wire ─▶ command ─▶ limits ─▶ spawn ─▶ running ──exit──▶ verdict ─▶ let go ─▶ collected ─▶ rest of stderr ─▶ ended
 *     └────────┴──────────┴────────┴──▶ not started: everything is undone
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Failure } from "../../core/failure.ts";
import { SAMPLE_MS, STDERR_DRAIN_MS } from "../../core/limits/process.ts";
import type { ActorResult } from "../../core/result.ts";
import { spawnProcess } from "../../host/spawn/spawn.ts";
import type { ExitStatus, SpawnedProcess } from "../../host/spawn/spawned_process.ts";
import { describeSystemError } from "../../host/system_error.ts";
import { isOpenForWriting, type LeftBehind } from "../proc/left_behind.ts";
import type { ProcessLimits } from "../limits/process_limits.ts";
import { namePipes } from "../proc/name_pipes.ts";
import type { ProcessCommand } from "../start/process_command.ts";
import type { ProcessRun } from "../state/process_run.ts";
import type { RunFolder } from "../start/run_folder.ts";
import { signalGroup } from "../stop/stop_processes.ts";
import type { Verdict } from "./verdict.ts";
import { failureOf, judge, resultOf } from "./verdict.ts";
import { waitFor } from "../../host/time/wait_for.ts";
import type { ProcessWires } from "../state/wires.ts";

export interface ProcessLifeContext {
  readonly folder: RunFolder;
  /** Undefined when nothing is limited. */
  readonly limits: ProcessLimits | undefined;
  readonly left: LeftBehind;
  /** What everybody of a run shares. */
  readonly state: {
    /** The mark of the run. */
    readonly id: string;
    /** Everybody is to end. */
    readonly isStopping: boolean;
    /** The run does not end before this has. */
    readonly track: (promise: Promise<void>) => void;
  };
}

/** The failure of a process that was not started. */
export type NotStarted = Extract<Failure, { kind: "spawn" }>;

export interface ProcessEnd {
  readonly pid: number;
  readonly status: ExitStatus;
  readonly verdict: Verdict;
  /** When its own failed; the last lines of its standard error are in it. */
  readonly failure: Failure | undefined;
  readonly result: ActorResult;
}

export interface SeenAtEnd {
  readonly pid: number;
  /** The run was being ended. */
  readonly wasStopping: boolean;
  readonly haveReadersLeft: boolean;
}

/** What is its own of whoever has a process started. */
export interface ProcessUse<Given extends ProcessWires> {
  /** Makes ready what it is given. Throws the system's error; then nothing is left open. */
  readonly wire: () => Given;
  readonly toCommand: (wires: Given) => ProcessCommand;
  /** What the command becomes at last, with its limits in it. Rejects with the system's error. */
  readonly wrap?: (command: ProcessCommand) => Promise<ProcessCommand>;
  readonly onStarted: (
    started: { readonly pid: number; readonly command: readonly string[]; readonly wires: Given },
  ) => void;
  /** It had readers, and all of them have left. Asked at its end, before anything is let go of. */
  readonly haveReadersLeft?: () => boolean;
  /** It has ended: others are to see it now. What is given back is waited for as long as for its standard error. */
  readonly letGo?: (verdict: Verdict, seen: SeenAtEnd) => readonly Promise<void>[];
  readonly onEnded: (end: ProcessEnd) => Promise<void> | void;
}

/** Where nobody tells, who has it open is looked for. */
function mayStillGrow(path: string): boolean {
  try {
    return isOpenForWriting(path) ?? true;
  } catch (error) {
    describeSystemError(error); // Nobody can read it either; that is told by who does.
    return true;
  }
}

/** What is known when it has just ended. */
interface Exit {
  readonly status: ExitStatus;
  readonly verdict: Verdict;
  readonly seen: SeenAtEnd;
  /** What is still to end: its standard error, and what it was let go of. */
  readonly rest: readonly Promise<void>[];
  readonly startedAt: number;
  readonly command: readonly string[];
}

const NOBODY = { pids: [], mayBeMore: false } as const;

export class ProcessLife {
  readonly #context: ProcessLifeContext;

  constructor(context: ProcessLifeContext) {
    this.#context = context;
  }

  /** Starts a process. When that cannot be done its state is what it was, and nothing is left open. */
  async start<Given extends ProcessWires>(
    run: ProcessRun,
    use: ProcessUse<Given>,
  ): Promise<NotStarted | undefined> {
    const { state, folder, limits } = this.#context;
    const { actor } = run;
    const startedAt = Date.now();
    run.noteStarted(startedAt);
    let command: readonly string[] = [];
    let wires: Given | undefined;
    let spawned: SpawnedProcess | undefined;
    let isRefused = false;
    const exited = Promise.withResolvers<Exit>();
    const onExit = (status: ExitStatus): void => {
      if (isRefused || wires === undefined) return; // It was ended before it counted as started.
      try {
        exited.resolve(this.#exit(run, { use, wires, status }));
      } catch (error) {
        exited.reject(error); // A bug.
      }
    };
    try {
      wires = use.wire();
      const wanted = use.toCommand(wires);
      command = wanted.shown;
      const limited = await limits?.wrap(wanted, actor.limits) ?? wanted;
      const wrapped = await use.wrap?.(limited) ?? limited;
      spawned = await spawnProcess({ ...wrapped, cwd: actor.cwd, fds: wires.fds, onExit });
      folder.noteGroup("+", spawned.pid);
    } catch (error) {
      isRefused = true;
      if (spawned !== undefined) signalGroup(spawned.pid, "SIGKILL");
      wires?.notStarted();
      return { kind: "spawn", actor: actor.name, command, ...describeSystemError(error) };
    }
    const { pid } = spawned;
    run.state = { is: "running", pid, startedAt, command };
    state.track(this.#end(run, { use, exit: exited.promise }));
    // Asked now: the engine closes its copies when the process has started.
    run.open = namePipes(actor, wires);
    use.onStarted({ pid, command, wires });
    wires.started();
    limits?.start(run);
    if (state.isStopping) signalGroup(pid, "SIGTERM");
    return undefined;
  }

  /** It has ended, and is not collected yet: the verdict, and others see it. */
  #exit<Given extends ProcessWires>(
    run: ProcessRun,
    { use, wires, status }: {
      readonly use: ProcessUse<Given>;
      readonly wires: Given;
      readonly status: ExitStatus;
    },
  ): Exit {
    if (run.state.is !== "running") throw new Error(`${run.actor.name} has ended twice`);
    const { state, folder, limits } = this.#context;
    const { pid, startedAt, command } = run.state;
    wires.stderr?.look();
    const seen = { pid, wasStopping: state.isStopping, haveReadersLeft: use.haveReadersLeft?.() ?? false };
    const verdict = judge(run, { status, ...seen });
    run.state = { is: "ended", status, reached: verdict.reached };
    const rest = [
      ...wires.stderr === undefined ? [] : [wires.stderr.ended],
      ...use.letGo?.(verdict, seen) ?? [],
    ];
    folder.noteGroup("-", pid);
    const mayBeMore = limits?.has(run) === true ||
      (verdict.end === "done" && wires.givenWhole.some(mayStillGrow));
    run.left = { ...run.left, mayBeMore };
    return { status, verdict, seen, rest, startedAt, command };
  }

  /** Then the rest of its stderr, and what becomes of it. */
  async #end<Given extends ProcessWires>(
    run: ProcessRun,
    { use, exit }: { readonly use: ProcessUse<Given>; readonly exit: Promise<Exit> },
  ): Promise<void> {
    const { status, verdict: early, seen, rest, startedAt, command } = await exit;
    // What it has started may keep its standard error open for as long as it likes.
    await waitFor(Promise.all(rest), STDERR_DRAIN_MS);
    await this.#whenAlone(run);
    // What it has left behind may have reached a limit, when its own end was judged already.
    const verdict = run.over === undefined ? early : judge(run, { status, ...seen });
    const { end, reached } = verdict;
    const { peakMemoryBytes } = run;
    const { pid } = seen;
    await use.onEnded({
      pid,
      status,
      verdict,
      failure: end === "failed" ? failureOf(run, { status, command, reached }) : undefined,
      result: resultOf(verdict, { pid, status, startedAt, endedAt: Date.now(), peakMemoryBytes }),
    });
  }

  /**
   * Limits hold for what it has left behind, too, as long as that keeps its streams from their ends; and what
   * is given on as a whole has to be all there.
   */
  async #whenAlone(run: ProcessRun): Promise<void> {
    const { state, limits, left } = this.#context;
    while (run.hasLeft) {
      run.left = state.isStopping ? NOBODY : await left.find(run);
      if (run.hasLeft) await sleep(SAMPLE_MS);
    }
    limits?.end(run);
  }
}
