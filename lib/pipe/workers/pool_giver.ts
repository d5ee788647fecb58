/**
 * Giving to pools of workers what the edges of their joins have: through memory, to be cut into lines, or straight into
 * the pipe of the worker whose block goes on.
 */
import { BLOCK_BYTES, TURN_BYTES } from "../../core/limits/streams.ts";
import type { DescriptorIo, Moved } from "../../host/descriptor_io/descriptor_io.ts";
import { AT_END, GONE, NOT_NOW } from "../../host/descriptor_io/descriptor_io.ts";
import { mergeLines } from "../move/merge_lines.ts";
import { EMPTY, moveReady } from "../state/move_ready.ts";
import type { PoolInput } from "../state/pool_sides.ts";
import type { RelayAgenda } from "../state/relay_agenda.ts";
import type { RelayEnds } from "../life/relay_ends.ts";
import type { RelayLedger } from "../state/relay_ledger.ts";
import type { EdgeState, JoinState } from "../state/relay_states.ts";
import { hasHeld, isLines, isLogged } from "../state/relay_states.ts";
import type { StreamReader } from "../move/stream_reader.ts";

export class PoolGiver {
  readonly #io: DescriptorIo;
  readonly #reader: StreamReader;
  readonly #ends: RelayEnds;
  readonly #ledger: RelayLedger;
  readonly #agenda: RelayAgenda;
  readonly #buffer = new Uint8Array(BLOCK_BYTES);

  constructor(
    { io, reader, ends, ledger, agenda }: {
      readonly io: DescriptorIo;
      readonly reader: StreamReader;
      readonly ends: RelayEnds;
      readonly ledger: RelayLedger;
      readonly agenda: RelayAgenda;
    },
  ) {
    this.#io = io;
    this.#reader = reader;
    this.#ends = ends;
    this.#ledger = ledger;
    this.#agenda = agenda;
  }

  /** Gives to a pool what it wants. */
  give(join: JoinState, input: PoolInput): void {
    if (isLines(join)) return this.#giveLines(join, input);
    for (let turn = 0; turn < TURN_BYTES;) {
      if (!input.wantsInput) {
        join.isWritable = false;
        return;
      }
      const edge = join.edges[join.current];
      if (edge === undefined) {
        input.end();
        return this.#ends.endJoin(join, "ended");
      }
      const passed = this.#passToCopy(edge, input);
      if (passed !== undefined) {
        if (passed === "empty") return;
        turn += passed;
        continue;
      }
      const count = this.#reader.read(edge, this.#buffer);
      if (count === AT_END) join.current += 1;
      else if (count < 0) return;
      else {
        input.take(this.#buffer.subarray(0, count));
        turn += count;
      }
    }
    this.#agenda.addJoin(join);
  }

  /** Whole lines of all edges, as they come. */
  #giveLines(join: JoinState, input: PoolInput): void {
    const end = mergeLines(join, {
      read: (edge, buffer) => this.#reader.read(edge, buffer),
      write: (bytes) => {
        join.isWritable = input.wantsInput;
        if (!join.isWritable) return NOT_NOW;
        input.take(bytes);
        return bytes.length;
      },
    });
    if (end === "ended") {
      input.end();
      this.#ends.endJoin(join, "ended");
    } else if (end === "more") this.#agenda.addJoin(join);
  }

  /** Moves bytes straight into the pipe of the worker whose block goes on; undefined when that cannot be done now. */
  #passToCopy(edge: EdgeState, input: PoolInput): number | "empty" | undefined {
    const target = input.directTarget();
    if (target === undefined) return undefined;
    const { copy } = target;
    const isHeld = hasHeld(edge);
    const moved = isHeld ? this.#load(edge, target) : this.#move(edge, target);
    if (moved === undefined) return undefined;
    if (moved > 0) {
      input.noteGiven(copy, moved);
      if (isHeld) this.#ledger.gave(edge, moved);
      else this.#ledger.passed(edge, moved);
      return moved;
    }
    if (moved === AT_END) this.#ends.endStream(edge.stream);
    else if (moved === GONE) copy.closeInput();
    else if (moved === NOT_NOW) copy.isWritable = false;
    else if (moved === EMPTY && !isHeld) return "empty";
    return undefined;
  }

  #load(
    { stream, position }: EdgeState,
    { fd, max }: { readonly fd: number; readonly max: number },
  ): Moved | undefined {
    const to = { to: fd, isToFile: false };
    return this.#reader.attempt(
      stream,
      () => moveReady(this.#io, to, () => stream.log.load(position, { ...to, max })),
    );
  }

  #move(
    edge: EdgeState,
    { fd, max }: { readonly fd: number; readonly max: number },
  ): Moved | undefined {
    const { stream } = edge;
    if (isLogged(stream) || stream.phase !== "open") return undefined;
    if (!stream.isReadable) return EMPTY;
    const from = this.#reader.descriptorOf(edge);
    if (from === undefined) return undefined;
    const allowed = this.#reader.allow(stream, max);
    // Whether the stream or its tap holds it up, it is told when that changes.
    if (allowed === NOT_NOW) return EMPTY;
    if (allowed === AT_END) return AT_END;
    const moved = this.#reader.attempt(
      stream,
      () =>
        moveReady(
          this.#io,
          { to: fd, isToFile: false },
          () => this.#io.move({ from, to: fd, max: allowed }),
        ),
    );
    if (moved === EMPTY) stream.isReadable = false;
    return moved;
  }
}
