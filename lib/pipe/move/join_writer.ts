/**
 * Writing to the target of a join: a reader that has left, or an error, ends the join.
 */
import { asError } from "./as_error.ts";
import type { DescriptorIo, Moved } from "../../host/descriptor_io/descriptor_io.ts";
import { GONE, NOT_NOW } from "../../host/descriptor_io/descriptor_io.ts";
import { EMPTY, moveReady } from "../state/move_ready.ts";
import type { RelayEnds } from "../life/relay_ends.ts";
import type { JoinState } from "../state/relay_states.ts";
import type { StreamLog } from "../state/stream_log.ts";

export class JoinWriter {
  readonly #io: DescriptorIo;
  readonly #ends: RelayEnds;

  constructor({ io, ends }: { readonly io: DescriptorIo; readonly ends: RelayEnds }) {
    this.#io = io;
    this.#ends = ends;
  }

  /** Does what moves bytes to the target, as `moveReady`; undefined when its reader has left or it failed. */
  attempt(join: JoinState, action: () => Moved): Moved | undefined {
    let moved: Moved;
    try {
      moved = moveReady(this.#io, { to: join.fd, isToFile: join.isFile }, action);
    } catch (error) {
      this.#ends.endJoin(join, "reader-left", asError(error));
      return undefined;
    }
    if (moved === GONE) {
      this.#ends.endJoin(join, "reader-left");
      return undefined;
    }
    if (moved === NOT_NOW) join.isWritable = false;
    return moved;
  }

  /** The same where the source has bytes: when nothing is moved the target is full. */
  put(join: JoinState, action: () => Moved): Moved | undefined {
    for (;;) {
      const moved = this.attempt(join, action);
      if (moved !== EMPTY) return moved;
      if (join.isFile) {
        join.isWritable = false;
        return NOT_NOW;
      }
    }
  }

  /** Writes bytes from memory. */
  write(join: JoinState, bytes: Uint8Array): Moved | undefined {
    return this.put(join, () => this.#io.write(join.fd, bytes));
  }

  /** Writes what the log of an edge's stream holds from the edge's position on. */
  load(
    join: JoinState,
    { log, position }: { readonly log: StreamLog; readonly position: number },
  ): Moved | undefined {
    return this.put(join, () => log.load(position, { to: join.fd, isToFile: join.isFile }));
  }
}
