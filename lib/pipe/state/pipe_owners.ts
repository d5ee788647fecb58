/**
 * Whose pipes the engine's descriptors are: what the system says of a descriptor is told to its owner, and whoever owns
 * it closes it here.
 */
import type { DescriptorIo } from "../../host/descriptor_io/descriptor_io.ts";
import type { JoinState, StreamState } from "./relay_states.ts";

export type PipeOwner =
  | { readonly kind: "stream" | "tap"; readonly stream: StreamState }
  | { readonly kind: "join"; readonly join: JoinState }
  | { readonly kind: "pool"; readonly pool: { note(fd: number, isBroken: boolean): void } };

export class PipeOwners {
  readonly #io: DescriptorIo;
  readonly #owners = new Map<number, PipeOwner>();

  constructor(io: DescriptorIo) {
    this.#io = io;
  }

  of(fd: number): PipeOwner | undefined {
    return this.#owners.get(fd);
  }

  /** The owner is to be told when the pipe may have become ready. */
  watch(fd: number, owner: PipeOwner): void {
    this.#io.watch(fd);
    this.#owners.set(fd, owner);
  }

  /** The owner is told of a file only what the system was asked about it, after it has refused a move. */
  own(fd: number, owner: PipeOwner): void {
    this.#owners.set(fd, owner);
  }

  /** Closes a pipe, watched or not, or a file. */
  close(fd: number): void {
    this.#io.forget(fd);
    this.#owners.delete(fd);
    this.#io.close(fd);
  }
}
