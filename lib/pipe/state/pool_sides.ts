/**
 * A pool of workers as the relays around it see it: a join gives to its input instead of to a pipe, and its outputs are
 * streams that nobody reads from a pipe.
 */
import type { Workers } from "../../core/flow.ts";
import type { CopyOut, WorkerCopy } from "./worker_copy.ts";

/** Whom one side of a pool waits for: one of them is enough, or all are needed. Nobody: it goes on by itself. */
export interface PoolWaiting {
  readonly kind: "any" | "all";
  readonly copies: readonly WorkerCopy[];
  /** More of the pool's input. */
  readonly input?: boolean;
  /** That what copies have written is given on. */
  readonly outputs?: boolean;
  /** Room in these streams. */
  readonly streams?: readonly { readonly id: number }[];
  /** Room in the store. */
  readonly room?: boolean;
}

/** What a join gives to. */
export interface PoolInput {
  /** True when more input may be taken. */
  readonly wantsInput: boolean;
  /** Whom it waits for while it wants no input. */
  waitsFor(): PoolWaiting;
  /** True when all of it was taken and given to copies. */
  readonly isGiven: boolean;
  /** Takes the next bytes of the input. */
  take(bytes: Uint8Array): void;
  /** The copy whose block goes on, when bytes may go straight into its pipe, and how many of them. */
  directTarget(): { readonly copy: WorkerCopy; readonly fd: number; readonly max: number } | undefined;
  /** So many bytes went straight to the copy. */
  noteGiven(copy: WorkerCopy, bytes: number): void;
  /** The input is at its end. */
  end(): void;
  /** No more is taken and given: the actor has failed. */
  fail(): void;
}

/** What one stream is gathered from. */
export interface PoolOutput {
  readonly order: Workers["order"];
  /** Bytes that could be given on to the stream now. */
  readonly held: number;
  /** Whom it waits for while it has nothing to give on. */
  waitsFor(): PoolWaiting;
  /** What a reader may take next; only in the order of the input. */
  nextOut(): CopyOut | undefined;
  /** The pool is to have another turn. */
  again(): void;
  /** Nobody reads the stream any more: who writes it sees a closed pipe. */
  close(): void;
}
