/**
 * How the lines of a pool's input are spread over its copies: in blocks (`block_cutter.ts`) or by key
 * (`lane_spread.ts`).
 */
import type { PoolInput, PoolWaiting } from "../state/pool_sides.ts";
import type { WorkerCopy } from "../state/worker_copy.ts";

export interface InputSpread {
  /** True when lines were taken that no copy has got. */
  readonly hasUncut: boolean;
  /** True when a copy is being given its part. */
  readonly isInBlock: boolean;
  /** True when there is somebody for more lines, and not too much waits for him. */
  readonly wantsInput: boolean;
  /** Whom it waits for while it wants no input. */
  waitsFor(): PoolWaiting;
  /** Takes the next bytes of the input. */
  take(bytes: Uint8Array): void;
  /** Gives what was left, as far as there is somebody for it now. */
  goOn(): void;
  /** The input is at its end. */
  end(): void;
  /** Everything was given. */
  finish(): void;
  /** What no copy has got is not needed any more. */
  forget(): void;
  /** The copy whose block goes on, when bytes may go straight into its pipe. */
  directTarget(): ReturnType<PoolInput["directTarget"]>;
  /** So many bytes went straight to the copy. */
  noteGiven(copy: WorkerCopy, bytes: number): void;
  /** A copy has done its part in so many milliseconds. */
  learn(block: { readonly bytes: number; readonly ms: number }): void;
  /** When to look again at the latest, because nothing has happened. */
  readonly dueAt: number;
  /** Sees whether the copy that is given lines now does not take them. */
  look(now: number): void;
}
