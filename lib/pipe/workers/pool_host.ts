import type { MemberRecord } from "../../core/flow.ts";
import type { DescriptorIo } from "../../host/descriptor_io/descriptor_io.ts";
import type { BlockStore } from "../../data/block_store.ts";
import type { StreamState } from "../state/relay_states.ts";

/** What a pool asks of the relays around it. */
export interface PoolHost {
  readonly io: DescriptorIo;
  readonly store: BlockStore;
  readonly nullFd: number;
  /** Tells the pool of this descriptor from now on. */
  watch(fd: number): void;
  /** Belongs to the pool from now on, and is always ready. */
  own(fd: number): void;
  /** Closes what is watched or owned. */
  close(fd: number): void;
  /** There is something for a reader who takes by himself what the pool has. */
  push(stream: StreamState): void;
  noteTaken(stream: StreamState, bytes: number): void;
  endStream(stream: StreamState): void;
  /** A process is wanted for this copy, or those of the member that a record is. */
  wantCopy(copy: number, record?: MemberRecord): void;
  /** The input may be taken again. */
  resume(): void;
  /** The system did not do what the pool needs: its streams and its input end there. */
  fail(error: Error): void;
  /** No more of the input is needed. */
  drop(): void;
  /** The pool is to have another turn when the store has got something back. */
  starve(): void;
  /** The pool is to have another turn. */
  again(): void;
  /** No process is there, and none is wanted any more. */
  end(): void;
}
