/**
 * A pool of workers as the relays around it see it: a join gives to its input instead of to a pipe, and its outputs are
 * streams that nobody reads from a pipe.
 */
import type { Workers } from "../core/flow.ts";
import type { CopyOut, WorkerCopy } from "./worker_copy.ts";

/** What a join gives to. */
export interface PoolInput {
  /** True when more input may be taken. */
  readonly wantsInput: boolean;
  /** Bytes that its processes have been given, or will be, and have not read. */
  readonly held: number;
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
  /** What a reader may take next; only in the order of the input. */
  nextOut(): CopyOut | undefined;
  /** The pool is to have another turn. */
  again(): void;
  /** Nobody reads the stream any more: who writes it sees a closed pipe. */
  close(): void;
}
