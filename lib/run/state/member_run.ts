/**
 * One member of a set of a stream in one run: a process of each actor of its pool, and what joins them.
 *
 *   record ─▶ processes ──each ends──▶ those that waited for it ──all have ended──▶ forgotten
 */
import type { ActorRun } from "./actor_run.ts";
import type { DirectPipe } from "../pipes/direct_pipe.ts";

/** A file of `out` that is a member's. */
export interface MemberTarget {
  readonly target: string;
  countBytes(): number | undefined;
  /** Puts it in place, or removes it. Throws the system's error. */
  finish(isKept: boolean): void;
}

/** A file between its processes, or of what they give on. `isOthers`: it stays when the member has ended. */
export interface MemberFile {
  readonly path: string;
  readonly isOthers?: true;
  /** The file of `out` that it becomes. */
  readonly target?: string;
}

export class MemberRun {
  /** Its number in the relays, and that of its record. */
  readonly index: number;
  /** By the actor that each is of. */
  readonly runs = new Map<string, ActorRun>();
  /** Those that wait for others to end. */
  readonly waiting = new Set<string>();
  /** Those that have not ended. */
  readonly live = new Set<ActorRun>();
  /** Kernel pipes between its processes, by stream. */
  readonly pipes = new Map<string, DirectPipe>();
  /** Files between its processes, by stream. */
  readonly files = new Map<string, MemberFile>();
  /** The files of `out` that are its own. */
  readonly targets: MemberTarget[] = [];
  /** The write ends of what goes to readers outside, until their processes have started; by stream. */
  readonly outs = new Map<string, number>();
  /** The engine's ends of what is given on, in the order of the pool, until the relays are told of them. */
  untold: readonly (number | "later" | undefined)[] | undefined;
  hasFailed = false;
  /** What it is called in a journal; undefined where none is kept. */
  id: string | undefined;

  constructor(index: number) {
    this.index = index;
  }
}
