/**
 * What workers have written goes straight to the one reader of their stream, in the order of the input: from the pipe
 * of the copy whose turn it is, or from where its output waits.
 */
import { PIPE_BYTES } from "../../core/limits/streams.ts";
import type { DescriptorIo, Moved } from "../../host/descriptor_io/descriptor_io.ts";
import { AT_END } from "../../host/descriptor_io/descriptor_io.ts";
import type { JoinWriter } from "../move/join_writer.ts";
import { EMPTY } from "../state/move_ready.ts";
import type { PoolOutput } from "../state/pool_sides.ts";
import type { RelayLedger } from "../state/relay_ledger.ts";
import type { EdgeState, JoinState } from "../state/relay_states.ts";
import type { CopyOut } from "../state/worker_copy.ts";

export class GatheredMover {
  readonly #io: DescriptorIo;
  readonly #writer: JoinWriter;
  readonly #ledger: RelayLedger;

  constructor(
    { io, writer, ledger }: {
      readonly io: DescriptorIo;
      readonly writer: JoinWriter;
      readonly ledger: RelayLedger;
    },
  ) {
    this.#io = io;
    this.#writer = writer;
    this.#ledger = ledger;
  }

  /** Moves some bytes of an edge; how many, or that nothing can be moved now. */
  move(edge: EdgeState, gathered: PoolOutput): number | "blocked" {
    const out = gathered.nextOut();
    if (out === undefined) return "blocked";
    const isHeld = out.position < out.log.tail;
    const moved = isHeld ? this.#writer.load(edge.join, out) : this.#moveOut(out, edge.join);
    if (moved === undefined) return "blocked";
    if (moved > 0) {
      if (isHeld) {
        out.position += moved;
        out.log.trim(out.position);
        // The next one's turn.
        if (out.position === out.log.tail && out.fd === undefined) gathered.again();
      }
      this.#ledger.passed(edge, moved);
      return moved;
    }
    if (moved === AT_END) out.copy.closeOut(out);
    else if (moved === EMPTY) out.isReadable = false;
    gathered.again();
    return "blocked";
  }

  #moveOut({ fd }: CopyOut, join: JoinState): Moved | undefined {
    return this.#writer.attempt(
      join,
      () => fd === undefined ? AT_END : this.#io.move({ from: fd, to: join.fd, max: PIPE_BYTES }),
    );
  }
}
